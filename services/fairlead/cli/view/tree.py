"""Objects as a tree: what belongs to what."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from fairlead.cli.view.columns import columns
from fairlead.cli.view.states import ObjectState
from fairlead.cli.view.times import age, parsed
from fairlead.model.status import HealthStatus


class ParentRef(msgspec.Struct, frozen=True):
    """The owner of an object."""

    uid: str = ""


class Node(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One object of the tree."""

    kind: str
    name: str
    group: str = ""
    version: str = ""
    namespace: str = ""
    uid: str = ""
    parent_refs: tuple[ParentRef, ...] = ()
    health: HealthStatus | None = None
    created_at: str = ""


class Tree(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Objects of an application, and those in its namespace that belong to nobody."""

    nodes: tuple[Node, ...] = ()
    orphaned_nodes: tuple[Node, ...] = ()


class _Branch(msgspec.Struct, frozen=True):
    prefix: str
    node: Node


def tree_table(nodes: Sequence[Node], states: Sequence[ObjectState], *, detailed: bool) -> str:
    """The tree with status and health of each object; `detailed` adds age and reason."""
    known = {(state.kind, state.name): state for state in states}
    header = ("KIND/NAME", "STATUS", "HEALTH", "MESSAGE")
    if detailed:
        header = ("KIND/NAME", "STATUS", "HEALTH", "AGE", "MESSAGE", "REASON")  # type: ignore[assignment]
    rows = [_row(branch, known, detailed=detailed) for branch in _branches(nodes)]
    return columns([header, *rows])


def ownership_table(nodes: Sequence[Node], *, orphaned: bool) -> list[tuple[str, str, str, str]]:
    """Rows of kind and name as a tree, group, namespace, and whether they belong to nobody."""
    mark = "Yes" if orphaned else "No"
    return [
        (
            f"{branch.prefix}{branch.node.kind}/{branch.node.name}",
            branch.node.group,
            branch.node.namespace,
            mark,
        )
        for branch in _branches(nodes)
    ]


def roots(nodes: Sequence[Node]) -> list[Node]:
    """Objects that no other owns."""
    return [node for node in nodes if not node.parent_refs]


def _branches(nodes: Sequence[Node]) -> Iterator[_Branch]:
    owned: dict[str, list[Node]] = {}
    for node in nodes:
        for parent in node.parent_refs:
            owned.setdefault(parent.uid, []).append(node)
    for root in roots(nodes):
        yield _Branch("", root)
        yield from _below(root, owned, "", frozenset({root.uid}))


def _below(node: Node, owned: dict[str, list[Node]], indent: str, seen: frozenset[str]) -> Iterator[_Branch]:
    children = [child for child in owned.get(node.uid, ()) if node.uid and child.uid not in seen]
    for number, child in enumerate(children, 1):
        is_last = number == len(children)
        yield _Branch(f"{indent}{'└─' if is_last else '├─'}", child)
        deeper = indent + ("  " if is_last else "│ ")
        yield from _below(child, owned, deeper, seen | {child.uid})


def _row(branch: _Branch, known: dict[tuple[str, str], ObjectState], *, detailed: bool) -> tuple[str, ...]:
    node = branch.node
    state = known.get((node.kind, node.name))
    health = node.health or HealthStatus()
    title = f"{branch.prefix}{node.kind}/{node.name}"
    status, message = (state.status, state.message) if state else ("", "")
    shown_health = state.health if state else health.status.value
    if not detailed:
        return (title, status, shown_health, message)
    return (title, status, shown_health, _age(node), message, health.message)


def _age(node: Node) -> str:
    if not node.created_at:
        return "<unknown>"
    return age(int((datetime.now(UTC) - parsed(node.created_at)).total_seconds()))
