"""What can be asked: the fields of the query, as `docs/search.md` and the OpenAPI document tell them."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from fairlead.api_server.facets import FACETS, ORDERS
from fairlead.api_server.operations.refusal import Code, RefusalError

LIMIT, MAX_LIMIT = 50, 500
MAX_WINDOW = 200
"""Applications of a window that is followed."""
MAX_OFFSET = 1_000_000
MAX_TEXT = 256
MAX_WORDS = 8
"""Words of a search: each is looked for in the text of every application, again with each change."""
MAX_VALUES = 200
"""Values that one facet may be narrowed to."""


def _told(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which applications. Several values of a field mean any of them, several fields all of them."""

    search: Annotated[
        str,
        _told(
            "words that all occur in name, project, cluster, namespace, repository, path, chart, images or"
            " the author of what is deployed, in any case, or that a revision begins with"
        ),
    ] = ""
    project: Annotated[tuple[str, ...], _told("names of projects")] = ()
    cluster: Annotated[tuple[str, ...], _told("names or servers of clusters")] = ()
    namespace: Annotated[tuple[str, ...], _told("destination namespaces")] = ()
    sync: Annotated[tuple[str, ...], _told("Synced, OutOfSync, Unknown")] = ()
    health: Annotated[
        tuple[str, ...], _told("Healthy, Progressing, Degraded, Suspended, Missing, Unknown")
    ] = ()
    operation: Annotated[
        tuple[str, ...],
        _told("phase of the last operation: Running, Terminating, Failed, Error, Succeeded"),
    ] = ()
    repo: Annotated[tuple[str, ...], _told("repositories, by URL in any spelling")] = ()
    label: Annotated[tuple[str, ...], _told("labels as key=value")] = ()
    image: Annotated[tuple[str, ...], _told("images in use, whole or without tag and digest")] = ()
    keys: Annotated[tuple[str, ...], _told("applications, each as namespace/name")] = ()
    auto_sync: Annotated[tuple[str, ...], _told("true or false")] = ()
    selector: Annotated[str, _told("a label selector in Kubernetes' text form")] = ""
    app_namespace: Annotated[str, _told("the namespace that the Application itself is in")] = ""
    sort: Annotated[
        str, _told(f"one of {', '.join(ORDERS)}; with a leading - from its end; the worst comes first")
    ] = "name"
    offset: Annotated[int, _told("applications that are left out before the first")] = 0
    limit: Annotated[int, _told(f"applications of a page, at most {MAX_LIMIT}; 0 only counts")] = LIMIT
    facets: Annotated[
        tuple[str, ...], _told(f"what is counted: any of {', '.join(FACETS)}; all unless given, or none")
    ] = ()

    @property
    def order(self) -> tuple[str, bool]:
        """What is sorted by, and whether from its end."""
        return self.sort.removeprefix("-"), self.sort.startswith("-")

    @property
    def counted(self) -> tuple[str, ...]:
        """The facets that are counted."""
        return () if self.facets == ("none",) else self.facets or tuple(FACETS)


class WindowQuery(SearchQuery, frozen=True, kw_only=True, rename="camel"):
    """The same, to be followed; nothing is counted unless it is asked for."""

    last_event_id: Annotated[str, _told("the header Last-Event-ID, for clients that cannot send it")] = ""

    @property
    def counted(self) -> tuple[str, ...]:
        """The facets that are counted."""
        return () if self.facets == ("none",) else self.facets


def require_sound(query: SearchQuery, *, most: int = MAX_LIMIT) -> None:
    """Raises INVALID_ARGUMENT for what cannot be answered."""
    for problem in _problems(query, most):
        raise RefusalError(Code.INVALID_ARGUMENT, problem)


def _problems(query: SearchQuery, most: int) -> Iterator[str]:
    if query.order[0] not in ORDERS:
        yield f"sort {query.sort[:40]!r} is not one of {', '.join(ORDERS)}"
    for facet in query.counted:
        if facet not in FACETS:
            yield f"facet {facet[:40]!r} is not one of {', '.join(FACETS)}"
    if not 0 <= query.limit <= most:
        yield f"limit is not from 0 to {most}"
    if not 0 <= query.offset <= MAX_OFFSET:
        yield f"offset is not from 0 to {MAX_OFFSET}"
    if len(query.search) > MAX_TEXT:
        yield f"search has more than {MAX_TEXT} characters"
    if len(query.search.split()) > MAX_WORDS:
        yield f"search has more than {MAX_WORDS} words"
    if any(len(getattr(query, field)) > MAX_VALUES for field in (*FIELDS.values(), "image", "keys")):
        yield f"a field has more than {MAX_VALUES} values"


FIELDS = {facet: "auto_sync" if facet == "autoSync" else facet for facet in FACETS}
"""The field that narrows each facet."""
