"""Whose turn it is to render: deployments before questions, and neither kept out for ever.

Invariants: a free child never stands idle while somebody waits for it and may have it; with more than one
child, questions never hold all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from enum import Enum

from fairlead.render.errors import EngineBusyError

SHARE = 3
"""Deployments that go before a waiting question."""


class Lane(Enum):
    """What a render is for."""

    DEPLOYMENT = "deployment"
    QUESTION = "question"


class Turns:
    """Hands out `size` places; at most `queue` callers of a lane wait. `waited` is told how many seconds each
    waited."""

    def __init__(self, size: int, queue: int, waited: Callable[[float], None] = lambda _: None) -> None:
        self._waited = waited
        self._size = self._free = size
        self._queue = queue
        self._most = _most(size)
        self._held = dict.fromkeys(Lane, 0)
        self._waiting: dict[Lane, deque[asyncio.Future[None]]] = {lane: deque() for lane in Lane}
        self._streak = 0

    def resize(self, size: int) -> None:
        """Hand out so many places from now on; those that are held beyond it are not taken away."""
        self._free += size - self._size
        self._size, self._most = size, _most(size)
        self._grant()

    @contextlib.asynccontextmanager
    async def of(self, lane: Lane) -> AsyncIterator[None]:
        """Hold a place. Raises EngineBusyError when too many of the lane wait already."""
        waiting = self._waiting[lane]
        if len(waiting) >= self._queue:
            raise EngineBusyError(f"{len(waiting)} renders wait already")
        loop = asyncio.get_running_loop()
        place, since = loop.create_future(), loop.time()
        waiting.append(place)
        self._grant()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._give_back(lane)
            else:
                waiting.remove(place)
            raise
        try:
            self._waited(loop.time() - since)
            yield
        finally:
            self._give_back(lane)

    def _give_back(self, lane: Lane) -> None:
        self._free += 1
        self._held[lane] -= 1
        self._grant()

    def _grant(self) -> None:
        while self._free > 0 and (lane := self._next()) is not None:
            self._streak = self._streak + 1 if lane is Lane.DEPLOYMENT else 0
            self._free -= 1
            self._held[lane] += 1
            self._waiting[lane].popleft().set_result(None)

    def _next(self) -> Lane | None:
        """Who is served now: a question only when no deployment waits, or when it has been passed over."""
        deployment = bool(self._waiting[Lane.DEPLOYMENT])
        question = (
            bool(self._waiting[Lane.QUESTION]) and self._held[Lane.QUESTION] < self._most[Lane.QUESTION]
        )
        if question and (not deployment or self._streak >= SHARE):
            return Lane.QUESTION
        return Lane.DEPLOYMENT if deployment else None


def _most(size: int) -> dict[Lane, int]:
    """Places that a lane may hold."""
    return {Lane.DEPLOYMENT: size, Lane.QUESTION: max(1, size - 1)}
