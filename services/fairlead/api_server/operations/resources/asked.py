"""What can be asked of the objects of all applications."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import msgspec

from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.search.asked import (
    LIMIT,
    MAX_LIMIT,
    MAX_OFFSET,
    MAX_TEXT,
    MAX_VALUES,
    MAX_WORDS,
)
from fairlead.api_server.resource_index import Found

FACETS = ("kind", "health", "sync", "namespace", "cluster", "project", "application")
_HEALTH = {"Degraded": 0, "Missing": 1, "Unknown": 2, "Progressing": 3, "Suspended": 4, "Healthy": 5}
_SYNC = {"OutOfSync": 0, "Unknown": 1, "Synced": 2}

ORDERS: Mapping[str, Callable[[Found], Any]] = {
    "name": lambda one: one.name,
    "kind": lambda one: one.kind,
    "namespace": lambda one: one.namespace,
    "application": lambda one: one.document.name,
    "project": lambda one: one.document.project,
    "cluster": lambda one: one.document.destination,
    "health": lambda one: _HEALTH.get(one.health, 6),
    "sync": lambda one: _SYNC.get(one.sync, 3),
}
"""What lists are ordered by; the worst comes first of what has a worst."""


def _told(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class ResourceSearchQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which objects. Several values of a field mean any of them, several fields all of them."""

    search: Annotated[
        str, _told("words that all occur in name, kind, namespace or application, in any case")
    ] = ""
    group: Annotated[tuple[str, ...], _told("API groups")] = ()
    kind: Annotated[tuple[str, ...], _told("kinds, with or without group/")] = ()
    health: Annotated[
        tuple[str, ...], _told("Healthy, Progressing, Degraded, Suspended, Missing, Unknown")
    ] = ()
    sync: Annotated[tuple[str, ...], _told("Synced, OutOfSync, Unknown")] = ()
    namespace: Annotated[tuple[str, ...], _told("namespaces of the objects")] = ()
    cluster: Annotated[tuple[str, ...], _told("names or servers of clusters")] = ()
    project: Annotated[tuple[str, ...], _told("names of projects")] = ()
    application: Annotated[tuple[str, ...], _told("applications, each as namespace/name")] = ()
    sort: Annotated[str, _told(f"one of {', '.join(ORDERS)}; with a leading - from its end")] = "name"
    offset: Annotated[int, _told("objects that are left out before the first")] = 0
    limit: Annotated[int, _told(f"objects of a page, at most {MAX_LIMIT}; 0 only counts")] = LIMIT
    facets: Annotated[
        tuple[str, ...], _told(f"what is counted: any of {', '.join(FACETS)}; all unless given, or none")
    ] = ()

    @property
    def counted(self) -> tuple[str, ...]:
        """The facets that are counted."""
        return () if self.facets == ("none",) else self.facets or FACETS


def require_sound(query: ResourceSearchQuery) -> None:
    """Raises INVALID_ARGUMENT for what cannot be answered."""
    for problem in _problems(query):
        raise RefusalError(Code.INVALID_ARGUMENT, problem)


def _problems(query: ResourceSearchQuery) -> Iterator[str]:
    if query.sort.removeprefix("-") not in ORDERS:
        yield f"sort {query.sort[:40]!r} is not one of {', '.join(ORDERS)}"
    for facet in query.counted:
        if facet not in FACETS:
            yield f"facet {facet[:40]!r} is not one of {', '.join(FACETS)}"
    if not 0 <= query.limit <= MAX_LIMIT:
        yield f"limit is not from 0 to {MAX_LIMIT}"
    if not 0 <= query.offset <= MAX_OFFSET:
        yield f"offset is not from 0 to {MAX_OFFSET}"
    if len(query.search) > MAX_TEXT or len(query.search.split()) > MAX_WORDS:
        yield f"search has more than {MAX_TEXT} characters, or {MAX_WORDS} words"
    if any(len(getattr(query, field)) > MAX_VALUES for field in ("group", *FACETS)):
        yield f"a field has more than {MAX_VALUES} values"
