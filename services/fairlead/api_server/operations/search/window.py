"""A page of applications that is followed: first the whole, then only what changes in it.

The invariant: a client that does as `docs/search.md` says has, after each event, what a search would answer
at that moment. What it may not see any more leaves the window with the right.
"""

import asyncio
from bisect import bisect_left
from collections.abc import AsyncGenerator, Iterator
from typing import Literal

import msgspec

from fairlead.api_server.calls.told import Told
from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.search.asked import MAX_WINDOW, WindowQuery, require_sound
from fairlead.api_server.operations.search.chosen import Chosen, chosen, names_of
from fairlead.api_server.operations.search.counted import Facet, counted
from fairlead.api_server.operations.search.held import Shown
from fairlead.api_server.operations.search.row import ApplicationRow, key_of, row_of
from fairlead.api_server.operations.search.visible import visible
from fairlead.api_server.operations.search.words import meaning

BEAT = 5.0
"""Seconds after which a quiet window says so."""
GATHER = 0.25
"""Seconds between two events of a window."""
COUNT_EVERY = 1.0
"""Seconds between two counts by facet."""


class PlacedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row, and where it is in the window."""

    at: int
    item: ApplicationRow


class WindowEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`WINDOW`: `items` are the whole window. `CHANGE`: first drop the rows whose keys are `removed`, then
    take `rows` in their order: where the row at `at` has the same key it is replaced, otherwise the new one
    is inserted there. `total` applications are meant; `facets` are there when counts are asked for and have
    changed."""

    type: Literal["WINDOW", "CHANGE"]
    total: int
    items: tuple[ApplicationRow, ...] = ()
    removed: tuple[str, ...] = ()
    rows: tuple[PlacedRow, ...] = ()
    facets: dict[str, Facet] = {}


async def follow(backend: Backend, caller: Caller, query: WindowQuery) -> AsyncGenerator[Told | None, None]:
    """WindowEvents; None first, and every BEAT seconds without one."""
    lookup.require_namespace(backend, query.app_namespace)
    require_sound(query, most=MAX_WINDOW)
    view = _View(backend, caller, query)
    owner = (caller.issuer, caller.username, caller.groups)
    question = msgspec.structs.replace(query, last_event_id="")
    window, shown = backend.windows.opened(query.last_event_id, owner, question)
    loop = asyncio.get_running_loop()
    try:
        yield None
        while not window.is_taken:
            due = loop.time() + GATHER
            event, shown = view.event(shown)
            yield Told(window.show(shown), event) if event is not None else None
            if view.is_current:
                await backend.mirrors.applications.changes(seconds=view.patience)
            await asyncio.sleep(due - loop.time())
    finally:
        backend.windows.keep(window)


class _View:
    """The window as it is now, and how that differs from what was shown."""

    def __init__(self, backend: Backend, caller: Caller, query: WindowQuery) -> None:
        self._backend = backend
        self._caller = caller
        self._query = query
        self._index = backend.mirrors.index
        self._meaning = meaning(backend) if query.search else None
        self._state: tuple[object, int] = (None, -1)
        self._seen: tuple[object, int] = (None, 0)
        self._chosen: Chosen | None = None
        self._total = -1
        self._facets: dict[str, Facet] | None = None
        self._counted_at = 0.0
        self._counted: tuple[object, int] = (None, -1)

    @property
    def is_current(self) -> bool:
        """Whether nothing changed since the last event was made."""
        return self._state[1] == self._index.version

    @property
    def patience(self) -> float:
        """Seconds that may be waited for a change."""
        is_owing = bool(self._query.counted) and self._counted != self._state
        return COUNT_EVERY if is_owing else BEAT

    def event(self, shown: Shown | None) -> tuple[bytes | None, Shown]:
        """The event that brings a client up to date, and what it has then; None when it is."""
        is_touched = self._look() or shown is None
        facets = self._counts()
        if shown is not None and facets is None and not is_touched:
            return None, shown
        rows = [(key_of(one), row_of(self._backend.moved.shown(one))) for one in self._documents()]
        now = Shown(tuple(key for key, _ in rows), tuple(hash(row) for _, row in rows))
        before, self._total = self._total, self._whole.bit_count()
        if shown is None:
            items = [msgspec.Raw(row) for _, row in rows]
            return _encoded(type="WINDOW", total=self._total, items=items, facets=facets), now
        if (before, shown, facets) == (self._total, now, None):
            return None, now
        removed, taken = difference(shown, now)
        placed = [{"at": at, "item": msgspec.Raw(rows[at][1])} for at in taken]
        return (
            _encoded(type="CHANGE", total=self._total, removed=removed, rows=placed, facets=facets),
            now,
        )

    @property
    def _whole(self) -> int:
        return self._chosen.whole if self._chosen is not None else 0

    def _look(self) -> bool:
        """Find what is meant now; whether anything changed that was, or is."""
        rights, members = self._caller.rights.stamp(), self._index.members
        state, former, before = (rights, self._index.version), self._state, self._whole
        is_first = self._chosen is None
        if not is_first and state == former:
            return False
        if self._seen[0] != (rights, members):
            self._seen = ((rights, members), visible(self._backend, self._caller))
        names = names_of(self._backend, self._caller, self._query)
        self._chosen = chosen(self._index, self._query, self._seen[1], names, self._meaning)
        self._state = state
        changed = self._index.changed_since(former[1])
        return is_first or changed is None or before != self._whole or bool(changed & self._whole)

    def _documents(self) -> list[ApplicationDocument]:
        query = self._query
        order, is_down = query.order
        return self._index.page(order, self._whole, offset=query.offset, limit=query.limit, is_down=is_down)

    def _counts(self) -> dict[str, Facet] | None:
        """The counts, when they are asked for, due and others than before."""
        now = asyncio.get_running_loop().time()
        is_due = self._counted != self._state and now - self._counted_at >= COUNT_EVERY
        if not self._query.counted or self._chosen is None or not (is_due or self._facets is None):
            return None
        self._counted_at, self._counted = now, self._state
        before, names = self._facets, names_of(self._backend, self._caller, self._query)
        self._facets = counted(self._index, self._query.counted, self._chosen, names)
        return self._facets if self._facets != before else None


def difference(shown: Shown, now: Shown) -> tuple[list[str], list[int]]:
    """The keys to be dropped of what is shown, and the places of the rows that are to be taken then."""
    place = {key: at for at, key in enumerate(now.keys)}
    known = dict(zip(shown.keys, shown.rows, strict=True))
    staying = {now.keys[at] for at in _rising([place[key] for key in shown.keys if key in place])}
    removed = [key for key in shown.keys if key not in staying]
    taken = [
        at
        for at, (key, row) in enumerate(zip(now.keys, now.rows, strict=True))
        if key not in staying or known[key] != row
    ]
    return removed, taken


def _rising(places: list[int]) -> Iterator[int]:
    """The longest part of the places that rises: what may stay where it is while the rest moves."""
    ends: list[int] = []
    at_end: list[int] = []
    before: list[int] = []
    for number, place in enumerate(places):
        length = bisect_left(ends, place)
        ends[length:] = [place, *ends[length + 1 :]]
        at_end[length:] = [number, *at_end[length + 1 :]]
        before.append(at_end[length - 1] if length else -1)
    number = at_end[-1] if at_end else -1
    while number >= 0:
        yield places[number]
        number = before[number]


def _encoded(**fields: object) -> bytes:
    return msgspec.json.encode({key: value for key, value in fields.items() if value is not None})
