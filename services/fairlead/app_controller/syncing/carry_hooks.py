"""Frees and removes the hook objects that a step of a sync names.

Invariant: the very object that was judged is deleted, by its uid; a hook that cannot be freed or removed is
said of its task and stops no other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog

from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.syncing.put import namespace_of
from fairlead.app_controller.syncing.release import release
from fairlead.kube.delete import delete
from fairlead.kube.errors import ConflictError, KubeError, TransientError
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter, WriteFencedError
from fairlead.manifest.fields import Manifest, text_at, value_at
from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import HookPhase, ResourceResult, ResultCode
from fairlead.sync.observe import status_of
from fairlead.sync.plan import Plan
from fairlead.sync.step import Step

log = structlog.get_logger(__name__)

Work = Callable[[ResourceKey, Resource, Manifest], Awaitable[None]]
RELEASE_FAILED = "failed to remove hook finalizer"
REMOVAL_FAILED = "failed to delete resource"


class HookCarrier:
    """Does to the hooks of one plan what a step says."""

    def __init__(self, app: str, cluster: Cluster, writer: ClusterWriter, plan: Plan) -> None:
        self._app = app
        self._cluster = cluster
        self._writer = writer
        self._plan = plan

    async def carry(self, step: Step, live: Mapping[ResourceKey, Manifest]) -> list[ResourceResult]:
        """The records of those with which it did not work, one for each. Raises what may pass by itself."""
        refused = await self._each(step, step.release, live, self._release, RELEASE_FAILED)
        return refused + await self._each(step, step.delete_hooks, live, self._remove, REMOVAL_FAILED)

    async def _each(
        self,
        step: Step,
        keys: Iterable[ResourceKey],
        live: Mapping[ResourceKey, Manifest],
        work: Work,
        problem: str,
    ) -> list[ResourceResult]:
        """Free or remove hook objects; the records of those with which it did not work, one for each."""
        refused = []
        for key in keys:
            found, resource = live.get(key), self._cluster.discovery.resource_for(*key.group_kind)
            if found is None or resource is None:
                continue
            try:
                await work(key, resource, found)
            except (TransientError, ConflictError, WriteFencedError):
                raise
            except KubeError as error:
                refused.append(self._refused(step, key, f"{problem}: {error.message}"))
        return refused

    def _refused(self, step: Step, key: ResourceKey, text: str) -> ResourceResult:
        """The record of a hook that stays as it is: it fails what is still to run, not what has ended."""
        tasks = [task for task in self._plan.tasks if task.is_hook and task.key == key]
        task = next((task for task in tasks if step.results.is_pending(task)), tasks[-1])
        log.warning("sync.hook.stuck", app=self._app, object=str(key), reason=text[:500])
        status = status_of(task, step.results) if step.is_final else ResultCode.SYNC_FAILED
        return task.result(status, HookPhase.ERROR, text)

    async def _release(self, key: ResourceKey, resource: Resource, live: Manifest) -> None:
        raw = await release(self._writer, resource, key.name, namespace_of(key, resource), live)
        if raw is not None and not value_at(live, "metadata", "deletionTimestamp"):
            self._cluster.live.observe(raw)

    async def _remove(self, key: ResourceKey, resource: Resource, live: Manifest) -> None:
        await delete(
            self._writer,
            resource,
            key.name,
            namespace_of(key, resource),
            propagation="background",
            uid=text_at(live, "metadata", "uid") or None,
        )
