"""Who is worked on next: each key by one worker at a time, again when it changed meanwhile, fairly.

Keys belong to groups (their cluster) and lanes (operations, comparisons, background). Groups of a lane take
turns. Operations have seats of their own; the background uses those of comparisons when none waits, and now
and then before one. Work that has lasted long is taken to wait for its cluster and gives its seat back, but a
group never has more under way than there are seats: who does not answer holds up only its own.

Invariant: a key that was added is worked on at least once after the addition, and never twice at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from enum import IntEnum
from typing import Final, Generic, NamedTuple, NoReturn, TypeVar

import structlog

log = structlog.get_logger(__name__)

FIRST_RETRY = 1.0
LONGEST_RETRY = 60.0
"""Seconds before a key whose work failed is tried again: doubling between these."""
STALL: Final = 1.0
"""Seconds after which work is taken to wait for others and its seat is free for another group."""
STALLED_AT_MOST: Final = 1000
"""Pieces of work without a seat; beyond it they keep theirs."""
BACKGROUND_TURN: Final = 8
"""Every so many comparisons the background has a turn although comparisons wait."""

K = TypeVar("K", bound=Hashable)


class Lane(IntEnum):
    """What kind of work a key is waiting for, the more urgent first."""

    OPERATION = 0
    COMPARISON = 1
    BACKGROUND = 2


DEADLINES: Final = {Lane.OPERATION: 900.0, Lane.COMPARISON: 180.0, Lane.BACKGROUND: 180.0}
"""Seconds one piece of work may take; a sync goes on in the next one where this one ended."""


class Place(NamedTuple):
    """Whose turn a key waits for."""

    group: str = ""
    lane: Lane = Lane.COMPARISON


class _Seats:
    """Work of one kind that is under way, and how much of it may be."""

    def __init__(self) -> None:
        self.size = 0
        self.taken = 0
        self.by_group: dict[str, int] = {}

    def has_room_for(self, group: str) -> bool:
        return self.by_group.get(group, 0) < self.size

    @property
    def is_full(self) -> bool:
        return self.taken >= self.size

    def enter(self, group: str) -> None:
        self.taken += 1
        self.by_group[group] = self.by_group.get(group, 0) + 1

    def leave(self, group: str, *, seated: bool) -> None:
        self.taken -= seated
        left = self.by_group.pop(group) - 1
        if left:
            self.by_group[group] = left


class WorkQueue(Generic[K]):
    """Keys by lane and group, in order of arrival within a group.

    Holds at most one entry and one timer per key, so it is bounded by the number of keys.
    """

    def __init__(self, place_of: Callable[[K], Place] = lambda _: Place()) -> None:
        self._place_of = place_of
        self._waiting: dict[Lane, dict[str, dict[K, None]]] = {lane: {} for lane in Lane}
        self._queued: dict[K, Place] = {}
        self._active: set[K] = set()
        self._again: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._failures: dict[K, int] = {}
        self._operators = _Seats()
        self._workers = _Seats()
        self._stalled = 0
        self._comparisons = 0
        self._begin: Callable[[K, Place], None] | None = None
        self._worked_at = 0.0

    def add(self, key: K, *, background: bool = False) -> None:
        """Work on the key soon; one that is being worked on is worked on once more."""
        if key in self._active:
            self._again.add(key)
            return
        place = self._place_of(key)
        if background and place.lane is Lane.COMPARISON:
            place = Place(place.group, Lane.BACKGROUND)
        known = self._queued.get(key)
        if known is not None:
            if place.lane >= known.lane:
                return
            self._take_out(key, known)
        self._queued[key] = place
        self._waiting[place.lane].setdefault(place.group, {})[key] = None
        self._begin_what_may()

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
        self._clear_timer(key)

    @property
    def depth(self) -> int:
        """Keys that wait for a worker."""
        return len(self._queued)

    def is_quiet(self, seconds: float) -> bool:
        """Whether nothing waits, nothing is being worked on, and nothing was for so many seconds."""
        idle = not self._queued and not self._active
        return idle and time.monotonic() - self._worked_at > seconds

    async def serve(
        self, work: Callable[[K], Awaitable[float | None]], *, workers: int, operators: int = 1
    ) -> NoReturn:
        """Work until cancelled. `work` returns after how many seconds to look again, or None.

        `workers` and `operators` are how many comparisons and how many operations are worked on at once.
        """
        self._workers.size, self._operators.size = workers, operators
        async with asyncio.TaskGroup() as group:
            self._begin = lambda key, place: _own(group, self._worked(key, place, work))
            self._begin_what_may()
            try:
                await asyncio.Event().wait()
            finally:
                self._begin = None
        raise AssertionError("an event that nobody sets")

    def _begin_what_may(self) -> None:
        while self._begin is not None:
            found = self._next()
            if found is None:
                return
            key, place = found
            self._take_out(key, place)
            self._active.add(key)
            self._clear_timer(key)
            self._seats(place.lane).enter(place.group)
            self._begin(key, place)

    def _next(self) -> tuple[K, Place] | None:
        """The next key whose lane has a seat and whose group has not more under way than it may."""
        comparisons = [Lane.COMPARISON, Lane.BACKGROUND]
        if self._comparisons >= BACKGROUND_TURN:
            comparisons.reverse()
        for lane in (Lane.OPERATION, *comparisons):
            seats, groups = self._seats(lane), self._waiting[lane]
            if seats.is_full:
                continue
            for group, keys in groups.items():
                if seats.has_room_for(group):
                    groups[group] = groups.pop(group)
                    if lane is not Lane.OPERATION:
                        self._comparisons = self._comparisons + 1 if lane is Lane.COMPARISON else 0
                    return next(iter(keys)), Place(group, lane)
        return None

    def _take_out(self, key: K, place: Place) -> None:
        del self._queued[key]
        keys = self._waiting[place.lane][place.group]
        del keys[key]
        if not keys:
            del self._waiting[place.lane][place.group]

    def _seats(self, lane: Lane) -> _Seats:
        return self._operators if lane is Lane.OPERATION else self._workers

    async def _worked(self, key: K, place: Place, work: Callable[[K], Awaitable[float | None]]) -> None:
        seats, is_seated = self._seats(place.lane), True

        def stall() -> None:
            nonlocal is_seated
            if self._stalled < STALLED_AT_MOST:
                is_seated = False
                self._stalled += 1
                seats.taken -= 1
                self._begin_what_may()

        stalling = asyncio.get_running_loop().call_later(STALL, stall)
        try:
            await self._attempt(key, work, DEADLINES[place.lane])
        finally:
            stalling.cancel()
            self._stalled -= not is_seated
            seats.leave(place.group, seated=is_seated)
            self._active.discard(key)
            self._worked_at = time.monotonic()
            if key in self._again:
                self._again.discard(key)
                self.add(key)
            self._begin_what_may()

    async def _attempt(self, key: K, work: Callable[[K], Awaitable[float | None]], deadline: float) -> None:
        try:
            async with asyncio.timeout(deadline):
                again_after = await work(key)
        except Exception:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            wait = min(FIRST_RETRY * 2 ** min(failures - 1, 16), LONGEST_RETRY)
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


def _own(group: asyncio.TaskGroup, work: Coroutine[object, object, None]) -> None:
    group.create_task(work)
