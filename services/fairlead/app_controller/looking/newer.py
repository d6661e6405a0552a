"""Finds out that a commit has come after the one that a pinned application went back from.

A branch that nobody follows is announced only while somebody asks for it: each question renews that, and what
is heard of leads to a question. Behind it stands a question a period. Invariant: only what a repo-server
answers lets a pin go, and only the pin that it was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import structlog

from fairlead.app_controller.book import Book, Record
from fairlead.bus import Bus, BusError, Message
from fairlead.events import PublicEventType, SchemaError, subjects
from fairlead.events.envelope import decode, encode
from fairlead.matching.pins import pin_of
from fairlead.matching.repository import partition
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
        self._passed: dict[AppId, Pinned] = {}

    async def run(self) -> NoReturn:
        """Ask until cancelled."""
        await self._bus.hear(f"{_REPOSITORIES}>", self._detected)
        while True:
            await self._ask_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._period):
                    await self._woken.wait()

    def wake(self) -> None:
        """An application may be pinned since a moment."""
        self._woken.set()

    def is_passed(self, app_id: AppId, pin: Pinned | None) -> bool:
        """Whether a newer commit was found for this very pin."""
        return pin is not None and self._passed.get(app_id) == pin

    async def _detected(self, message: Message) -> None:
        if message.subject.endswith(f".{PublicEventType.COMMIT_DETECTED.value}"):
            self._woken.set()

    async def _ask_all(self) -> None:
        self._woken.clear()
        pinned = {}
        for record in self._book:
            pin = pin_of(record.app)
            if pin is not None and pin.newer_than and not pin.problem and self._owns(record):
                pinned[record.id] = (record, pin)
        self._passed = {name: pin for name, pin in self._passed.items() if name in pinned}
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(record: Record, pin: Pinned) -> None:
            async with gate:
                if not self.is_passed(record.id, pin) and await self._is_newer(record, pin):
                    self._passed[record.id] = pin
                    self._requeue(record.id)

        await asyncio.gather(*(one(*found) for found in pinned.values()))

    async def _is_newer(self, record: Record, pin: Pinned) -> bool:
        """Whether a source has come to another commit than the one that was gone back from."""
        project = record.app.spec.project or "default"
        for source, known in zip(record.app.spec.effective_sources(), pin.newer_than, strict=True):
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
