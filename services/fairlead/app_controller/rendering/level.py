"""Compares, once per poll, what is believed of the applications with what the repo-servers stand behind.

Why: whatever message was lost, and whoever died meanwhile, an answer, a move or a wish is missed by nobody
else. While all is equal it costs one question per partition, with a number per repository. Where one differs
twice in a row, what is not stood behind is wished and asked for anew.

Invariant: a difference is only ever a question; what is to be believed comes as any answer does.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import reduce
from operator import xor

import msgspec
import structlog

from fairlead.app_controller.book import Book, Record
from fairlead.bus import Bus, BusError
from fairlead.events import Cause, RenderLevel, SchemaError, decode, subjects
from fairlead.events.envelope import encode
from fairlead.matching.repository import token as token_of
from fairlead.model.application import AppId
from fairlead.rpc import beliefs
from fairlead.rpc.beliefs import Believed, CompareBeliefs, ComparedBeliefs, fingerprint, pages, unpacked
from fairlead.rpc.repo import PATIENCE, TIMEOUT

log = structlog.get_logger(__name__)

WITHOUT_POLLING = 180.0
"""Seconds between two comparisons when nothing polls (contract 7.10)."""
JITTER = 0.1
"""Share by which a period varies, so that replicas do not stay in step."""
SETTLE = 5.0
"""Seconds after which a difference is looked for again: what was under way has arrived by then."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds between comparisons after a start, doubling, until the owners of all repositories were heard."""
QUIET_WITHIN = 30.0
"""Seconds after a start by which the first comparison is made, whatever there is to be looked at."""
SELDOM = 8
"""Comparisons between two questions for one that is believed to be the same after each: who asks more often
does not learn more."""
RATE = 50.0
"""Applications asked for in a second."""
BATCH = 256
"""Applications between two pauses, in which others have their turn."""

Beliefs = dict[str, dict[AppId, int]]
"""Fingerprints by the token of the repository and the application."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """How often an application was asked for because of a belief, and in which comparison it may be again."""

    belief: int
    times: int = 0
    due: int = 0


class Level:
    """The slow path behind the answers, moves and wishes of the applications that are ours."""

    def __init__(
        self,
        bus: Bus,
        book: Book,
        *,
        owns: Callable[[Record], bool],
        is_held: Callable[[AppId], bool],
        requeue: Callable[[AppId], None],
        confirmed: Callable[[Iterable[str]], None],
        period: Callable[[], float],
        is_busy: Callable[[], bool] = lambda: False,
        settle: float = SETTLE,
    ) -> None:
        self._bus = bus
        self._book = book
        self._owns = owns
        self._is_held = is_held
        self._requeue = requeue
        self._confirmed = confirmed
        self._period = period
        self._settle = settle
        self._is_busy = is_busy
        self._remembered = asyncio.Event()
        self._tried: dict[AppId, Tried] = {}
        self._number = 0

    async def run(self) -> None:
        """Compare for ever: once a period, and soon after something was only remembered."""
        while True:
            period = self._period() or WITHOUT_POLLING
            with suppress(TimeoutError):
                async with asyncio.timeout(period * random.uniform(1 - JITTER, 1)):  # noqa: S311
                    await self._remembered.wait()
            if self._remembered.is_set():
                await self._confirm()
            else:
                await self.compare()

    def remembered(self) -> None:
        """Something is believed that was told to a process before this one."""
        self._remembered.set()

    async def compare(self, *, settle: float | None = None) -> bool:
        """Compare once, and ask for what nobody stands behind. Whether all owners spoke of all."""
        before = await self._beliefs()
        differing, is_said = await self._differing(before)
        if not differing:
            self._tried.clear()
            log.debug("beliefs.compared", repositories=len(before))
            return is_said
        await asyncio.sleep(self._settle if settle is None else settle)
        now = {token: apps for token, apps in (await self._beliefs()).items() if token in differing}
        unknown = await self._unknown(now)
        lost = {
            app_id: found
            for token, apps in now.items()
            for app_id, found in apps.items()
            if found in unknown and before[token].get(app_id) == found
        }
        for app_id in self._due(lost):
            if self._ask(app_id):
                await asyncio.sleep(1 / RATE)
        return is_said

    async def _confirm(self) -> None:
        """Compare when all that waits was looked at, until the owners of all were heard."""
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET_WITHIN):
                await asyncio.sleep(FIRST_PAUSE)
                while self._is_busy():
                    await asyncio.sleep(FIRST_PAUSE)
        self._remembered.clear()
        pause = FIRST_PAUSE
        while not await self.compare(settle=0.0) and pause < LONGEST_PAUSE:
            await asyncio.sleep(pause)
            pause *= 2

    def _due(self, lost: dict[AppId, int]) -> list[AppId]:
        """Whom to ask for now; one that was asked for in vain ever more seldom."""
        self._number += 1
        before, self._tried, due = self._tried, {}, []
        for app_id, belief in lost.items():
            tried = before.get(app_id)
            if tried is None or tried.belief != belief:
                tried = Tried(belief=belief)
            if tried.due <= self._number:
                due.append(app_id)
                pause = min(2**tried.times, SELDOM)
                tried = Tried(belief=belief, times=tried.times + 1, due=self._number + pause)
            self._tried[app_id] = tried
        return due

    async def _beliefs(self) -> Beliefs:
        """What is believed of each application that is ours."""
        found: Beliefs = {}
        for number, record in enumerate(self._book):
            if number % BATCH == BATCH - 1:
                await asyncio.sleep(0)
            if record.wanted.wish is not None and self._owns(record):
                found.setdefault(token_of(record.wanted.wish.home), {})[record.id] = _belief(record)
        return found

    async def _differing(self, believed: Beliefs) -> tuple[set[str], bool]:
        """The repositories of another digest, and whether the owners speak of all; whichever they speak of
        need no other asking."""
        answers = await self._ask_owners(
            Believed(repository=token, digest=_digest(apps)) for token, apps in believed.items()
        )
        unsaid = {token for answer in answers for token in answer.unsaid}
        self._confirmed(believed.keys() - unsaid)
        return {token for answer in answers for token in answer.differing}, not unsaid

    async def _unknown(self, believed: Beliefs) -> set[int]:
        """The fingerprints that the owners do not stand behind."""
        answers = await self._ask_owners(
            Believed(repository=token, digest=_digest(apps), beliefs=page)
            for token, apps in believed.items()
            for page in pages(apps.values())
        )
        return {one for answer in answers for one in unpacked(answer.unknown)}

    async def _ask_owners(self, asked: Iterable[Believed]) -> list[ComparedBeliefs]:
        """One question per partition, several where it would be too large; none holds up another."""
        questions: list[tuple[str, list[Believed]]] = []
        of_part: dict[str, tuple[list[Believed], int]] = {}
        for one in asked:
            part = one.repository[0]
            gathered, size = of_part.get(part, ([], 0))
            if not gathered or size + len(one.beliefs) > beliefs.MOST_BYTES:
                gathered, size = [], 0
                questions.append((part, gathered))
            gathered.append(one)
            of_part[part] = (gathered, size + len(one.beliefs))
        return await asyncio.gather(*(self._ask_owner(part, one) for part, one in questions))

    async def _ask_owner(self, part: str, asked: list[Believed]) -> ComparedBeliefs:
        """Who does not answer is asked again in the next period."""
        question = encode(CompareBeliefs(repositories=tuple(asked)))
        subject = subjects.rpc_repo(part, beliefs.COMPARE)
        try:
            answer = await self._bus.request(subject, question, timeout=TIMEOUT, patience=PATIENCE)
            return decode(ComparedBeliefs, answer)
        except (BusError, SchemaError) as error:
            log.info("beliefs.not_compared", partition=part, error=str(error))
            return ComparedBeliefs(unsaid=tuple(one.repository for one in asked))

    def _ask(self, app_id: AppId) -> bool:
        """Wish and ask for one anew, unless that is under way. Whether it was done."""
        record = self._book.get(app_id)
        if (
            record is None
            or record.wanted.asked_at is not None
            or self._is_held(app_id)
            or not self._owns(record)
        ):
            return False
        log.info("belief.doubted", app=app_id.qualified)
        record.wanted.is_stored = False
        record.wanted.ask(RenderLevel.CACHED, Cause.RESYNC)
        self._requeue(app_id)
        return True


def _digest(apps: dict[AppId, int]) -> int:
    return reduce(xor, apps.values(), 0)


def _belief(record: Record) -> int:
    render = record.render
    if render is None or render.sources_digest != record.wanted.digest:
        return fingerprint(*record.id, record.wanted.digest, (), "")
    failure = render.failure.message if render.failure is not None else ""
    return fingerprint(*record.id, record.wanted.digest, render.commits or render.revisions, failure)
