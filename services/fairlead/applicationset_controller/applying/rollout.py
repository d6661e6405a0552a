"""What a rolling sync makes of what is wanted: data only, carried out with everything else of its set."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

import msgspec

from fairlead.applicationset_controller.following.child import Child
from fairlead.model.applicationset import ApplicationSetApplicationStatus, ApplicationSetCondition


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """An operation to begin; `is_due` is asked about the Application as it is right before it is written."""

    operation: Mapping[str, Any]
    is_due: Callable[[Child], bool]


Operations = Mapping[str, Beginning]
"""Operations to begin, by the names of Applications."""


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """`operations` to begin, by name; `unbegun` are the statuses of these for as long as they are not
    written, `is_new` tells that a change has to be noted before it is written, `refreshes` are Applications
    that are to be compared anew; `again` seconds until the next look."""

    statuses: tuple[ApplicationSetApplicationStatus, ...] = ()
    operations: Operations = {}
    unbegun: Mapping[str, ApplicationSetApplicationStatus] = {}
    is_new: bool = False
    refreshes: frozenset[str] = frozenset()
    conditions: tuple[ApplicationSetCondition, ...] = ()
    again: float | None = None

    def without(self, names: Container[str]) -> tuple[ApplicationSetApplicationStatus, ...]:
        """The statuses when the operations of these are not written."""
        return tuple(
            self.unbegun[it.application] if it.application in self.unbegun and it.application in names else it
            for it in self.statuses
        )


class Deletions(msgspec.Struct, frozen=True, kw_only=True):
    """What goes next of a set that is deleted: `now` by name; `again` seconds until the next look, and what
    went wrong. With nothing to go, nothing awaited and no error, the set may go."""

    now: tuple[str, ...] = ()
    again: float | None = None
    error: str = ""
