"""How often a page is told of changes: a few at once as they happen, then at a steady pace.

Why: the first change of a quiet application is to be seen at once, and a storm of them must not cost each
page one event for each.
"""

A_SECOND = 4.0
"""Events a page is told in the long run."""
AT_ONCE = 3.0
"""Events that may come one right after the other when it was quiet."""


class Allowance:
    """Events that may be told now, of those that come back with time."""

    def __init__(self, now: float, *, a_second: float = A_SECOND, at_once: float = AT_ONCE) -> None:
        self._a_second = a_second
        self._at_once = at_once
        self._left = at_once
        self._at = now

    def take(self, now: float) -> float:
        """Take one; seconds to wait until it may be told."""
        self._left = min(self._at_once, self._left + (now - self._at) * self._a_second)
        self._at = now
        self._left -= 1.0
        return max(0.0, -self._left / self._a_second)
