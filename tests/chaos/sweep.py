"""A kill of one service at each effect of its that the world can see, before the server sees it and after.

Between two such effects there is nothing else to be caught in: this sweeps all of them.
"""

import asyncio
from collections import Counter

import msgspec

from tests.chaos.effects import Effect
from tests.chaos.faults import Faults
from tests.chaos.place import Place

STAGES = ("before", "after")
HITS = 3
"""How many of the same effect after one deed are swept."""
DEATH_SECONDS = 0.05
"""For which what a killed process asked for is held up, so that it is gone before an answer can come."""


class Point(msgspec.Struct, frozen=True):
    """Which effect after a deed, counted from 1 among those whose name begins so, and at which side of it."""

    name: str
    number: int
    stage: str


class Trap:
    """Kills the process of one service that makes the effect in question; `before`, it has none."""

    def __init__(self, place: Place, faults: Faults, service: str) -> None:
        self._place = place
        self._faults = faults
        self._service = service
        self._point: Point | None = None
        self._count = 0
        self.seen: Counter[str] = Counter()
        self.sprung: Effect | None = None
        place.suite.watchers.add(self._watch)

    def arm(self, point: Point | None) -> None:
        """From now on effects are counted; one of them, if any, is the last of who makes it."""
        self._point, self._count, self.sprung = point, 0, None
        self.seen.clear()

    async def _watch(self, effect: Effect, stage: str) -> None:
        if self._place.suite.instances.get(effect.by) != self._service:
            return
        if stage == "before":
            self.seen[effect.name] += 1
        point = self._point
        if point is None or self.sprung is not None or not effect.name.startswith(point.name):
            return
        self._count += stage == "before"
        if stage == point.stage and self._count >= point.number:
            self.sprung = effect
            self._faults.kill(effect.by)
            await asyncio.sleep(DEATH_SECONDS)
            raise ConnectionAbortedError(f"{effect.by} was killed {stage} {effect.name}")


def points_of(seen: Counter[str]) -> list[Point]:
    """The first three of each effect that a deed had, at both sides."""
    return [
        Point(name, number, stage)
        for name, times in sorted(seen.items())
        for number in range(1, min(times, HITS) + 1)
        for stage in STAGES
    ]
