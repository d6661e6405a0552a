"""Those who hold something of ours before it is known who they are: connections, and calls.

The invariant: a stranger is not turned away because there are many. Of those at one address, and then of all,
whoever has waited longest gives way; who is honest is known within moments and hardly ever that one.
"""

from collections.abc import Callable, Hashable

from fairlead.auth.throttle import place_of
from fairlead.metrics import Counter

CONNECTIONS_OF_ONE = 256
"""Connections of one address on which nobody is known. Behind a proxy all have its address; what people who
are logged in use there is known and not counted."""
CALLS_OF_CONNECTION = 16
"""Calls of one connection of whom nobody is known and whose request is not whole; more are refused."""
CALLS_OF_ONE = 128
"""The same of one address; the one that has waited longest gives way."""
CALLS = 1024
"""The same of all addresses."""

GAVE_WAY = Counter("fairlead_api_strangers_gave_way", "Strangers cut off to make room for others", ["what"])

GiveWay = Callable[[], object]


class Strangers:
    """Counts what strangers hold, oldest first: at most `of_one` of an address, and `in_all`. Metrics say
    `what` it is."""

    def __init__(self, what: str, *, of_one: int, in_all: int) -> None:
        self._gave_way = GAVE_WAY.labels(what)
        self._of_one = of_one
        self._in_all = in_all
        self._held: dict[Hashable, tuple[str, GiveWay]] = {}
        self._of: dict[str, dict[Hashable, None]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def came(self, key: Hashable, address: str, give_way: GiveWay) -> None:
        """One more, at an address; `give_way` ends it. Others may have to give way for it."""
        self.left(key)
        place = place_of(address)
        of_one = self._of.get(place, {})
        if len(of_one) >= self._of_one:
            self._end(next(iter(of_one)))
        elif len(self._held) >= self._in_all:
            self.make_room()
        self._held[key] = (place, give_way)
        self._of.setdefault(place, {})[key] = None

    def left(self, key: Hashable) -> None:
        """It ended, or it is known now who it is. What is not held is nothing."""
        place, _ = self._held.pop(key, ("", None))
        of_one = self._of.get(place)
        if of_one is not None:
            of_one.pop(key, None)
            if not of_one:
                del self._of[place]

    def make_room(self) -> bool:
        """Have the one that has waited longest give way; whether there is one."""
        if not self._held:
            return False
        self._end(next(iter(self._held)))
        return True

    def _end(self, key: Hashable) -> None:
        _, give_way = self._held[key]
        self.left(key)
        self._gave_way.inc()
        give_way()
