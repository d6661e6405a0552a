"""The tree of an application as a page is told of it, and how two of them differ.

The invariant: who takes the difference of two pictures has the second one.
"""

from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.view.told import NO_HEALTH, NodeFact, NodeHealth, ViewNode
from fairlead.rpc import ResourceNode, ResourceTree

LARGE = 1000
"""Nodes from which a picture is made in a thread; below, it takes a few milliseconds."""


class _Resource(msgspec.Struct, frozen=True, rename="camel"):
    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    status: str = ""
    hook: bool = False
    requires_pruning: bool = False
    requires_deletion_confirmation: bool = False
    sync_wave: int = 0


class _Status(msgspec.Struct, frozen=True):
    resources: list[_Resource] | None = None


class _Application(msgspec.Struct, frozen=True):
    status: _Status = _Status()


_APPLICATION = msgspec.json.Decoder(_Application)
_ENCODER = msgspec.json.Encoder()
_NOTHING = _Resource()


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """Nodes as JSON by their keys; what nobody owns, the hosts, and what the application waits for, as JSON
    each."""

    nodes: dict[str, bytes]
    orphans: bytes = b"[]"
    hosts: bytes = b"[]"
    outlook: bytes = b"{}"


def key_of(group: str, kind: str, namespace: str, name: str) -> str:
    """What a node is known by."""
    return f"{group}/{kind}/{namespace}/{name}"


def picture_of(tree: ResourceTree, document: ApplicationDocument) -> Picture:
    """The tree with what the application's status says of its objects."""
    said = {
        key_of(one.group, one.kind, one.namespace, one.name): one
        for one in _APPLICATION.decode(document.json).status.resources or ()
    }
    nodes = (_shown(node, said) for node in tree.nodes)
    return Picture(
        nodes={node.key: _ENCODER.encode(node) for node in nodes},
        orphans=_ENCODER.encode([_shown(node, {}) for node in tree.orphaned_nodes]),
        hosts=_ENCODER.encode(tree.hosts),
        outlook=_ENCODER.encode(tree.outlook),
    )


def _shown(node: ResourceNode, said: dict[str, _Resource]) -> ViewNode:
    key = key_of(node.group, node.kind, node.namespace, node.name)
    found = said.get(key, _NOTHING)
    return ViewNode(
        key=key,
        group=node.group,
        version=node.version,
        kind=node.kind,
        namespace=node.namespace,
        name=node.name,
        uid=node.uid,
        parent_refs=node.parent_refs,
        info=tuple(NodeFact(name=each.get("name", ""), value=each.get("value", "")) for each in node.info),
        networking_info=node.networking_info or {},
        resource_version=node.resource_version,
        images=node.images,
        health=_health(node.health),
        created_at=node.created_at or "",
        managed=found is not _NOTHING,
        sync=found.status,
        sync_wave=found.sync_wave,
        hook=found.hook,
        requires_pruning=found.requires_pruning,
        requires_deletion_confirmation=found.requires_deletion_confirmation,
    )


def _health(said: dict[str, str] | None) -> NodeHealth:
    return NodeHealth(status=said.get("status", ""), message=said.get("message", "")) if said else NO_HEALTH


def whole(now: Picture, problem: str = "") -> bytes:
    """The event that says all of it."""
    return _event(
        whole=True,
        nodes=[msgspec.Raw(node) for node in now.nodes.values()],
        orphans=msgspec.Raw(now.orphans),
        hosts=msgspec.Raw(now.hosts),
        problem=problem,
    )


def difference(before: Picture, now: Picture, problem: str = "") -> bytes | None:
    """The event that makes the one of the other; None when they are the same."""
    nodes = [msgspec.Raw(node) for key, node in now.nodes.items() if before.nodes.get(key) != node]
    removed = [key for key in before.nodes if key not in now.nodes]
    fields: dict[str, Any] = {"nodes": nodes, "removed": removed}
    if before.orphans != now.orphans:
        fields["orphans"] = msgspec.Raw(now.orphans)
    if before.hosts != now.hosts:
        fields["hosts"] = msgspec.Raw(now.hosts)
    has_changed = bool(nodes or removed or before.orphans != now.orphans or before.hosts != now.hosts)
    return _event(**fields, problem=problem) if has_changed else None


def trouble(problem: str) -> bytes:
    """The event that says why the tree may be another by now, or with "" that it is fresh."""
    return _event(problem=problem)


def waiting(before: Picture | None, now: Picture) -> bytes | None:
    """The event that says what the application waits for; None when that is as it was told."""
    if before is not None and before.outlook == now.outlook:
        return None
    return b'{"type":"WAITING","outlook":%b}' % now.outlook


def _event(**fields: Any) -> bytes:
    return _ENCODER.encode({"type": "TREE", **{key: value for key, value in fields.items() if value}})
