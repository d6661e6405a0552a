"""What a cluster serves, as charts are told it: changes count once they have settled.

Why: installing a provider brings a thousand definitions within a minute, and each would have every chart
rendered again. Invariant: what was served when the cluster was read first counts at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fairlead.events import Capabilities
from fairlead.kube.discovery import Discovery

SETTLE = 3.0
"""Seconds without another change before a change counts."""
SETTLE_AT_MOST = 30.0
"""Seconds after which it counts although others follow."""


class Serving:
    """Follows one cluster's discovery; `on_change` is told when what charts are told has changed."""

    def __init__(self, discovery: Discovery, on_change: Callable[[], None]) -> None:
        self._discovery = discovery
        self._on_change = on_change
        self._current: Capabilities | None = None
        self._digest = ""
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    @property
    def current(self) -> Capabilities:
        """What charts are told now."""
        if self._current is None:
            found = self._found()
            if not self._discovery.is_ready:
                return found
            self._current, self._digest = found, found.digest
        return self._current

    @property
    def digest(self) -> str:
        """The digest of that."""
        return self._digest or self.current.digest

    def look(self) -> None:
        """Discovery may have found something else."""
        if self._current is None or not self._discovery.is_ready:
            return
        loop = asyncio.get_running_loop()
        if self._timer is None:
            self._due = loop.time() + SETTLE_AT_MOST
        else:
            self._timer.cancel()
        self._timer = loop.call_at(min(self._due, loop.time() + SETTLE), self._settled)

    def close(self) -> None:
        """The cluster is not followed any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _settled(self) -> None:
        self._timer = None
        found = self._found()
        if found != self._current:
            self._current, self._digest = found, found.digest
            self._on_change()

    def _found(self) -> Capabilities:
        return Capabilities(
            kube_version=self._discovery.server_version.kube_version,
            api_versions=tuple(self._discovery.catalogue.api_versions()),
        )
