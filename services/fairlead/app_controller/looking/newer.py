"""Finds out that a commit has come after the one that a pinned application went back from.

A branch that nobody follows is announced only while somebody asks for it: each question renews that, and what
is heard of leads to a question for those who are pinned to that repository. Behind it stands a question a
period. Invariant: only what a repo-server answers lets a pin go, and only the pin that it was asked for; what
nobody is pinned to costs a commit nothing, however many applications there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NoReturn

import structlog

from fairlead.app_controller.book import Book, Record, now
from fairlead.bus import Bus, BusError, Message
from fairlead.events import PublicEventType, SchemaError, subjects
from fairlead.events.envelope import decode, encode
from fairlead.events.subjects import repository_token
from fairlead.matching.pins import pin_of
from fairlead.matching.repository import identity, partition
from fairlead.model.application import AppId
from fairlead.model.source import Source
from fairlead.rpc.followed import FOLLOW, TIMEOUT, FollowedRevision, FollowRevision
from fairlead.rpc.repo import PATIENCE
from fairlead.rpc.waiting import Pinned

log = structlog.get_logger(__name__)

_REPOSITORIES = f"{subjects.PUBLIC}.repo."
PERIOD = 120.0
"""Seconds between two questions for one branch when nothing is heard of it."""
AT_ONCE = 4
"""Applications that are asked for at once."""


class Newer:
    """Asks for the branches of pinned applications; `requeue` is told of those whose pin is to go."""

    def __init__(
        self,
        bus: Bus,
        book: Book,
        *,
        owns: Callable[[Record], bool],
        requeue: Callable[[AppId], None],
        period: float = PERIOD,
    ) -> None:
        self._bus = bus
        self._book = book
        self._owns = owns
        self._requeue = requeue
        self._period = period
        self._woken = asyncio.Event()
        self._pinned: dict[AppId, Pinned] = {}
        self._due: set[AppId] = set()
        self._passed: dict[AppId, Pinned] = {}

    async def run(self) -> NoReturn:
        """Ask until cancelled."""
        await self._bus.hear(f"{_REPOSITORIES}>", self._detected)
        last = now()
        while True:
            self._woken.clear()
            due, self._due = self._due, set()
            await self._ask(due)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, last + self._period - now())):
                    await self._woken.wait()
            if now() - last >= self._period:
                last = now()
                self._due |= self._pinned.keys()

    def note(self, record: Record) -> None:
        """An Application is there, or another: it is asked for if it is pinned otherwise than before."""
        pin = pin_of(record.app)
        if pin is None or not pin.newer_than or pin.problem:
            self.forget(record.id)
        elif self._pinned.get(record.id) != pin:
            self._pinned[record.id] = pin
            self._due.add(record.id)
            self._woken.set()

    def forget(self, app_id: AppId) -> None:
        """It is not pinned, or not there any more."""
        self._pinned.pop(app_id, None)
        self._passed.pop(app_id, None)

    def wake(self) -> None:
        """All that are pinned are asked for now."""
        self._due |= self._pinned.keys()
        self._woken.set()

    def is_passed(self, app_id: AppId, pin: Pinned | None) -> bool:
        """Whether a newer commit was found for this very pin."""
        return pin is not None and self._passed.get(app_id) == pin

    async def _detected(self, message: Message) -> None:
        """A ref moved somewhere; a forged message leads to a question."""
        if not message.subject.endswith(f".{PublicEventType.COMMIT_DETECTED.value}"):
            return
        token = message.subject.removeprefix(_REPOSITORIES).partition(".")[0]
        for app_id in self._pinned:
            record = self._book.get(app_id)
            sources = record.app.spec.effective_sources() if record is not None else ()
            if any(repository_token(identity(source.repo_url)) == token for source in sources):
                self._due.add(app_id)
                self._woken.set()

    async def _ask(self, due: Iterable[AppId]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(app_id: AppId) -> None:
            async with gate:
                record = self._book.get(app_id)
                pin = pin_of(record.app) if record is not None else None
                if record is None or pin is None or pin.problem or not self._owns(record):
                    return
                if not self.is_passed(app_id, pin) and await self._is_newer(record, pin):
                    self._passed[app_id] = pin
                    self._requeue(app_id)

        await asyncio.gather(*map(one, due))

    async def _is_newer(self, record: Record, pin: Pinned) -> bool:
        """Whether a source has come to another commit than the one that was gone back from."""
        project = record.app.spec.project or "default"
        pairs = list(zip(record.app.spec.effective_sources(), pin.newer_than, strict=False))
        for source, known in pairs:
            found = await self._commit(source, project)
            if found and found != known:
                log.info("pin.passed", app=record.id.qualified, commit=found)
                return True
        return False

    async def _commit(self, source: Source, project: str) -> str:
        """What a source is at, "" where nobody says so."""
        question = FollowRevision(
            repo_url=source.repo_url, project=project, revision=source.target_revision, max_age=0.0
        )
        try:
            subject = subjects.rpc_repo(partition(source.repo_url), FOLLOW)
            raw = await self._bus.request(subject, encode(question), timeout=TIMEOUT, patience=PATIENCE)
            return decode(FollowedRevision, raw).commit
        except (BusError, SchemaError) as error:
            log.info("pin.not_asked", repo=partition(source.repo_url), error=str(error)[:200])
            return ""
