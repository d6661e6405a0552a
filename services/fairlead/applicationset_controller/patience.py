"""Sets whose templates do not end are left alone for longer each time: what they cost, the others wait for.

Invariant: whatever wakes such a set meanwhile, only a change of its spec or a refresh that a person asks for
has it generated before its time.
"""

from __future__ import annotations

import time
from typing import Final, NamedTuple

from fairlead.applicationset_controller.following.sets import KnownSet
from fairlead.kube.collection import Name

FIRST: Final = 180.0
LONGEST: Final = 3600.0
"""Seconds until a set is generated again that took too long: doubling between these."""


class _Rest(NamedTuple):
    basis: tuple[str, int]
    until: float
    seconds: float


class Patience:
    """Which sets rest, until when (`time.monotonic()`)."""

    def __init__(self) -> None:
        self._resting: dict[Name, _Rest] = {}

    def left(self, known: KnownSet) -> float:
        """Seconds that a set rests still; 0.0 for one that does not."""
        rest = self._resting.get(known.key)
        if rest is None or rest.basis != _basis(known) or known.wants_refresh:
            return 0.0
        return max(rest.until - time.monotonic(), 0.0)

    def rest(self, known: KnownSet) -> float:
        """The set took too long; seconds until it is generated again."""
        before = self._resting.get(known.key)
        is_same = before is not None and before.basis == _basis(known)
        seconds = min(before.seconds * 2, LONGEST) if before is not None and is_same else FIRST
        self._resting[known.key] = _Rest(_basis(known), time.monotonic() + seconds, seconds)
        return seconds

    def forget(self, key: Name) -> None:
        """The set was generated, or is gone."""
        self._resting.pop(key, None)


def _basis(known: KnownSet) -> tuple[str, int]:
    return known.set.metadata.uid, known.set.metadata.generation
