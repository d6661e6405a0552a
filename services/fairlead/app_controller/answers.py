"""Answers other processes' questions about applications: the resource tree, managed objects, one live object.

Invariant: no value of a Secret leaves this module; `named` finds what is shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.clusters import Cluster
from fairlead.app_controller.explain import managed_resources
from fairlead.app_controller.item import Comparison, Item, Subject
from fairlead.app_controller.marks import images_of
from fairlead.app_controller.named import Named
from fairlead.bus import Bus
from fairlead.diff.mask import masked
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.health import Health, assess
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.identity import ResourceKey
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

Handler = Callable[[str, bytes], Awaitable[bytes]]
Compared = Callable[[Record], Awaitable[tuple[Subject, Comparison] | None]]


class Answers:
    """Serves `rpc.controller.0.*`, for the clusters that are ours; `others` answer the verbs that write, run
    scripts or go on."""

    def __init__(
        self,
        bus: Bus,
        named: Named,
        *,
        compared: Compared,
        masked_annotations: Callable[[], tuple[str, ...]],
        others: Mapping[str, Handler],
    ) -> None:
        self._bus = bus
        self._named = named
        self._compared = compared
        self._others = others
        self._masked = masked_annotations

    async def serve(self) -> None:
        """Subscribe to every verb."""
        answers = {
            TREE: self._tree,
            MANAGED: self._managed,
            LIVE: self._live,
            **self._others,
        }
        for verb, answer in answers.items():
            await self._bus.serve(subjects.rpc_controller(0, verb), answer)

    async def _tree(self, _: str, payload: bytes) -> bytes:
        query = decode(ApplicationQuery, payload)
        record, cluster = self._named.place(query)
        compared = await self._compared(record)
        items = compared[1].items if compared is not None else ()
        return encode(ResourceTree(nodes=tuple(tree_nodes(items, cluster))))

    async def _managed(self, _: str, payload: bytes) -> bytes:
        query = decode(ApplicationQuery, payload)
        record, _cluster = self._named.place(query)
        compared = await self._compared(record)
        if compared is None:
            return encode(ManagedResources())
        subject, comparison = compared
        items = [item for item in comparison.items if _matches(item.key, query)]
        return encode(ManagedResources(items=await managed_resources(subject, items, self._masked())))

    async def _live(self, _: str, payload: bytes) -> bytes:
        _record, _cluster, live = self._named.live(decode(ApplicationQuery, payload))
        (shown,) = masked(live.decoded(), annotations=self._masked())
        return encode(LiveResource(manifest=msgspec.json.encode(shown).decode()))


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
