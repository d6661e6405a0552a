"""The slow path behind webhooks: every followed repository is looked at every two minutes or so.

After each look, what was announced is compared with what is true: whatever message was lost, the next poll
finds it. What one look brings up to date together, as all charts of one index, is polled as one.

Invariant: a repository whose followers all name commits that are here, and were told of them by us, is left
alone, and one that answered lately waits.
"""

import asyncio
import random
from collections.abc import Iterable

import structlog

from fairlead.events import Cause, Trace, trace
from fairlead.git import GitError
from fairlead.repo_server.remotes.following import Following, Group
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.watching.advance import Advancer

log = structlog.get_logger(__name__)

JITTER = 0.1
"""Share by which a period varies, so that many repositories do not stay in step."""
PATIENT = 2
"""Failures in a row after which a remote is looked at less often."""
LONGEST_PAUSE = 4
"""Periods between two looks at a remote that has failed again and again; who needs it asks more often."""
SOON = 0.0
"""As the time when a repository is due: at once, however lately it answered."""
NEVER = 1e9
"""Period when polling is switched off with 0: only what hurries is looked at."""
TICK = 1.0
"""Seconds between two looks at what is due."""


class Poller:
    """Polls what is followed."""

    def __init__(self, *, mirrors: Mirrors, following: Following, advancer: Advancer, period: float) -> None:
        self._mirrors = mirrors
        self._following = following
        self._advancer = advancer
        self._period = period if period > 0 else NEVER
        self._due: dict[str, float] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._maintained: dict[str, asyncio.Task[None]] = {}

    def hurry(self, repositories: Iterable[Repository]) -> None:
        """Look at these repositories soon: a start, or other credentials."""
        self._due |= {repository.looked_at_as: SOON for repository in repositories}

    def hurry_all(self) -> None:
        """Look at all that is followed soon."""
        self.hurry(self._mirrors)

    async def run(self) -> None:
        """Poll for ever."""
        try:
            while True:
                self._begin_due()
                await asyncio.sleep(min(TICK, self._period / 4))
        finally:
            for task in (*self._running.values(), *self._maintained.values()):
                task.cancel()

    def _begin_due(self) -> None:
        now = asyncio.get_running_loop().time()
        due: dict[str, float] = {}
        for repository in self._mirrors:
            name = repository.looked_at_as
            if name in due or not any(_needs_looks(group) for group in self._following.of(repository)):
                continue
            due[name] = self._due.get(name, now + self._varied(self._period))
            if due[name] > now or name in self._running:
                continue
            left = 0.0 if due[name] == SOON else self._period - repository.age
            if left <= self._period * JITTER:
                self._start(repository)
                left = self._period * min(2 ** max(0, repository.failures - PATIENT), LONGEST_PAUSE)
            due[name] = now + self._varied(left)
        self._due = due

    def _varied(self, seconds: float) -> float:
        return seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311

    def _start(self, repository: Repository) -> None:
        """One at a time of what is looked at: a fetch may take longer than a period."""
        name = repository.looked_at_as
        task = self._running[name] = asyncio.create_task(self._poll(repository))
        task.add_done_callback(lambda _: self._polled(repository))

    def _polled(self, repository: Repository) -> None:
        """What was looked at is tidied, beside further looks."""
        name = repository.looked_at_as
        if not self._running.pop(name).cancelled() and name not in self._maintained:
            task = self._maintained[name] = asyncio.create_task(self._maintain(repository))
            task.add_done_callback(lambda _: self._maintained.pop(name))

    async def _maintain(self, repository: Repository) -> None:
        for one in tuple(repository.together()):
            try:
                await one.mirror.maintain()
            except GitError as error:
                log.warning("maintenance.failed", repository=one.identity, error=str(error))
            except Exception:
                log.exception("maintenance.broke", repository=one.identity)

    async def _poll(self, repository: Repository) -> None:
        with trace.following(Trace.start()):
            try:
                await repository.check(Cause.POLL, list_first=True)
                for one in tuple(repository.together()):
                    await self._advancer.catch_up(one, Cause.POLL)
            except GitError as error:
                log.warning("poll.failed", repository=repository.identity, error=str(error))
            except Exception:
                log.exception("poll.broke", repository=repository.identity)


def _needs_looks(group: Group) -> bool:
    """Whether its revision may mean another commit by the next look, or it is not known who was told what."""
    return not group.is_pinned or group.is_awaited or group.is_doubted
