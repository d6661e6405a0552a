"""Log lines that strangers cause: some at once and some a second of each kind, beyond that only their number.

Invariant: whoever sends by the thousand writes no more than that. How many there were of which outcome is
counted beside it, for Prometheus.
"""

import time
from collections import Counter
from collections.abc import Callable

from fairlead.webhooks.throttle import Clock, Tokens

AT_ONCE = 20.0
A_SECOND = 5.0


class Sparing:
    """Writes lines of a kind while there are few of them."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._tokens = Tokens(AT_ONCE, A_SECOND, clock)
        self._unsaid: Counter[str] = Counter()

    def say(self, write: Callable[..., object], event: str, **values: object) -> None:
        """Write a line, with the number of those that were left out before it; or leave this one out."""
        if not self._tokens.take(event):
            self._unsaid[event] += 1
        elif unsaid := self._unsaid.pop(event, 0):
            write(event, unsaid=unsaid, **values)
        else:
            write(event, **values)
