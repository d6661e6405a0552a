"""The end of the hooks of an operation, whatever became of it: none is left with our finalizer.

Invariant: only what carries the application's mark is touched, and only the very object that was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import structlog

from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.syncing.put import namespace_of
from fairlead.app_controller.syncing.release import release
from fairlead.kube.delete import delete
from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.fields import Manifest, annotation_of, mapping_at, text_at
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.tracking import Tracking, owner_of
from fairlead.model.sync import HookPhase, ResourceResult
from fairlead.sync.hooks import OPERATION
from fairlead.sync.observe import is_held

log = structlog.get_logger(__name__)

Owns: TypeAlias = Callable[[Manifest], bool]


class _Hook(NamedTuple):
    key: ResourceKey
    resource: Resource
    live: Manifest
    is_running: bool


def owner(instance: str, tracking: Tracking) -> Owns:
    """Whether a live object carries an application's mark."""
    return lambda live: owner_of(mapping_at(live, "metadata"), *tracking) == instance


async def free_hooks(
    writer: ClusterWriter, cluster: Cluster, records: Iterable[ResourceResult], *, owns: Owns
) -> None:
    """Take our finalizer off every hook among the records that still has it."""
    for hook in _hooks(cluster, records, owns):
        await _freed(writer, hook)


async def free_unrecorded(
    writer: ClusterWriter, cluster: Cluster, instance: str, mark: str, *, owns: Owns
) -> None:
    """Take our finalizer off hooks that an attempt made (`mark` is that of the attempt) and that no record
    names, since the controller was killed between the two.
    """
    for live in cluster.live.owned_by(instance):
        if not live.is_whole:
            continue  # a copy of the mark that a controller made
        obj = live.decoded()
        resource = cluster.discovery.resource_for(*live.group_kind)
        is_of_it = annotation_of(obj, OPERATION).startswith(f"{mark}-")
        if resource is not None and is_of_it and is_held(obj) and owns(obj):
            await _freed(writer, _Hook(live.key, resource, obj, is_running=True))


async def end_hooks(
    writer: ClusterWriter, cluster: Cluster, records: Iterable[ResourceResult], *, owns: Owns
) -> None:
    """The same, and those that still run are deleted."""
    for hook in _hooks(cluster, records, owns):
        await _freed(writer, hook)
        if hook.is_running:
            await _deleted(writer, hook)


def _hooks(cluster: Cluster, records: Iterable[ResourceResult], owns: Owns) -> Iterator[_Hook]:
    for record in records:
        key = ResourceKey(record.group, record.kind, record.namespace, record.name)
        live = cluster.live.get(key) if record.hook_type else None
        resource = cluster.discovery.resource_for(*key.group_kind)
        if live is not None and resource is not None and owns(found := live.brief()):
            yield _Hook(key, resource, found, record.hook_phase is HookPhase.RUNNING)


async def _freed(writer: ClusterWriter, hook: _Hook) -> None:
    key = hook.key
    try:
        await release(writer, hook.resource, key.name, namespace_of(key, hook.resource), hook.live)
    except KubeError as error:
        log.warning("sync.hook.held", object=str(key), reason=error.message)


async def _deleted(writer: ClusterWriter, hook: _Hook) -> None:
    key, uid = hook.key, text_at(hook.live, "metadata", "uid") or None
    namespace = namespace_of(key, hook.resource)
    try:
        await delete(writer, hook.resource, key.name, namespace, propagation="background", uid=uid)
    except KubeError as error:
        log.warning("sync.hook.left", object=str(key), reason=error.message)
