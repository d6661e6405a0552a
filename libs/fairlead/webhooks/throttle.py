"""How often strangers may make us look at a repository.

The invariant: only what nobody signed is counted, so that whoever floods us never keeps a provider out; and
what is remembered of strangers is bounded.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 4096
"""Senders and repositories kept in mind; those longest unseen are forgotten first."""
OF_SENDER = (60.0, 5.0)
"""At once, and a second, of one address."""
OF_REPOSITORY = (20.0, 1.0)
"""At once, and a second, about one repository."""

Clock = Callable[[], float]


class Tokens:
    """A token bucket for each key: `burst` at once, `rate` a second."""

    def __init__(self, burst: float, rate: float, clock: Clock = time.monotonic) -> None:
        self._burst, self._rate, self._clock = burst, rate, clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Whether one more is allowed now; then it is counted."""
        now = self._clock()
        level, seen = self._levels.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - seen) * self._rate)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now)
        while len(self._levels) > REMEMBERED:
            self._levels.popitem(last=False)
        return allowed


class Throttle:
    """Counts unsigned webhooks by who sends them and what they are about."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._senders = Tokens(*OF_SENDER, clock)
        self._repositories = Tokens(*OF_REPOSITORY, clock)

    def allows_sender(self, address: str) -> bool:
        """Whether an address may send one more."""
        return self._senders.take(address)

    def allows_repository(self, identity: str) -> bool:
        """Whether a repository may be looked at once more."""
        return self._repositories.take(identity)
