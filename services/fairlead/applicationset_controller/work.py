"""Which set is looked at when: each by one task at a time, the fair share of it, and only where it is ours.

A set that was asked for is looked at whole; one whose Applications only fare otherwise is glanced at, a
little later, for all of them together. Invariant: a set that fails, hangs or is enormous costs no other
anything but a place for a second.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from fairlead.applicationset_controller.following.sets import KnownSet, Sets
from fairlead.kube.collection import Name
from fairlead.process.work_queue import DEADLINES, Lane, Place, WorkQueue

log = structlog.get_logger(__name__)

GLANCE: Final = 1.0
"""Seconds for which changes of how Applications fare are gathered."""
STEP: Final = 0.1
"""The same where a rolling sync waits for them."""
LANE: Final = Lane.OPERATION
DEADLINE: Final = DEADLINES[LANE]
"""Seconds that one look may take: it may make thousands of Applications, or ask for thousands of branches."""


class Looks(Protocol):
    """What is done for a set."""

    async def look(self, known: KnownSet) -> float | None: ...

    async def step(self, known: KnownSet) -> float | None: ...

    async def glance(self, known: KnownSet) -> None: ...

    def forget(self, key: Name) -> None: ...


class Work:
    """The queue of sets. `owns` tells whose a set is; `is_stepwise` whether it is updated in steps; `took` is
    told how many seconds a look took."""

    def __init__(
        self,
        sets: Sets,
        looks: Looks,
        *,
        owns: Callable[[Name], bool],
        is_stepwise: Callable[[KnownSet], bool],
        took: Callable[[Name, float], None],
    ) -> None:
        self._sets = sets
        self._looks = looks
        self._owns = owns
        self._is_stepwise = is_stepwise
        self._took = took
        self._asked: set[Name] = set()
        self._due: dict[Name, float] = {}
        self._queue: WorkQueue[Name] = WorkQueue(lambda key: Place(group="/".join(key), lane=LANE))

    async def run(self, places: int) -> None:
        """Look at sets until cancelled, at so many at once."""
        await self._queue.serve(self._work, workers=1, operators=places)

    def ask(self, key: Name) -> None:
        """Look at a set, whole, soon."""
        if self._sets.get(key) is not None and self._owns(key):
            self._asked.add(key)
            self._queue.add(key)

    def fares(self, key: Name) -> None:
        """Applications of a set fare otherwise."""
        known = self._sets.get(key)
        if known is None or not self._owns(key):
            return
        self._queue.add_after(key, STEP if self._is_stepwise(known) else GLANCE)

    def forget(self, key: Name) -> None:
        """The set is gone."""
        self._asked.discard(key)
        self._due.pop(key, None)
        self._queue.forget(key)
        self._looks.forget(key)

    def share(self) -> None:
        """Replicas came or went: what is ours now is looked at, what is not is forgotten."""
        for known in self._sets:
            if not self._owns(known.key):
                self.forget(known.key)
            elif known.key not in self._due:
                self.ask(known.key)

    async def _work(self, key: Name) -> float | None:
        known = self._sets.get(key)
        if known is None or not self._owns(key):
            return None
        due = self._due.get(key, 0.0)
        if key not in self._asked and time.monotonic() < due:
            return await self._between(known, due)
        self._asked.discard(key)
        self._due.pop(key, None)
        begun = time.monotonic()
        again = await self._looks.look(known)
        ended = time.monotonic()
        if self._sets.get(key) is None or not self._owns(key):
            return None  # it is asked for when it becomes ours again
        self._took(key, ended - begun)
        self._due[key] = math.inf if again is None else ended + again
        return again

    async def _between(self, known: KnownSet, due: float) -> float | None:
        """Applications fare otherwise before the set is due."""
        again: float | None = None
        if self._is_stepwise(known):
            again = await self._looks.step(known)
        else:
            await self._looks.glance(known)
        left = min(due - time.monotonic(), math.inf if again is None else again)
        return None if math.isinf(left) else max(left, 0.0)
