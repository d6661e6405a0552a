"""Whether applications are to be hydrated now, from what their status says and what the dry source is at.

Invariant: pure; what was begun and not ended is done anew, and what failed is tried again at another commit,
after a change, on request, and else ever more seldom.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from fairlead.app_controller.following.asked import HARD, hydration_of
from fairlead.model.application import Application
from fairlead.model.status import HydratePhase

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 300.0
"""Seconds before a failed hydration is tried again at the same commit: doubling between these."""


class Reason(StrEnum):
    """Why an application is to be hydrated."""

    NEW = "it was never hydrated"
    ASKED = "somebody asked"
    CHANGED = "its sourceHydrator changed"
    UNFINISHED = "a hydration was begun and not ended"
    COMMIT = "there is another dry commit"
    FAILED = "the last one failed"


def reason_of(app: Application, commit: str) -> Reason | None:
    """Why one application is to be hydrated at a commit, "" for one that is not known; None if it is not."""
    current, hydrator = app.status.source_hydrator.current_operation, app.spec.source_hydrator
    if current is None:
        return Reason.NEW
    if hydration_of(app) is not None:
        return Reason.ASKED
    if current.source_hydrator != hydrator:
        return Reason.CHANGED
    if current.phase is HydratePhase.HYDRATING:
        return Reason.UNFINISHED
    if commit and current.dry_sha != commit:
        return Reason.COMMIT
    return Reason.FAILED if current.phase is HydratePhase.FAILED else None


def reasons(apps: Iterable[Application], commit: str) -> set[Reason]:
    """Those of all of them."""
    return {reason for app in apps if (reason := reason_of(app, commit)) is not None}


def is_hard(apps: Iterable[Application]) -> bool:
    """Whether somebody asked for nothing to be taken from the cache."""
    return any(hydration_of(app) is not None and hydration_of(app)[0] == HARD for app in apps)  # type: ignore[index]


def pause_after(failures: int) -> float:
    """Seconds before a hydration that failed so many times in a row is tried again by itself."""
    return min(FIRST_PAUSE * float(2 ** min(max(0, failures - 1), 16)), LONGEST_PAUSE)
