"""Moves the revision of applications that a commit did not touch, in memory; readers lay it over.

It is written with the next real write, on a refresh, or slowly in the background before the record of the
ref has forgotten where the application was. Invariant: a move is never ahead of affected work, and never
changes what is compared or applied.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from itertools import islice

import structlog

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.rendering.answer import Answer, Move, Track
from fairlead.bus import Bus, Message
from fairlead.bus.topology import HISTORIES_BUCKET
from fairlead.events import RevisionMoved
from fairlead.events.ref_history import RefHistories
from fairlead.matching.pins import followed_sources
from fairlead.matching.repository import identity, identity_of_source, partition
from fairlead.model.application import AppId
from fairlead.model.source import Source

log = structlog.get_logger(__name__)

BUSY_PAUSE = 0.05
"""Seconds between looks at whether affected work is done."""
DEFAULT_REF = "HEAD"
Ref = tuple[str, str]
"""Identity of a repository, or of a chart there, and a ref as in `targetRevision`."""
READ_WITHIN = 10.0
"""Seconds for which somebody waits for the histories of refs."""
UNWRITTEN = (64, 192)
"""Moves after which an application is written at last: between these two, spread so that a commit costs the
same share of writes each time. Far below the commits that a record remembers."""


TURNS = 32
"""Moves of a ref in which each who follows it has its turn to be looked at, whether it has to be written:
fewer than a ref remembers."""


class Followed:
    """One ref: its moves, and who follows it, the one whose turn it is first."""

    def __init__(self) -> None:
        self.track = Track()
        self.apps: OrderedDict[AppId, None] = OrderedDict()

    def turn(self) -> list[AppId]:
        """Those whose turn it is now."""
        due = list(islice(self.apps, -(-len(self.apps) // TURNS)))
        for app_id in due:
            self.apps.move_to_end(app_id)
        return due


class Followers:
    """Which applications follow which ref of which repository."""

    def __init__(self) -> None:
        self._by_ref: dict[Ref, Followed] = {}
        self._of_app: dict[AppId, tuple[Answer, tuple[Source, ...], frozenset[Ref]]] = {}

    def note(self, record: Record) -> None:
        """Index the application's sources as they are now."""
        sources = followed_sources(record.app)
        known = self._of_app.get(record.id)
        if known is not None and known[0] is record.answer and known[1] == sources:
            return
        self.forget(record.id)
        refs = [
            (identity_of_source(source.repo_url, source.chart), source.target_revision or DEFAULT_REF)
            for source in sources
        ]
        self._of_app[record.id] = (record.answer, sources, frozenset(refs))
        tracks = []
        for ref in dict.fromkeys(refs):
            followed = self._by_ref.setdefault(ref, Followed())
            followed.apps[record.id] = None
            tracks.append((followed.track, tuple(at for at, found in enumerate(refs) if found == ref)))
        record.answer.follow(tracks, partition(sources[0].repo_url) if sources else "")

    def forget(self, app_id: AppId) -> None:
        """The application is gone, or follows something else."""
        known = self._of_app.pop(app_id, None)
        if known is None:
            return
        known[0].follow((), "")
        for ref in known[2]:
            followed = self._by_ref[ref]
            followed.apps.pop(app_id, None)
            if not followed.apps:
                del self._by_ref[ref]

    def of(self, repository: str, ref: str) -> tuple[AppId, ...]:
        """Who follows a ref, spelled as in `targetRevision`; no ref means HEAD."""
        followed = self._by_ref.get((repository, ref or DEFAULT_REF))
        return tuple(followed.apps) if followed is not None else ()

    def follows(self, app_id: AppId, repository: str, ref: str) -> bool:
        """Whether an application follows a ref, spelled as in `targetRevision`."""
        known = self._of_app.get(app_id)
        return known is not None and (repository, ref or DEFAULT_REF) in known[2]

    def moved(self, event: RevisionMoved) -> list[AppId]:
        """A ref moved: noted once for all who follow it. Those whose turn it is to be looked at."""
        followed = self._by_ref.get((event.repository, event.ref or DEFAULT_REF))
        if followed is None:
            return []
        affected = frozenset(AppId(*pair) for pair in event.affected)
        followed.track.note(
            Move(old=event.old, new=event.new, shown=event.shown, affected=affected, parts=event.parts)
        )
        return followed.turn()


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
        on_history: Callable[[str, str], None] = lambda *_: None,
    ) -> None:
        self._book = book
        self._bus = bus
        self.histories = RefHistories()
        self._on_history = on_history
        self._followers = followers
        self._pause = 1.0 / per_second if per_second > 0 else 0.0
        self._is_busy = is_busy
        self._requeue = requeue
        self._pending: dict[AppId, None] = {}
        self._filled = asyncio.Event()
        self._is_read = asyncio.Event()

    async def handle(self, message: Message) -> None:
        """One commit that left applications as they were; several for one application become one write."""
        for app_id in self._followers.moved(message.event(RevisionMoved)):
            record = self._book.get(app_id)
            if record is not None and not self._may_wait(record):
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
                ref = self.histories.take(entry.key, entry.value)
                if ref is not None:
                    self._on_history(*ref)
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
        return self._may_wait(record) and self.laid_over(record, written) == revisions

    def _may_wait(self, record: Record) -> bool:
        moves, (least, most) = record.moves_unwritten, UNWRITTEN
        return moves < least or moves < least + zlib.crc32(record.id.qualified.encode()) % (most - least)

    def written(self, app_id: AppId) -> None:
        """The status was written, its revision with it."""
        record = self._book.get(app_id)
        if record is not None:
            record.answer.unwritten = 0

    def laid_over(self, record: Record, revisions: tuple[str, ...]) -> tuple[str, ...]:
        """The newest revisions whose manifests are those of given ones."""
        app = (record.id.namespace, record.id.name)
        sources = followed_sources(record.app)
        home = identity(sources[0].repo_url) if sources else ""
        return tuple(
            self.histories.laid_over(
                app, home, identity_of_source(source.repo_url, source.chart), source.target_revision, revision
            )
            for source, revision in zip(sources, revisions, strict=False)
        )
