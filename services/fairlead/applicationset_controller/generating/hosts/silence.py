"""Hosts that take connections and do not answer.

Why: who waits for one holds a place that other sets need. Invariant: while a host is silent one at a time
waits for it, after a pause that grows; all others are told at once. Who answers, whatever it says, is not
silent.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

SLOW: Final = 5.0
"""Seconds from which a request that failed is one that was waited for; what fails sooner costs nobody."""
FIRST: Final = 30.0
LONGEST: Final = 300.0
"""Seconds until a silent host is asked again: doubling between these."""
MOST_HOSTS: Final = 1024
"""Hosts that are remembered; the one heard of longest ago goes first."""


class _Silent:
    def __init__(self) -> None:
        self.failures = 0
        self.until = 0.0
        self.is_asked = False


class Silences:
    """By host."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hosts: OrderedDict[str, _Silent] = OrderedDict()

    def admit(self, host: str) -> float:
        """0.0 for who may ask; else the seconds until somebody may, 1.0 while one does."""
        found = self._hosts.get(host)
        if found is None:
            return 0.0
        if found.is_asked:
            return 1.0
        left = found.until - self._clock()
        if left > 0:
            return left
        found.is_asked = True
        return 0.0

    def ended(self, host: str, seconds: float, *, is_answered: bool) -> None:
        """A request is over. One that was broken off by us says nothing, but that nobody asks any more."""
        found = self._hosts.get(host)
        if is_answered or seconds < SLOW:
            if is_answered:
                self._hosts.pop(host, None)
            elif found is not None:
                found.is_asked = False
            return
        if found is None:
            found = self._hosts[host] = _Silent()
            if len(self._hosts) > MOST_HOSTS:
                self._hosts.popitem(last=False)
        elif not found.is_asked:
            return  # it was under way when the first was not answered
        found.is_asked = False
        found.failures += 1
        found.until = self._clock() + min(FIRST * 2 ** min(found.failures - 1, 8), LONGEST)
