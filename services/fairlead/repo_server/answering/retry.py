"""What failed for a reason that passes by itself is tried again, later and later.

A repository that cannot be reached is looked at once for all who need it; nobody is told the same failure
again. Invariant: an application is owed at most one retry at a time, by its repository or by itself.
"""

import asyncio
import heapq
import itertools
import random
from collections.abc import Awaitable, Callable

import structlog

from fairlead.bus import BusUnavailableError
from fairlead.events import Cause, Trace, trace
from fairlead.git import GitError
from fairlead.repo_server.remotes.declared import AppKey
from fairlead.repo_server.remotes.repository import Repository

log = structlog.get_logger(__name__)

FIRST = 2.0
LONGEST = 60.0
"""Seconds before the first retry, and at most between two."""
SETTLE = 5.0
"""Seconds given to what serves those who lack manifests, once a repository answers again."""
AT_ONCE = 64

Owed = str | AppKey
"""By what a retry is owed: the name of what is looked at, or an application."""


class Retries:
    """Who is owed a retry; `run` pays."""

    def __init__(self) -> None:
        self._attempts: dict[Owed, int] = {}
        self._due: dict[Owed, float] = {}
        self._heap: list[tuple[float, int, Owed]] = []
        self._numbers = itertools.count()
        self._repositories: dict[str, Repository] = {}
        self._needing: dict[str, set[AppKey]] = {}
        self._needs: dict[AppKey, str] = {}
        self._changed = asyncio.Event()
        self._places = asyncio.Semaphore(AT_ONCE)

    def owe(self, app: AppKey, repository: Repository | None = None) -> None:
        """Try again after a while, twice as long as the last time: the repository that failed, if one did."""
        if repository is None:
            self._release(app)
            self._postpone(app)
            return
        name = repository.looked_at_as
        if self._needs.get(app) != name:
            self.done(app)
            self._needs[app] = name
            self._needing.setdefault(name, set()).add(app)
        self._repositories[name] = repository
        if name not in self._due:
            self._postpone(name)

    def done(self, app: AppKey) -> None:
        """It was answered, or nobody wants it any more."""
        self._release(app)
        self._attempts.pop(app, None)
        self._due.pop(app, None)

    async def run(self, retry: Callable[[AppKey], Awaitable[None]]) -> None:
        """Retry what is due, for ever; `retry` answers an application again."""
        async with asyncio.TaskGroup() as group:
            while True:
                for owed in self._arrived():
                    if isinstance(owed, str):
                        group.create_task(self._look(owed))
                    else:
                        group.create_task(self._pay(owed, retry))
                await self._wait()

    def _postpone(self, owed: Owed, seconds: float = 0.0) -> None:
        attempt = self._attempts.get(owed, 0)
        self._attempts[owed] = attempt + 1
        delay = seconds or min(LONGEST, FIRST * 2 ** min(attempt, 10))
        at = asyncio.get_running_loop().time() + delay * random.uniform(0.8, 1.2)  # noqa: S311
        self._due[owed] = at
        heapq.heappush(self._heap, (at, next(self._numbers), owed))
        self._changed.set()

    def _release(self, app: AppKey) -> None:
        """It waits for no repository any more; one that nobody waits for is not looked at for its sake."""
        name = self._needs.pop(app, None)
        if name is None:
            return
        needing = self._needing[name]
        needing.discard(app)
        if not needing:
            del self._needing[name], self._repositories[name]
            self._attempts.pop(name, None)
            self._due.pop(name, None)

    def _arrived(self) -> list[Owed]:
        """What is due now; what was paid or put off meanwhile is passed over."""
        now = asyncio.get_running_loop().time()
        found = []
        while self._heap and self._heap[0][0] <= now:
            at, _, owed = heapq.heappop(self._heap)
            if self._due.get(owed) == at:
                del self._due[owed]
                found.append(owed)
        return found

    async def _wait(self) -> None:
        self._changed.clear()
        if not self._heap:
            await self._changed.wait()
            return
        delay = self._heap[0][0] - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(0.05, delay)):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _look(self, name: str) -> None:
        """One look for all who need a repository. When it answers, most are served by what recovers it."""
        repository = self._repositories.get(name)
        if repository is None:
            return
        with trace.following(Trace.start()):
            try:
                await repository.check(Cause.RETRY, list_first=True)
            except GitError as error:
                log.info("repository.retry.failed", repository=repository.identity, error=str(error))
            except Exception:
                log.exception("repository.retry.broke", repository=repository.identity)
        if name not in self._needing:
            return
        if repository.failure is not None:
            self._postpone(name)
            return
        for app in tuple(self._needing[name]):
            self._release(app)
            self._postpone(app, SETTLE)

    async def _pay(self, app: AppKey, retry: Callable[[AppKey], Awaitable[None]]) -> None:
        async with self._places:
            try:
                await retry(app)
            except BusUnavailableError as error:
                log.warning("render.retry.postponed", app=app, error=str(error))
                self.owe(app)
            except Exception:
                log.exception("render.retry.broke", app=app)
                self.owe(app)
