"""How soon the same automated sync may begin again, whatever made it seem new.

Invariant: nothing that repeats itself does so faster than `HEAL_WAITS` allow, also when a comparison of what
was attempted with what is wanted goes wrong.
"""

from __future__ import annotations

from collections.abc import Hashable

import msgspec

from fairlead.sync.automated import HEAL_WAITS, default_heal_wait

CALM = HEAL_WAITS[-1]
"""Seconds without a beginning after which the count starts anew."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """The beginnings of automated syncs of one application, in this process. `last` is monotonic."""

    what: Hashable = None
    count: int = 0
    last: float = 0.0

    def wait(self, what: Hashable, moment: float) -> float:
        """Seconds until this may begin (monotonic `moment`); 0 for now."""
        if what != self.what or moment - self.last > CALM:
            return 0.0
        return max(0.0, self.last + default_heal_wait(self.count) - moment)

    def begun(self, what: Hashable, moment: float) -> Pace:
        """The pace once it begins now."""
        is_again = what == self.what and moment - self.last <= CALM
        return Pace(what=what, count=self.count + 1 if is_again else 0, last=moment)
