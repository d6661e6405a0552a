"""Ends the hooks of an operation that has no plan by which to end: it may not go on, or has no manifests.

Invariant: only hooks that the operation itself says it made, and that are the application's.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.clusters import Cluster, DestinationError
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.app_controller.syncing.hook_ends import end_hooks, free_hooks, owner
from fairlead.settings import ControllerSettings


class CutOff:
    """Ends hooks of operations. Raises KubeError."""

    def __init__(self, checks: Checks, settings: Callable[[], ControllerSettings]) -> None:
        self._checks = checks
        self._settings = settings

    async def let_go(self, record: Record) -> None:
        """An operation that may not go on holds no hook, where its cluster is one still."""
        state = record.app.status.operation_state if record.app.operation is not None else None
        result = state.sync_result if state is not None and not state.phase.is_final else None
        hooks = [item for item in result.resources if item.hook_type] if result is not None else []
        with suppress(ImpersonationError, DestinationError):
            if hooks:
                cluster = self._checks.cluster_of(record.app)
                writer = self._checks.writer(record.app, cluster)
                owns = owner(record.instance, self._settings().tracking)
                await free_hooks(writer, cluster, hooks, owns=owns)

    async def end(self, record: Record, cluster: Cluster) -> None:
        """Without manifests there is no plan by which to end: its hooks end."""
        state = record.app.status.operation_state
        result = state.sync_result if state is not None else None
        with suppress(ImpersonationError):
            writer = self._checks.writer(record.app, cluster)
            owns = owner(record.instance, self._settings().tracking)
            await end_hooks(writer, cluster, result.resources if result is not None else (), owns=owns)
