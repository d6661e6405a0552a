"""One page of applications, with counts by facet."""

import msgspec

from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.search.asked import SearchQuery, require_sound
from fairlead.api_server.operations.search.chosen import chosen, names_of
from fairlead.api_server.operations.search.counted import Facet, counted
from fairlead.api_server.operations.search.row import ApplicationRow, row_of
from fairlead.api_server.operations.search.visible import visible
from fairlead.api_server.operations.search.words import meaning


class ApplicationPage(msgspec.Struct, frozen=True, kw_only=True):
    """`total` applications are meant; `items` are those from `offset` on. A facet counts as if it was not
    narrowed itself, so that its other values can be offered."""

    total: int
    offset: int
    limit: int
    items: tuple[ApplicationRow, ...]
    facets: dict[str, Facet]


class _Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """The same with rows that are JSON already."""

    total: int
    offset: int
    limit: int
    items: tuple[msgspec.Raw, ...]
    facets: dict[str, Facet]


async def search(backend: Backend, caller: Caller, query: SearchQuery) -> msgspec.Struct:
    """ApplicationPage."""
    lookup.require_namespace(backend, query.app_namespace)
    require_sound(query)
    index, names = backend.mirrors.index, names_of(backend, caller, query)
    found = chosen(index, query, visible(backend, caller), names, meaning(backend) if query.search else None)
    order, is_down = query.order
    page = index.page(order, found.whole, offset=query.offset, limit=query.limit, is_down=is_down)
    return _Encoded(
        total=found.whole.bit_count(),
        offset=query.offset,
        limit=query.limit,
        items=tuple(msgspec.Raw(row_of(backend.moved.shown(one))) for one in page),
        facets=counted(index, query.counted, found, names),
    )
