"""How often a name may be guessed for: counted before the password is looked at, so a race gains nothing.

The invariant: the count of a real account is never forgotten to make room for made-up names.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

LIMIT = 5
"""Failures within the window after which every attempt is refused (contract 13.1)."""
WINDOW = 300.0
"""Seconds after the first failure until they are forgotten."""
NAMES = 10_000
"""Made-up names remembered at once; the oldest goes first."""


class _Count(msgspec.Struct):
    since: float
    attempts: int = 0


class LoginThrottle:
    """Counts attempts by name; a success clears the count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._real: dict[str, _Count] = {}
        self._made_up: OrderedDict[str, _Count] = OrderedDict()

    def begin(self, name: str, *, exists: bool) -> bool:
        """Count an attempt; whether it may go on. `exists` tells real accounts from made-up names."""
        counts = self._real if exists else self._made_up
        now = self._clock()
        count = counts.get(name)
        if count is None or now - count.since >= WINDOW:
            count = counts[name] = _Count(now)
        count.attempts += 1
        while len(self._made_up) > NAMES:
            self._made_up.popitem(last=False)
        return count.attempts <= LIMIT

    def succeeded(self, name: str) -> None:
        """The right password was given: forget what came before."""
        self._real.pop(name, None)
