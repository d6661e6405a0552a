"""Whether an application is synced without being asked, now, later or not at all.

Invariant: objects that are already on their way out never start a sync.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from fairlead.app_controller.book import Record, Render
from fairlead.app_controller.item import Comparison, resource_status
from fairlead.diff.result import overall
from fairlead.model.status import ApplicationStatus, SyncCode
from fairlead.model.sync import Operation
from fairlead.sync.automated import Action, Compared, decide


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """An operation to begin, or why there is none; `error` is the SyncError condition, "" for none."""

    operation: Operation | None = None
    is_heal: bool = False
    error: str = ""
    keeps_error: bool = False
    again_after: float | None = None


def automated_operation(
    record: Record,
    comparison: Comparison,
    render: Render,
    status: ApplicationStatus,
    *,
    heal_wait: Callable[[int], float],
) -> Decision:
    """The decision of contract 9.8 for a comparison that was just made.

    ``heal_wait`` gives the seconds that must pass after so many heals in a row.
    """
    if comparison.is_error or record.app.operation is not None:
        return Decision(keeps_error=True)
    items = [
        item
        for item in comparison.items
        if not (item.requires_pruning and item.live is not None and item.live.is_being_deleted)
    ]
    outcomes = [item.outcome for item in items if item.outcome is not None]
    compared = Compared(
        status=comparison.code if comparison.code is SyncCode.UNKNOWN else overall(outcomes),
        revisions=render.revisions,
        resources=tuple(resource_status(item) for item in items),
        source_unaffected=_is_unaffected(record, render),
    )
    moment = datetime.now(UTC)
    decision = decide(record.app, compared, now=moment, heal_wait=heal_wait)
    wait = None if decision.due is None else max(0.01, (decision.due - moment).total_seconds())
    error = decision.condition
    if decision.action is Action.WAIT and wait is not None:
        error = heal_pause(status, record)
    return Decision(
        operation=decision.operation,
        is_heal=decision.action is Action.HEAL,
        error=error,
        again_after=wait,
    )


def heal_pause(status: ApplicationStatus, record: Record) -> str:
    """What a person reads while self-heal backs off from a fight."""
    state = record.app.status.operation_state
    sync = state.operation.sync if state is not None else None
    attempts = sync.auto_heal_attempts_count if sync is not None else 0
    if not attempts:
        return ""
    return (
        f"Self-heal is backing off after {attempts} attempts in a row: something keeps changing "
        "objects of this application back. Find who else writes to them, or add them to ignoreDifferences."
    )


def _is_unaffected(record: Record, render: Render) -> bool:
    """Whether what is desired is known to be what was synced before, whatever the revision is called."""
    if record.moved_from:
        return True
    sync = record.app.status.sync
    revisions = sync.revisions or ((sync.revision,) if sync.revision else ())
    return sync.status is SyncCode.SYNCED and revisions == render.revisions
