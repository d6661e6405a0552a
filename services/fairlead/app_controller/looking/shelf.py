"""Where ledgers outlive the process: one page per application in the cache, sealed by it for us alone.

Pages are read as looks ask for them, those that ask together in one request, and written behind, some seconds
after a change and seldom for one that keeps changing; all that is left at the end. Invariant: what is lost
here costs work, and nothing waits for a cache that is away.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final

import structlog

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.page import Page, page_of, read, written
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.cache import Cache, keys
from fairlead.model.application import AppId

log = structlog.get_logger(__name__)

SETTLE: Final = 2.0
"""Seconds after a change until it is written; others come with it."""
SELDOM: Final = 60.0
"""Seconds between two writings of one application."""
LIVES: Final = 7 * 86400
"""Seconds that a page lives; what does not change is written again when half of that has passed."""
AGAIN_WITHIN: Final = 86400
"""Seconds in which a page that a process before this one wrote is written again."""
AT_ONCE: Final = 256
"""Pages in one request."""
AT_A_TIME: Final = 1024
"""Pages that are written in one turn, of which there is one each SETTLE seconds."""
REQUEST_BYTES: Final = 1 << 20
"""Bytes of pages after which a request is sent with those there are; packing and sealing holds the loop."""
LEAVE_WITHIN: Final = 10.0
"""Seconds in which what is left is written at the end."""


class Shelf:
    """The pages of the applications that are looked at here; `cluster_of` finds where one is deployed."""

    def __init__(self, cache: Cache, cluster_of: Callable[[Record], Cluster | None]) -> None:
        self._cache = cache
        self._cluster_of = cluster_of
        self._pages: dict[AppId, Page | None] = {}
        self._asked: dict[AppId, asyncio.Future[None]] = {}
        self._changed: dict[AppId, tuple[float, Record, Cluster]] = {}
        self._written: dict[AppId, tuple[float, int, Record]] = {}
        self._reading: set[asyncio.Task[None]] = set()

    async def page(self, record: Record) -> Page | None:
        """What was written down of an application, read once; None when there is nothing that it may use."""
        if record.id not in self._pages:
            asked = self._asked.get(record.id)
            if asked is None:
                asked = self._asked[record.id] = asyncio.get_running_loop().create_future()
                if len(self._asked) == 1:
                    asyncio.get_running_loop().call_soon(self._fetch)
            await asyncio.shield(asked)
        page = self._pages.get(record.id)
        return page if page is not None and page.uid == record.app.metadata.uid else None

    def taken(self, record: Record) -> None:
        """The page was put to use, or is of none, and is not asked for again."""
        self._pages[record.id] = None

    def forget(self, app_id: AppId) -> None:
        """The application is gone, or met anew."""
        self._pages.pop(app_id, None)
        self._changed.pop(app_id, None)
        self._written.pop(app_id, None)

    def note(self, record: Record) -> None:
        """A look ended; what its ledger says is written down, if its page says something else."""
        if record.ledger.is_blank:
            return
        cluster = self._cluster_of(record)
        if cluster is None:
            return
        at, changes, known = self._written.get(record.id, (0.0, -1, None))
        now = time.monotonic()
        is_written = known is record and changes == _version(record)
        if is_written and now - at < LIVES / 2:
            return
        due = max(now + SETTLE, at + SELDOM) if known is record else now + SETTLE
        self._changed.setdefault(record.id, (due, record, cluster))

    def recalled(self, record: Record) -> None:
        """The ledger says what its page does, which may be old: it is written again within a day."""
        at = time.monotonic() - LIVES / 2 + random.uniform(0, AGAIN_WITHIN)  # noqa: S311 - spreads load
        self._written[record.id] = (at, _version(record), record)

    async def run(self) -> None:
        """Write behind, until cancelled, and then what is left."""
        try:
            while True:
                await asyncio.sleep(SETTLE)
                now = time.monotonic()
                due = [app_id for app_id, (at, _, _) in self._changed.items() if at <= now]
                for start in range(0, min(len(due), AT_A_TIME), AT_ONCE):
                    await self._write(due[start : start + AT_ONCE])
        finally:
            try:
                async with asyncio.timeout(LEAVE_WITHIN):
                    left = list(self._changed)
                    for start in range(0, len(left), AT_ONCE):
                        await self._write(left[start : start + AT_ONCE])
            except TimeoutError:
                log.info("ledgers.not_written", applications=len(self._changed))

    def _fetch(self) -> None:
        asked, self._asked = self._asked, {}
        task = asyncio.create_task(self._read(asked))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _read(self, asked: dict[AppId, asyncio.Future[None]]) -> None:
        """Whatever becomes of it, nobody waits for it any longer."""
        try:
            found = await self._cache.get_many([keys.ledger(*app_id) for app_id in asked])
            for app_id, raw in zip(asked, found, strict=True):
                self._pages[app_id] = None if raw is None else read(raw)
                await asyncio.sleep(0)
        finally:
            for app_id, future in asked.items():
                self._pages.setdefault(app_id, None)
                if not future.done():
                    future.set_result(None)

    async def _write(self, some: list[AppId]) -> None:
        pages: dict[AppId, bytes] = {}
        size = 0
        for number, app_id in enumerate(some):
            changed = self._changed.pop(app_id, None)
            if changed is None:
                continue  # the application went while others were written
            _, record, cluster = changed
            page = _page_of(record, cluster)
            if page is not None:
                pages[app_id] = raw = written(page)
                size += len(raw)
                self._written[app_id] = (time.monotonic(), _version(record), record)
            if size >= REQUEST_BYTES:
                await self._put(pages)
                pages, size = {}, 0
            elif number % 16 == 15:
                await asyncio.sleep(0)
        await self._put(pages)

    async def _put(self, pages: dict[AppId, bytes]) -> None:
        named = {keys.ledger(*app_id): raw for app_id, raw in pages.items()}
        if named and not await self._cache.put_many(named, ttl=LIVES):
            for app_id in pages:
                self._written.pop(app_id, None)


def _page_of(record: Record, cluster: Cluster) -> Page | None:
    """None while what was compared last is not what is wanted, or not known for certain."""
    render, desired = record.render, record.desired
    if render is None or desired is None or render.failure is not None:
        return None
    if desired.problem or render.digest != desired.basis.digest or not record.ledger.is_of(desired.opened):
        return None
    return page_of(
        record.ledger,
        uid=record.app.metadata.uid,
        basis=desired.basis,
        gist=desired.gist,
        render=render,
        fingerprints=cluster.fingerprints,
    )


def _version(record: Record) -> int:
    """What grows as the ledger changes, or is another with another render."""
    render = record.render
    said = (render.digest, render.sources_digest, render.revisions) if render is not None else ()
    return hash((record.ledger.changes, said))
