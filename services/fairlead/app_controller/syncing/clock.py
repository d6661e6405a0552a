"""Since when an attempt of an operation is at work and waits, kept in the Application.

Why: a controller that starts again and again would give what is stuck all its time anew. Invariant: a clock
counts for the attempt that it was written for, and says "-" while a person or a sync window is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fairlead.model.application import Application
from fairlead.model.metadata import Time
from fairlead.model.noted import CLOCK
from fairlead.model.sync import OperationState
from fairlead.model.times import parsed
from fairlead.sync.task import Task

_NONE = "-"


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """When the attempt began, None while that does not count, and since when the tasks of a stage are waited
    for, "" for none."""

    begun: Time | None
    stage: str = ""
    since: Time | None = None

    def text(self, state: OperationState) -> str:
        """The annotation, for the attempt that an operation is at."""
        parts = (self.begun or _NONE, self.stage or _NONE, self.since or _NONE)
        return " ".join((state.started_at, str(state.retry_count), *parts))


def clock_of(app: Application, state: OperationState) -> Clock | None:
    """What was written of the attempt that an operation is at; None for nothing, or nothing that counts."""
    parts = app.metadata.annotations.get(CLOCK, "").split(" ")
    if len(parts) != 5 or parts[:2] != [state.started_at, str(state.retry_count)]:
        return None
    begun, stage, since = parts[2:]
    return Clock(begun=_time(begun), stage="" if stage == _NONE else stage, since=_time(since))


def stage_of(tasks: Iterable[Task]) -> str:
    """The phase and wave of tasks that are waited for, "" for none."""
    first = next(iter(tasks), None)
    return "" if first is None else f"{first.phase}/{first.wave}"


def _time(text: str) -> Time | None:
    return Time(text) if parsed(text) is not None else None
