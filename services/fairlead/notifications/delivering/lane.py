"""What waits for one destination, and which of it is sent next.

Invariant: messages of one application keep their order; one that fails is overtaken by those of others, and
only several that fail one after the other say that it is the destination that is down.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Final

import msgspec

from fairlead.events import Trace
from fairlead.notices.judging.decide import Send
from fairlead.notices.senders.sender import Message
from fairlead.notifications.following.applications import Followed

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0
"""Seconds before a message that failed is tried again, and before a destination that is down is: doubling
between these."""
LONGEST_WISH: Final = 600.0
"""Seconds that a service may ask to be left alone for."""
IN_A_ROW: Final = 3
"""Failures without a success between them after which a destination is taken to be down."""


class Parcel(msgspec.Struct, kw_only=True, eq=False):
    """One message on its way. `namespace` is that of its configuration, whose digest is `digest`. `tries` and
    `due`, on the monotonic clock, are the lane's."""

    app: Followed
    send: Send
    message: Message
    namespace: str
    digest: str
    dedupe: str
    stays: bool
    trace: Trace
    since: float = msgspec.field(default_factory=time.monotonic)
    tries: int = 0
    due: float = 0.0


class Lane:
    """In the order in which they came."""

    def __init__(self) -> None:
        self._parcels: list[Parcel] = []
        self._rung = asyncio.Event()
        self._failures = 0
        self._held_until = 0.0

    def __len__(self) -> int:
        return len(self._parcels)

    def put(self, parcel: Parcel) -> None:
        """One more."""
        self._parcels.append(parcel)
        self.ring()

    def ring(self) -> None:
        """Whoever waits looks again."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Until there is something new, or for so long."""
        self._rung.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return

    def next(self) -> tuple[Parcel | None, float]:
        """What is sent now, the one that was tried least; or the seconds until there may be something."""
        now = time.monotonic()
        if now < self._held_until:
            return None, self._held_until - now
        first = {parcel.app.uid: parcel for parcel in reversed(self._parcels)}
        ready = [parcel for parcel in self._parcels if first[parcel.app.uid] is parcel]
        due = [parcel for parcel in ready if parcel.due <= now]
        if due:
            return min(due, key=lambda parcel: parcel.tries), 0.0
        return None, min((parcel.due - now for parcel in ready), default=LONGEST_PAUSE)

    def take_out(self, parcel: Parcel, *, has_arrived: bool) -> None:
        """It arrived, or never will."""
        self._parcels.remove(parcel)
        if has_arrived:
            self._failures = 0

    def put_off(self, parcel: Parcel, wish: float | None) -> None:
        """It failed and is tried again; `wish` are the seconds that the service asks to be left alone."""
        now = time.monotonic()
        parcel.due = now + _pause(parcel.tries)
        parcel.tries += 1
        self._failures += 1
        if wish:
            self._held_until = now + min(wish, LONGEST_WISH)
        elif self._failures >= IN_A_ROW:
            self._held_until = now + _pause(self._failures - IN_A_ROW)


def _pause(tries: int) -> float:
    longest = min(FIRST_PAUSE * 2 ** min(tries, 20), LONGEST_PAUSE)
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load
