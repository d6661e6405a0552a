"""Public events: which application is to be looked at now, and by which event.

Why: the event comes with the change itself, and tells things that no status keeps: what drifted, healed or is
held. Invariant: an event says which application, never what it is; one that is missed costs time, not
messages of its status.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from fairlead.bus import Bus
from fairlead.bus.follow import follow
from fairlead.events import subjects
from fairlead.kube.collection import Name

SUBJECT = f"{subjects.PUBLIC}.app.>"
_APP = 6
"""Parts of a subject of an application, at least: fairlead.v1.app.<namespace>.<name>.<transition>."""


MAX_EVENTS: Final = 32
"""Events of one application that wait for its look; the oldest are dropped beyond."""
MAX_WAITING: Final = 2000
"""Applications whose events wait for a look."""


class Waiting:
    """Events that wait for the look at their application."""

    def __init__(self) -> None:
        self._events: dict[Name, deque[bytes]] = {}

    def add(self, name: Name, event: bytes) -> None:
        """One came."""
        if name in self._events or len(self._events) < MAX_WAITING:
            self._events.setdefault(name, deque(maxlen=MAX_EVENTS)).append(event)

    def take(self, name: Name) -> tuple[bytes, ...]:
        """Those of an application, which do not wait any more."""
        return tuple(self._events.pop(name, ()))

    def clear(self) -> None:
        """Nobody waits."""
        self._events.clear()


async def follow_story(
    bus: Bus, told: Callable[[Name, bytes], None], *, since: datetime, while_: Callable[[], bool]
) -> None:
    """Tell of each event of an application since then, with its JSON, until one comes when `while_` no longer
    holds."""
    async for found in follow(bus, SUBJECT, since=since):
        if not while_():
            return
        parts = found.subject.split(".")
        if len(parts) >= _APP and is_json(found.payload):
            told((subjects.untoken(parts[3]), subjects.untoken(parts[4])), found.payload)


def is_json(payload: bytes) -> bool:
    """Whether it may be handed on: whoever publishes there is not believed."""
    try:
        msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
