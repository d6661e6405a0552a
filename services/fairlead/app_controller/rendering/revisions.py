"""Moves the revision of applications that a commit did not touch, in memory; readers lay it over.

It is written with the next real write, on a refresh, or slowly in the background before the record of the
ref has forgotten where the application was. Invariant: a move is never ahead of affected work, and never
changes what is compared or applied.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import msgspec
import structlog

from fairlead.app_controller.book import Book, Record
from fairlead.bus import Bus, Message
from fairlead.bus.topology import HISTORIES_BUCKET
from fairlead.events import RevisionMoved
from fairlead.events.ref_history import RefHistories
from fairlead.matching.repository import identity, identity_of_source, partition
from fairlead.model.application import AppId
from fairlead.model.source import Source

log = structlog.get_logger(__name__)

BUSY_PAUSE = 0.05
"""Seconds between looks at whether affected work is done."""
DEFAULT_REF = "HEAD"
READ_WITHIN = 10.0
"""Seconds for which somebody waits for the histories of refs."""
UNWRITTEN = (64, 192)
"""Moves after which an application is written at last: between these two, spread so that a commit costs the
same share of writes each time. Far below the commits that a record remembers."""


class Follower(msgspec.Struct, frozen=True, kw_only=True):
    """How an application follows a ref: the partition of its first source, which of its sources do."""

    part: str
    places: tuple[int, ...]


class Followers:
    """Which applications follow which ref of which repository."""

    def __init__(self) -> None:
        self._by_ref: dict[tuple[str, str], dict[AppId, Follower]] = {}
        self._of_app: dict[AppId, tuple[tuple[Source, ...], frozenset[tuple[str, str]]]] = {}

    def note(self, record: Record) -> None:
        """Index the application's sources as they are now."""
        sources = record.app.spec.effective_sources()
        known = self._of_app.get(record.id)
        if known is not None and known[0] == sources:
            return
        self.forget(record.id)
        refs = [
            (identity_of_source(source.repo_url, source.chart), source.target_revision or DEFAULT_REF)
            for source in sources
        ]
        self._of_app[record.id] = (sources, frozenset(refs))
        part = partition(sources[0].repo_url) if sources else ""
        for ref in self._of_app[record.id][1]:
            places = tuple(at for at, found in enumerate(refs) if found == ref)
            self._by_ref.setdefault(ref, {})[record.id] = Follower(part=part, places=places)

    def forget(self, app_id: AppId) -> None:
        """The application is gone, or follows something else."""
        known = self._of_app.pop(app_id, None)
        for ref in known[1] if known is not None else ():
            apps = self._by_ref.get(ref, {})
            apps.pop(app_id, None)
            if not apps:
                self._by_ref.pop(ref, None)

    def of(self, repository: str, ref: str, parts: str = "") -> Iterator[tuple[AppId, Follower]]:
        """Who follows a ref, spelled as in `targetRevision`; no ref means HEAD. With `parts` those alone
        whose first source is in these partitions. To be used up before anything else is noted.
        """
        for app_id, follower in self._by_ref.get((repository, ref or DEFAULT_REF), {}).items():
            if not parts or follower.part in parts:
                yield app_id, follower


class Revisions:
    """Takes `RevisionMoved` in; hands what has to be written to the background lane, so many a second."""

    def __init__(
        self,
        book: Book,
        followers: Followers,
        *,
        per_second: float,
        is_busy: Callable[[], bool],
        requeue: Callable[[AppId], None],
        bus: Bus | None = None,
    ) -> None:
        self._book = book
        self._bus = bus
        self._histories = RefHistories()
        self._unwritten: dict[AppId, int] = {}
        self._followers = followers
        self._pause = 1.0 / per_second if per_second > 0 else 0.0
        self._is_busy = is_busy
        self._requeue = requeue
        self._pending: dict[AppId, None] = {}
        self._filled = asyncio.Event()
        self._is_read = asyncio.Event()

    async def handle(self, message: Message) -> None:
        """One commit that left applications as they were; several for one application become one write."""
        event = message.event(RevisionMoved)
        affected = {AppId(*pair) for pair in event.affected}
        moves: _Moves = {}
        for app_id, follower in self._followers.of(event.repository, event.ref, event.parts):
            if app_id in affected:
                continue
            record = self._book.get(app_id)
            if record is not None and _moved(record, follower.places, event, moves):
                self._unwritten[app_id] = self._unwritten.get(app_id, 0) + 1
                if not self._may_wait(app_id):
                    self._pending[app_id] = None
        if self._pending:
            self._filled.set()

    async def run(self) -> None:
        """Pace the writes until cancelled."""
        while True:
            await self._filled.wait()
            while self._pending:
                while self._is_busy():
                    await asyncio.sleep(BUSY_PAUSE)
                app_id = next(iter(self._pending))
                del self._pending[app_id]
                self._requeue(app_id)
                await asyncio.sleep(self._pause)
            self._filled.clear()

    async def watch(self) -> None:
        """Follow the histories of refs until cancelled."""
        if self._bus is None:
            return
        async for entry in self._bus.key_value(HISTORIES_BUCKET).watch():
            if entry.key:
                self._histories.take(entry.key, entry.value)
            else:
                self._is_read.set()

    async def wait_read(self) -> None:
        """Until the histories are known, or that takes too long."""
        if not self._is_read.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(READ_WITHIN):
                    await self._is_read.wait()
            self._is_read.set()

    def may_wait(self, record: Record, revisions: tuple[str, ...]) -> bool:
        """Whether readers know these revisions from what is written, so that they need no write yet."""
        sync = record.app.status.sync
        written = sync.revisions or ((sync.revision,) if sync.revision else ())
        return self._may_wait(record.id) and self.laid_over(record, written) == revisions

    def _may_wait(self, app_id: AppId) -> bool:
        moves = self._unwritten.get(app_id, 0)
        least, most = UNWRITTEN
        return moves < least or moves < least + zlib.crc32(app_id.qualified.encode()) % (most - least)

    def written(self, app_id: AppId) -> None:
        """The status was written, its revision with it; or the application is gone."""
        self._unwritten.pop(app_id, None)

    def laid_over(self, record: Record, revisions: tuple[str, ...]) -> tuple[str, ...]:
        """The newest revisions whose manifests are those of given ones."""
        app = (record.id.namespace, record.id.name)
        sources = record.app.spec.effective_sources()
        home = identity(sources[0].repo_url) if sources else ""
        return tuple(
            self._histories.laid_over(
                app, home, identity_of_source(source.repo_url, source.chart), source.target_revision, revision
            )
            for source, revision in zip(sources, revisions, strict=False)
        )


_State = tuple[tuple[str, ...], tuple[str, ...]]
"""The commits of an application's sources, and what people are told of each."""
_Moves = dict[tuple[_State, tuple[int, ...]], _State | None]
"""What one commit makes of a state in which these sources follow its ref; None leaves it. Thousands share
one."""


def _moved(record: Record, places: tuple[int, ...], event: RevisionMoved, moves: _Moves) -> bool:
    render = record.render
    if render is None or render.failure is not None:
        return False
    state = (render.commits or render.revisions, render.revisions)
    key = (state, places)
    if key not in moves:
        moves[key] = _after(state, places, event)
    after = moves[key]
    if after is None:
        return False
    record.render = msgspec.structs.replace(render, commits=after[0], revisions=after[1])
    return True


def _after(state: _State, places: tuple[int, ...], event: RevisionMoved) -> _State | None:
    commits, revisions = list(state[0]), list(state[1])
    for at in places:
        if at < len(commits) and commits[at] == event.old:
            commits[at], revisions[at] = event.new, event.shown or event.new
    return None if tuple(commits) == state[0] else (tuple(commits), tuple(revisions))
