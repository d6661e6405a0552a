"""How soon the same automated sync may begin again, whatever made it seem new.

Invariant: nothing that repeats itself does so faster than `HEAL_WAITS` allow, also when a comparison of what
was attempted with what is wanted goes wrong.
"""

from __future__ import annotations

from collections.abc import Hashable

from fairlead.sync.automated import HEAL_WAITS, default_heal_wait

CALM = HEAL_WAITS[-1]
"""Seconds without a beginning after which the count starts anew."""


class Pace:
    """The beginnings of automated syncs of one application, in this process."""

    def __init__(self) -> None:
        self._what: Hashable = None
        self._count = 0
        self._last = 0.0

    def wait(self, what: Hashable, moment: float) -> float:
        """Seconds until this may begin (monotonic `moment`); 0 for now."""
        if what != self._what or moment - self._last > CALM:
            return 0.0
        return max(0.0, self._last + default_heal_wait(self._count) - moment)

    def begun(self, what: Hashable, moment: float) -> None:
        """It begins now."""
        is_again = what == self._what and moment - self._last <= CALM
        self._count = self._count + 1 if is_again else 0
        self._what, self._last = what, moment
