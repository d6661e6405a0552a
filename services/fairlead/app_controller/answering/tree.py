"""The resource tree of an application: its objects, what descends from them, orphans, and the nodes they use.

Invariant: an object is in the tree once; what the project does not permit is no orphan of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.app_controller.answering.node_info import info_of, networking_of
from fairlead.app_controller.comparing.item import Item
from fairlead.app_controller.comparing.marks import images_of
from fairlead.app_controller.comparing.orphans import MAX_ORPHANS, HasOwner, orphan_roots
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.destination.scripted import HealthScripts
from fairlead.app_controller.permission import Permission
from fairlead.health import Health
from fairlead.kube.live_object import LiveObject
from fairlead.model.appproject import OrphanedResource
from fairlead.rpc import ResourceNode, ResourceRef

MAX_NODES = 20_000
"""Nodes of one tree; what is beyond is left out."""
POD = ("", "Pod")
"""Whose nodes show images: those that run, not those that are asked for."""

Level = list[tuple[LiveObject, tuple[ResourceRef, ...]]]


def tree_nodes(
    items: Iterable[Item], cluster: Cluster, shown_labels: tuple[str, ...] = ()
) -> list[ResourceNode]:
    """The managed objects and everything that descends from them, each once."""
    items = list(items)
    absent = [_absent_node(item) for item in items if item.live is None]
    roots = [item.live for item in items if item.live is not None]
    return [*absent, *descendants(roots, cluster, limit=MAX_NODES - len(absent), shown_labels=shown_labels)][
        :MAX_NODES
    ]


def descendants(
    roots: Iterable[LiveObject], cluster: Cluster, *, limit: int, shown_labels: tuple[str, ...] = ()
) -> list[ResourceNode]:
    """These objects and everything below them, level by level."""
    nodes: list[ResourceNode] = []
    level: Level = [(root, ()) for root in roots]
    seen: set[str] = set()
    while level and len(nodes) < limit:
        below: Level = []
        for live, parents in level:
            if live.uid in seen:
                continue
            seen.add(live.uid)
            nodes.append(_node(live, parents, cluster.health, shown_labels))
            reference = _reference(live)
            below += [(child, (reference,)) for child in cluster.live.children_of(live.uid)]
        level = below
    return nodes[:limit]


def orphans(
    cluster: Cluster,
    namespace: str,
    permitted: Permission,
    ignored: tuple[OrphanedResource, ...],
    has_owner: HasOwner,
    *,
    shown_labels: tuple[str, ...] = (),
) -> list[ResourceNode]:
    """What lies in a namespace and belongs to no application, with what descends from it."""
    roots = orphan_roots(cluster, namespace, permitted, ignored, has_owner)
    roots.sort(key=lambda live: live.key)
    return descendants(roots, cluster, limit=MAX_ORPHANS, shown_labels=shown_labels)


def _node(
    live: LiveObject,
    parents: tuple[ResourceRef, ...],
    scripts: HealthScripts,
    shown_labels: tuple[str, ...],
) -> ResourceNode:
    brief = live.brief()
    return ResourceNode(
        group=live.key.group,
        version=live.version,
        kind=live.key.kind,
        namespace=live.key.namespace,
        name=live.key.name,
        uid=live.uid,
        parent_refs=parents,
        info=info_of(live, brief, shown_labels),
        networking_info=networking_of(live, brief),
        resource_version=live.resource_version,
        images=tuple(images_of(brief)) if (live.key.group, live.key.kind) == POD else (),
        health=_health(scripts.of(brief)),
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
