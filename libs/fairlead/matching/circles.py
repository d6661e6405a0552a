"""The circles of a graph: what can be come back to, by Tarjan's search of strongly connected components.

Invariant: pure, and as long as there are nodes and edges; no recursion, however long a path is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar


class _Sortable(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...

    def __hash__(self) -> int: ...


N = TypeVar("N", bound=_Sortable)


MOST = 1000
"""Nodes that are looked at for one circle."""


def circle_of(start: N, edges: Callable[[N], Iterable[N]]) -> tuple[N, ...]:
    """All with which a node is connected both ways, sorted; () for none, and behind so many nodes that no
    more are looked at (`MOST`)."""
    found: dict[N, list[N]] = {}
    ahead = [start]
    while ahead and len(found) < MOST:
        node = ahead.pop()
        if node not in found:
            found[node] = list(edges(node))
            ahead += found[node]
    return circles(found).get(start, ())


def circles(edges: Mapping[N, Iterable[N]]) -> dict[N, tuple[N, ...]]:
    """Of each node that can come back to itself all with which it is connected both ways, sorted (Tarjan)."""
    number: dict[N, int] = {}
    low: dict[N, int] = {}
    open_nodes: dict[N, None] = {}
    found: dict[N, tuple[N, ...]] = {}
    for root in edges:
        if root in number:
            continue
        path = [(root, iter(edges.get(root, ())))]
        number[root] = low[root] = len(number)
        open_nodes[root] = None
        while path:
            node, rest = path[-1]
            follower = next(rest, None)
            if follower is None:
                path.pop()
                if path:
                    above = path[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == number[node]:
                    found.update(_closed(node, open_nodes, edges))
            elif follower not in number:
                number[follower] = low[follower] = len(number)
                open_nodes[follower] = None
                path.append((follower, iter(edges.get(follower, ()))))
            elif follower in open_nodes:
                low[node] = min(low[node], number[follower])
    return found


def _closed(node: N, open_nodes: dict[N, None], edges: Mapping[N, Iterable[N]]) -> dict[N, tuple[N, ...]]:
    """Those that were opened since a node, which belong together."""
    members = []
    while True:
        one, _ = open_nodes.popitem()
        members.append(one)
        if one == node:
            break
    if len(members) == 1 and node not in edges.get(node, ()):
        return {}
    together = tuple(sorted(members))
    return dict.fromkeys(members, together)
