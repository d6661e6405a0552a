"""What lies in a namespace and belongs to no application, for projects that want to know (contract 3).

Invariant: what the project does not permit, and what Kubernetes makes in every namespace, is no orphan.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.permission import Permission
from fairlead.kube.live_object import LiveObject
from fairlead.matching.globs import matches
from fairlead.model.appproject import OrphanedResource

MAX_ORPHANS = 5_000
"""Orphans of one application that are told or counted, with what descends from them."""
MADE_BY_KUBERNETES = (
    OrphanedResource(kind="ServiceAccount", name="default"),
    OrphanedResource(kind="ConfigMap", name="kube-root-ca.crt"),
)
"""In every namespace."""

HasOwner = Callable[[str], bool]
"""Whether there is an application of this instance, as objects are marked."""


def count_orphans(
    cluster: Cluster,
    namespace: str,
    permitted: Permission,
    ignored: tuple[OrphanedResource, ...],
    has_owner: HasOwner,
) -> int:
    """How many there are, with what descends from them; none of them is decoded."""
    level = orphan_roots(cluster, namespace, permitted, ignored, has_owner)
    seen: set[str] = set()
    while level and len(seen) < MAX_ORPHANS:
        level = [live for live in level if live.uid not in seen]
        seen.update(live.uid for live in level)
        level = [child for live in level for child in cluster.live.children_of(live.uid)]
    return min(len(seen), MAX_ORPHANS)


def orphan_roots(
    cluster: Cluster,
    namespace: str,
    permitted: Permission,
    ignored: tuple[OrphanedResource, ...],
    has_owner: HasOwner,
) -> list[LiveObject]:
    """Those that nothing else owns."""
    rules = (*MADE_BY_KUBERNETES, *ignored)
    return [
        live
        for live in cluster.live.index.in_namespace(namespace)
        if not live.owner_uids
        and (live.instance is None or not has_owner(live.instance))
        and permitted(*live.key, True)
        and not _is_kubernetes(live)
        and not any(_is_ignored(live, rule) for rule in rules)
    ]


def _is_kubernetes(live: LiveObject) -> bool:
    return live.key == ("", "Service", "default", "kubernetes")


def _is_ignored(live: LiveObject, rule: OrphanedResource) -> bool:
    return (
        matches(rule.group, live.key.group)
        and (not rule.kind or matches(rule.kind, live.key.kind))
        and (not rule.name or matches(rule.name, live.key.name))
    )
