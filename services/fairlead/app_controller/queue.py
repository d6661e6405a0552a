"""Who is worked on next: each key by one worker at a time, again when it changed meanwhile, fairly.

Invariant: a key that was added is worked on at least once after the addition, and never twice at once.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

FIRST_RETRY = 1.0
LONGEST_RETRY = 60.0
"""Seconds before a key whose work failed is tried again: doubling between these."""

K = TypeVar("K", bound=Hashable)


class WorkQueue(Generic[K]):
    """Keys in order of arrival, those of the background behind all others.

    Holds at most one entry and one timer per key, so it is bounded by the number of keys.
    """

    def __init__(self) -> None:
        self._front: deque[K] = deque()
        self._back: deque[K] = deque()
        self._queued: set[K] = set()
        self._active: set[K] = set()
        self._again: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._failures: dict[K, int] = {}
        self._waiting = asyncio.Semaphore(0)
        self._worked_at = 0.0

    def add(self, key: K, *, background: bool = False) -> None:
        """Work on the key soon; one that is being worked on is worked on once more."""
        if key in self._active:
            self._again.add(key)
            return
        if key in self._queued:
            if not background and key in self._back:
                self._back.remove(key)
                self._front.append(key)
            return
        self._queued.add(key)
        (self._back if background else self._front).append(key)
        self._waiting.release()

    def add_after(self, key: K, seconds: float) -> None:
        """Work on the key after some seconds, or earlier if that was asked for."""
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        timer = self._timers.get(key)
        if timer is not None:
            if timer.when() <= due:
                return
            timer.cancel()
        self._timers[key] = loop.call_at(due, self._due, key)

    def forget(self, key: K) -> None:
        """The key is gone: no timer, no memory of failures."""
        self._failures.pop(key, None)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    @property
    def depth(self) -> int:
        """Keys that wait for a worker."""
        return len(self._queued)

    def is_quiet(self, seconds: float) -> bool:
        """Whether nothing waits, nothing is being worked on, and nothing was for so many seconds."""
        idle = not self._queued and not self._active
        return idle and time.monotonic() - self._worked_at > seconds

    async def serve(self, work: Callable[[K], Awaitable[float | None]], *, workers: int) -> None:
        """Work until cancelled. `work` returns after how many seconds to look again, or None."""
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._serve_one(work))

    async def _serve_one(self, work: Callable[[K], Awaitable[float | None]]) -> None:
        while True:
            await self._waiting.acquire()
            key = (self._front or self._back).popleft()
            self._queued.discard(key)
            self._active.add(key)
            self._clear_timer(key)
            try:
                await self._attempt(key, work)
            finally:
                self._active.discard(key)
                self._worked_at = time.monotonic()
                if key in self._again:
                    self._again.discard(key)
                    self.add(key)

    async def _attempt(self, key: K, work: Callable[[K], Awaitable[float | None]]) -> None:
        try:
            again_after = await work(key)
        except Exception:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            wait = min(FIRST_RETRY * 2 ** (failures - 1), LONGEST_RETRY)
            log.exception("work.failed", key=str(key), failures=failures, wait=wait)
            self.add_after(key, wait)
        else:
            self._failures.pop(key, None)
            if again_after is not None:
                self.add_after(key, again_after)

    def _clear_timer(self, key: K) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def _due(self, key: K) -> None:
        self._timers.pop(key, None)
        self.add(key)
