"""Moves `status.sync.revision` of applications that a commit did not touch, in the background.

Invariant: a move is never ahead of affected work, and never changes what is compared or applied.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from fairlead.app_controller.book import Book, Record
from fairlead.bus import Message
from fairlead.events import RevisionMoved
from fairlead.matching.repository import identity
from fairlead.model.application import AppId
from fairlead.model.source import Source

log = structlog.get_logger(__name__)

BUSY_PAUSE = 0.05
"""Seconds between looks at whether affected work is done."""
DEFAULT_REF = "HEAD"


class Followers:
    """Which applications follow which ref of which repository."""

    def __init__(self) -> None:
        self._by_ref: dict[tuple[str, str], set[AppId]] = {}
        self._of_app: dict[AppId, tuple[tuple[Source, ...], list[tuple[str, str]]]] = {}

    def note(self, record: Record) -> None:
        """Index the application's sources as they are now."""
        sources = record.app.spec.effective_sources()
        known = self._of_app.get(record.id)
        if known is not None and known[0] == sources:
            return
        self.forget(record.id)
        refs = [(identity(source.repo_url), source.target_revision or DEFAULT_REF) for source in sources]
        self._of_app[record.id] = (sources, refs)
        for ref in refs:
            self._by_ref.setdefault(ref, set()).add(record.id)

    def forget(self, app_id: AppId) -> None:
        """The application is gone, or follows something else."""
        known = self._of_app.pop(app_id, None)
        for ref in known[1] if known is not None else ():
            apps = self._by_ref.get(ref, set())
            apps.discard(app_id)
            if not apps:
                self._by_ref.pop(ref, None)

    def of(self, repository: str, ref: str) -> frozenset[AppId]:
        """Who follows a ref, spelled as in `targetRevision`; no ref means HEAD."""
        return frozenset(self._by_ref.get((repository, ref or DEFAULT_REF), ()))

    def places(self, app_id: AppId, repository: str, ref: str) -> list[int]:
        """The positions of the application's sources that follow the ref."""
        known = self._of_app.get(app_id)
        wanted = (repository, ref or DEFAULT_REF)
        return [] if known is None else [at for at, found in enumerate(known[1]) if found == wanted]


class Revisions:
    """Takes `RevisionMoved` in and hands applications to the background lane, so many a second."""

    def __init__(
        self,
        book: Book,
        followers: Followers,
        *,
        per_second: float,
        is_busy: Callable[[], bool],
        requeue: Callable[[AppId], None],
    ) -> None:
        self._book = book
        self._followers = followers
        self._pause = 1.0 / per_second if per_second > 0 else 0.0
        self._is_busy = is_busy
        self._requeue = requeue
        self._pending: dict[AppId, None] = {}
        self._filled = asyncio.Event()

    async def handle(self, message: Message) -> None:
        """One commit that left applications as they were; several for one application become one write."""
        event = message.event(RevisionMoved)
        affected = {AppId(*pair) for pair in event.affected}
        for app_id in self._followers.of(event.repository, event.ref) - affected:
            record = self._book.get(app_id)
            if record is not None and self._moved(record, event):
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

    def _moved(self, record: Record, event: RevisionMoved) -> bool:
        render = record.render
        if render is None or render.failure is not None:
            return False
        revisions = list(render.revisions)
        for at in self._followers.places(record.id, event.repository, event.ref):
            if at < len(revisions) and revisions[at] == event.old:
                revisions[at] = event.new
        if tuple(revisions) == render.revisions:
            return False
        if not record.moved_from:
            record.moved_from = render.revisions
        record.render = msgspec.structs.replace(render, revisions=tuple(revisions))
        return True
