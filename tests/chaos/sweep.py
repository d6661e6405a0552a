"""A kill of the controller at each write it makes, before the API server sees it and after it carried it out.

Between two effects that the world can see there is nothing else to be caught in: this sweeps all of them.
"""

import asyncio

import msgspec

from tests.chaos.faults import Faults
from tests.chaos.place import Place
from tests.chaos.recording import Write

CONTROLLERS = "app-controller"


class Point(msgspec.Struct, frozen=True):
    """Which write of the controller after a commit, counted from 1, and whether it is carried out first."""

    number: int
    stage: str


class Trap:
    """Kills the process that makes the write in question, and holds its request back until it is gone."""

    def __init__(self, place: Place, faults: Faults) -> None:
        self._faults = faults
        self._point: Point | None = None
        self._count = 0
        self.sprung: Write | None = None
        place.recording.watchers.append(self._watch)

    def arm(self, point: Point) -> None:
        """From now on writes are counted."""
        self._point, self._count, self.sprung = point, 0, None

    def disarm(self) -> int:
        """No longer; how many writes there were."""
        self._point = None
        return self._count

    async def _watch(self, write: Write, stage: str) -> None:
        if not write.by.startswith(CONTROLLERS) or "dryRun" in write.query or self._is_aside(write):
            return
        if stage == "before":
            self._count += 1
        if self._point is None or self.sprung is not None or stage != self._point.stage:
            return
        if self._count >= self._point.number:
            self.sprung = write
            self._faults.kill(write.by)
            await asyncio.sleep(0.05)

    def _is_aside(self, write: Write) -> bool:
        """Leases and Events tell of no effect on what is deployed."""
        return write.parts[0] in {"leases", "events"}
