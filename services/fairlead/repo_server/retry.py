"""Answers that failed for a reason that passes by itself are given again, later and later.

Invariant: an application is owed at most one retry at a time.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from fairlead.bus import BusUnavailableError
from fairlead.repo_server.declared import AppKey

log = structlog.get_logger(__name__)

FIRST = 2.0
LONGEST = 60.0
"""Seconds before the first retry, and at most between two."""


class Retries:
    """Who is owed a retry; `run` pays."""

    def __init__(self) -> None:
        self.retry: Callable[[AppKey], Awaitable[None]]
        self._attempts: dict[AppKey, int] = {}
        self._due: dict[AppKey, float] = {}
        self._changed = asyncio.Event()

    def owe(self, app: AppKey) -> None:
        """Try again after a while, twice as long as the last time."""
        attempt = self._attempts.get(app, 0)
        self._attempts[app] = attempt + 1
        delay = min(LONGEST, FIRST * 2 ** min(attempt, 10)) * random.uniform(0.8, 1.2)  # noqa: S311
        self._due[app] = asyncio.get_running_loop().time() + delay
        self._changed.set()

    def done(self, app: AppKey) -> None:
        """It was answered, or nobody wants it any more."""
        self._attempts.pop(app, None)
        self._due.pop(app, None)

    async def run(self) -> None:
        """Retry what is due, for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                now = asyncio.get_running_loop().time()
                for app in [app for app, at in self._due.items() if at <= now]:
                    del self._due[app]
                    group.create_task(self._pay(app))
                await self._wait()

    async def _wait(self) -> None:
        self._changed.clear()
        if not self._due:
            await self._changed.wait()
            return
        delay = min(self._due.values()) - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(0.05, delay)):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _pay(self, app: AppKey) -> None:
        try:
            await self.retry(app)
        except BusUnavailableError as error:
            log.warning("render.retry.postponed", app=app, error=str(error))
            self.owe(app)
