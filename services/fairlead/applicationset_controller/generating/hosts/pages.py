"""Listings of more than one page, walked to their end.

Why twice: what is deleted from a page that was read moves what follows up a place, so that one item is on no
page that is read after it. Invariant: a listing of several pages counts once two walks in a row agree; one
that is longer than its bound is an error, and never cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Final, TypeVar

from fairlead.applicationset_controller.generating.hosts.door import Door, Onward, Page, Pairs, by_link
from fairlead.applicationset_controller.generating.hosts.errors import HostError, UnsettledError

PAGE: Final = 100
"""Items of a page that are asked for, where the host has no smaller limit."""
MOST_ITEMS: Final = 10_000
"""Items of one listing."""
MOST_PAGES: Final = 500
"""Pages of one listing; some hosts give few items on each."""
MOST_WALKS: Final = 4
"""Walks over one listing until it is said to change too fast."""
AT_ONCE: Final = 8
"""Questions of one set about single repositories that are under way together."""

T = TypeVar("T")
R = TypeVar("R")


async def settled(walk: Callable[[], AsyncIterator[Sequence[T]]], key: Callable[[T], Hashable]) -> list[T]:
    """All items of a listing, each once. `walk` gives its pages. Raises HostError."""
    before: set[Hashable] | None = None
    for _ in range(MOST_WALKS):
        pages, found = await _walked(walk(), key)
        if pages <= 1 or found.keys() == before:
            return list(found.values())
        before = set(found)
    raise UnsettledError(
        f"a listing changed during each of {MOST_WALKS} walks over it; it is read again later"
    )


async def _walked(
    walk: AsyncIterator[Sequence[T]], key: Callable[[T], Hashable]
) -> tuple[int, dict[Hashable, T]]:
    pages, found = 0, dict[Hashable, T]()
    async for page in walk:
        pages += 1
        found.update((key(item), item) for item in page)
        if len(found) > MOST_ITEMS or pages > MOST_PAGES:
            raise HostError(
                f"a listing has more than {MOST_ITEMS} items or {MOST_PAGES} pages, and is not read in part: "
                "name a smaller group, or filter where the provider does"
            )
    return pages, found


async def linked(
    door: Door, path: str, kind: type[list[T]], query: Pairs = (), *, onward: Onward = by_link
) -> AsyncIterator[list[T]]:
    """Pages that a header leads through."""
    page: Page[list[T]] = await door.get(path, kind, query, onward=onward)
    yield page.value
    while page.onward:
        page = await door.get(page.onward, kind, onward=onward)
        yield page.value


async def each(items: Iterable[T], one: Callable[[T], Awaitable[R]]) -> list[R]:
    """`one` of every item, in their order, some of them at once. Raises what the first that fails raises."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def bounded(item: T) -> R:
        async with gate:
            return await one(item)

    tasks = [asyncio.ensure_future(bounded(item)) for item in items]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
