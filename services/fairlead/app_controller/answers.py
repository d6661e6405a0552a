"""Answers other processes' questions about applications: the resource tree, managed objects, one live object.

Invariant: no value of a Secret leaves this module; only objects of the application that was named are shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.clusters import Cluster, Clusters, DestinationError, Owned
from fairlead.app_controller.explain import managed_resources
from fairlead.app_controller.item import Comparison, Item, Subject
from fairlead.app_controller.marks import images_of
from fairlead.app_controller.validate import Checks
from fairlead.bus import Bus, NotOursError, RemoteError
from fairlead.diff.mask import masked
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.health import Health, assess
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.tracking import self_referenced
from fairlead.model.application import AppId
from fairlead.rpc import (
    ApplicationQuery,
    LiveResource,
    ManagedResources,
    ResourceNode,
    ResourceRef,
    ResourceTree,
)
from fairlead.rpc.controller import LIVE, MANAGED, TREE

MAX_NODES = 20_000
"""Nodes of one tree; what is beyond is left out."""

Compared = Callable[[Record], Awaitable[tuple[Subject, Comparison] | None]]


class Answers:
    """Serves `rpc.controller.0.*` from memory, for the clusters that are ours."""

    def __init__(
        self,
        bus: Bus,
        book: Book,
        clusters: Clusters,
        *,
        checks: Checks,
        owned: Owned,
        is_alone: Callable[[], bool],
        compared: Compared,
        masked_annotations: Callable[[], tuple[str, ...]],
    ) -> None:
        self._bus = bus
        self._book = book
        self._clusters = clusters
        self._checks = checks
        self._owned = owned
        self._is_alone = is_alone
        self._compared = compared
        self._masked = masked_annotations

    async def serve(self) -> None:
        """Subscribe to every verb."""
        for verb, answer in ((TREE, self._tree), (MANAGED, self._managed), (LIVE, self._live)):
            await self._bus.serve(subjects.rpc_controller(0, verb), answer)

    async def _tree(self, _: str, payload: bytes) -> bytes:
        query = decode(ApplicationQuery, payload)
        record, cluster = self._found(query)
        compared = await self._compared(record)
        items = compared[1].items if compared is not None else ()
        return encode(ResourceTree(nodes=tuple(tree_nodes(items, cluster))))

    async def _managed(self, _: str, payload: bytes) -> bytes:
        query = decode(ApplicationQuery, payload)
        record, _cluster = self._found(query)
        compared = await self._compared(record)
        if compared is None:
            return encode(ManagedResources())
        subject, comparison = compared
        items = [item for item in comparison.items if _matches(item.key, query)]
        return encode(ManagedResources(items=await managed_resources(subject, items, self._masked())))

    async def _live(self, _: str, payload: bytes) -> bytes:
        query = decode(ApplicationQuery, payload)
        record, cluster = self._found(query)
        key = ResourceKey(query.group, query.kind, query.resource_namespace, query.resource_name)
        live = cluster.live.get(key)
        if live is None or not self._belongs(live, record, cluster):
            raise RemoteError("NotFound", f"{key} is not part of application {record.id.name}")
        (shown,) = masked(live.decoded(), annotations=self._masked())
        return encode(LiveResource(manifest=msgspec.json.encode(shown).decode()))

    def _belongs(self, live: LiveObject, record: Record, cluster: Cluster) -> bool:
        """Whether the object, or an object above it, is the application's: by a mark of its own, not one that
        was copied, and within what the project lets it manage."""
        tracking, permitted = self._checks.tracking, self._checks.permits(record.app, cluster.entry)

        def is_ours(root: LiveObject) -> bool:
            return (
                root.instance == record.instance
                and self_referenced(root.decoded(), tracking.method)
                and permitted(*root.key, bool(root.key.namespace))
            )

        return is_ours(live) or any(is_ours(root) for root in cluster.live.index.roots_of(live))

    def _found(self, query: ApplicationQuery) -> tuple[Record, Cluster]:
        record = self._book.get(AppId(query.namespace, query.name))
        if not self._is_ours(record):
            raise NotOursError
        if record is None:
            raise RemoteError("NotFound", f"application {query.namespace}/{query.name} is not known")
        try:
            return record, self._clusters.resolve(record.app.spec.destination)
        except DestinationError as error:
            raise RemoteError("FailedPrecondition", str(error)) from error

    def _is_ours(self, record: Record | None) -> bool:
        """Every replica hears every question; the one that owns the cluster answers."""
        if record is None:
            return self._is_alone()
        return self._owned.owns(self._clusters.key_of(record.app.spec.destination))


def tree_nodes(items: Iterable[Item], cluster: Cluster) -> list[ResourceNode]:
    """The managed objects and everything that descends from them, each once."""
    nodes: list[ResourceNode] = []
    level: list[tuple[LiveObject, tuple[ResourceRef, ...]]] = []
    for item in items:
        if item.live is None:
            nodes.append(_absent_node(item))
        else:
            level.append((item.live, ()))
    seen: set[str] = set()
    while level and len(nodes) < MAX_NODES:
        below: list[tuple[LiveObject, tuple[ResourceRef, ...]]] = []
        for live, parents in level:
            if live.uid in seen:
                continue
            seen.add(live.uid)
            nodes.append(_node(live, parents))
            reference = _reference(live)
            below += [(child, (reference,)) for child in cluster.live.children_of(live.uid)]
        level = below
    return nodes[:MAX_NODES]


def _node(live: LiveObject, parents: tuple[ResourceRef, ...]) -> ResourceNode:
    decoded = live.decoded()
    health = assess(decoded)
    return ResourceNode(
        group=live.key.group,
        version=live.version,
        kind=live.key.kind,
        namespace=live.key.namespace,
        name=live.key.name,
        uid=live.uid,
        parent_refs=parents,
        resource_version=live.resource_version,
        images=tuple(images_of(decoded)),
        health=_health(health),
        created_at=live.creation_timestamp,
    )


def _absent_node(item: Item) -> ResourceNode:
    return ResourceNode(
        group=item.key.group,
        version=item.version,
        kind=item.key.kind,
        namespace=item.key.namespace,
        name=item.key.name,
        health={"status": "Missing"},
    )


def _health(health: Health | None) -> dict[str, str] | None:
    if health is None:
        return None
    return {"status": health.status.value, **({"message": health.message} if health.message else {})}


def _reference(live: LiveObject) -> ResourceRef:
    return ResourceRef(
        group=live.key.group,
        version=live.version,
        kind=live.key.kind,
        namespace=live.key.namespace,
        name=live.key.name,
        uid=live.uid,
    )


def _matches(key: ResourceKey, query: ApplicationQuery) -> bool:
    return (
        query.group in ("", key.group)
        and query.kind in ("", key.kind)
        and query.resource_namespace in ("", key.namespace)
        and query.resource_name in ("", key.name)
    )
