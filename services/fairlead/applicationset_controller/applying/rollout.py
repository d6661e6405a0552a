"""What a rolling sync makes of what is wanted: data only, carried out with everything else of its set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from fairlead.applicationset_controller.applying.wanted import Wanted
from fairlead.applicationset_controller.following.child import Child
from fairlead.model.applicationset import (
    ApplicationSet,
    ApplicationSetApplicationStatus,
    ApplicationSetCondition,
)


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """`wanted` as it is to be written; `operations` to begin, by name; `refreshes` are Applications that are
    to be compared anew; `again` seconds until the next look."""

    wanted: tuple[Wanted, ...]
    statuses: tuple[ApplicationSetApplicationStatus, ...] = ()
    operations: Mapping[str, Mapping[str, Any]] = {}
    refreshes: frozenset[str] = frozenset()
    conditions: tuple[ApplicationSetCondition, ...] = ()
    again: float | None = None


class Deletions(msgspec.Struct, frozen=True, kw_only=True):
    """What goes next of a set that is deleted: `now` by name; `again` seconds until the next look, and what
    went wrong. With nothing to go, nothing awaited and no error, the set may go."""

    now: tuple[str, ...] = ()
    again: float | None = None
    error: str = ""


class Rolling(Protocol):
    """RollingSync and the order of deletions."""

    def advance(
        self, aset: ApplicationSet, wanted: Sequence[Wanted], children: Mapping[str, Child], now: datetime
    ) -> Rollout:
        """The next step of a rollout."""
        ...

    def order_of_deletion(
        self, aset: ApplicationSet, children: Mapping[str, Child], now: datetime
    ) -> Deletions:
        """What goes next, the last step first."""
        ...
