"""Where journals are kept: the bucket `drift`, one value per application, sealed; at hand what is in use.

Why there: it survives a restart, and what it costs is bounded by the bucket. A wiped NATS forgets what is not
at hand; then the journal says since when it knows. Invariant: nobody waits for the bucket but who reads a
journal to show it; what could not be written yet is written later, and merged with what was there, unless
that is of another application that had the name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, NoReturn

import structlog

from fairlead.app_controller.drifting.journal import Journal
from fairlead.bus import Bus, BusUnavailableError, StaleRevisionError
from fairlead.bus.topology import DRIFT_BUCKET
from fairlead.events import SchemaError, subjects
from fairlead.model.application import AppId
from fairlead.model.times import stamp

log = structlog.get_logger(__name__)

MAX_PAGES = 512
"""Journals at hand of which nothing stands and everything is written."""
MAX_STANDING = 8192
"""Journals at hand in which something stands. Of more the end of a change is not seen."""
AGAIN = 5.0
"""Seconds until what the bucket did not take is tried again."""
SINCE = "since"
"""The key of the moment since when journals are kept; that of an application has a dot."""


class Page:
    """One journal at hand; `is_whole` once what was kept is in it. `version` moves with every change, and
    `written` is the version that is kept."""

    def __init__(self, journal: Journal, *, is_whole: bool) -> None:
        self.journal = journal
        self.is_whole = is_whole
        self.version = 0
        self.written = 0

    @property
    def is_dirty(self) -> bool:
        """Whether it is to be written."""
        return self.version != self.written


class Whose(NamedTuple):
    """Which application has a name now: its uid, and since when it is there; "" when nobody knows."""

    uid: str = ""
    created: str = ""


class Shelf:
    """The journals of the applications of this controller."""

    def __init__(self, bus: Bus, whose: Callable[[AppId], Whose] = lambda _: Whose()) -> None:
        self._whose = whose
        self._bucket = bus.key_value(DRIFT_BUCKET)
        self._pages: dict[AppId, Page] = {}
        self._gone: set[AppId] = set()
        self._old: set[AppId] = set()
        self._work = asyncio.Event()
        self.since = ""
        bus.on_wipe(self._wiped)

    @property
    def is_written(self) -> bool:
        """Whether all that is known is kept."""
        if self._gone or self._old or not self.since:
            return False
        return not any(page.is_dirty for page in self._pages.values())

    def find(self, app_id: AppId) -> Page | None:
        """A journal that is at hand."""
        return self._pages.get(app_id)

    def open(self, app_id: AppId) -> Page:
        """A journal to be written into; what was kept of it comes into it later."""
        page = self._pages.pop(app_id, None) or Page(Journal(), is_whole=False)
        page.journal = page.journal.of(*self._whose(app_id))
        self._pages[app_id] = page
        self._gone.discard(app_id)
        return page

    def changed(self, app_id: AppId) -> None:
        """A journal has to be written."""
        page = self._pages.get(app_id)
        if page is not None:
            page.version += 1
            self._work.set()

    def drop(self, app_id: AppId) -> None:
        """The application is another's: what is at hand gets old."""
        self._pages.pop(app_id, None)

    def renew(self, app_id: AppId) -> None:
        """The application was another's meanwhile: what stands now is taken to hand again."""
        self._pages.pop(app_id, None)
        self._old.add(app_id)
        self._work.set()

    def forget(self, app_id: AppId) -> None:
        """The application is gone, and its journal with it."""
        self._pages.pop(app_id, None)
        self._gone.add(app_id)
        self._work.set()

    async def read(self, app_id: AppId) -> Journal:
        """The whole journal, to be shown. Raises BusUnavailableError."""
        page = self._pages.get(app_id) or Page(Journal(), is_whole=False)
        await self._complete(app_id, page)
        return page.journal.of(*self._whose(app_id))

    async def run(self) -> NoReturn:
        """Write what changed, until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                await self._keep()
            except BusUnavailableError as error:
                log.info("drift.journal.postponed", reason=str(error)[:200])
                self._work.set()
                await asyncio.sleep(AGAIN)

    async def load(self) -> list[AppId]:
        """Take to hand the journals in which something stands; whose they are. Raises BusUnavailableError."""
        await self._begin()
        found: list[AppId] = []
        for entry in await self._bucket.all():
            app_id = _app_of(entry.key)
            if app_id is None or entry.value is None or app_id in self._pages:
                continue
            journal = _unpacked(app_id, entry.value).of(*self._whose(app_id))
            if journal.standing and len(found) < MAX_STANDING:
                self._pages[app_id] = Page(journal, is_whole=True)
                found.append(app_id)
        return found

    async def _keep(self) -> None:
        await self._begin()
        for app_id in list(self._gone):
            await self._bucket.delete(_key_of(app_id))
            self._gone.discard(app_id)
        for app_id in list(self._old):
            await self._take_up(app_id)
            self._old.discard(app_id)
        for app_id, page in list(self._pages.items()):
            if page.is_dirty:
                await self._complete(app_id, page)
                version = page.version
                await self._bucket.put(_key_of(app_id), page.journal.packed())
                page.written = version
        self._tidy()

    async def _take_up(self, app_id: AppId) -> None:
        page = Page(Journal(), is_whole=False)
        await self._complete(app_id, page)
        if page.journal.standing:
            self._pages.setdefault(app_id, page)

    async def _complete(self, app_id: AppId, page: Page) -> None:
        if page.is_whole:
            return
        entry = await self._bucket.get(_key_of(app_id))
        if not page.is_whole:
            kept = _unpacked(app_id, entry.value) if entry is not None and entry.value else Journal()
            page.journal = page.journal.behind(kept.of(*self._whose(app_id)))
            page.is_whole = True

    async def _begin(self) -> None:
        if self.since:
            return
        entry = await self._bucket.get(SINCE)
        if entry is None or not entry.value:
            moment = stamp()
            try:
                await self._bucket.put(
                    SINCE, moment.encode(), expected=0 if entry is None else entry.revision
                )
                self.since = moment
            except StaleRevisionError:
                await self._begin()
        else:
            self.since = entry.value.decode(errors="replace")

    def _tidy(self) -> None:
        kept = [(app_id, page) for app_id, page in self._pages.items() if page.is_whole and not page.is_dirty]
        idle = [app_id for app_id, page in kept if not page.journal.standing]
        standing = [app_id for app_id, page in kept if page.journal.standing]
        for some, most in ((idle, MAX_PAGES), (standing, MAX_STANDING)):
            for app_id in some[: max(0, len(some) - most)]:
                del self._pages[app_id]

    def _wiped(self) -> None:
        self.since = ""
        for page in self._pages.values():
            page.version += page.is_whole
        self._work.set()


def _key_of(app_id: AppId) -> str:
    return subjects.app_tokens(app_id.namespace, app_id.name)


def _app_of(key: str) -> AppId | None:
    return AppId(*subjects.app_of(key)) if key.count(".") == 1 else None


def _unpacked(app_id: AppId, data: bytes) -> Journal:
    try:
        return Journal.unpacked(data)
    except SchemaError as error:
        log.warning("drift.journal.unreadable", app=app_id.qualified, reason=str(error)[:200])
        return Journal()
