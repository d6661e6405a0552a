"""Whether an application is synced without being asked, now, later or not at all.

Invariant: objects that are already on their way out never start a sync.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from fairlead.app_controller.comparing.item import Comparison, Item, resource_status
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.reporting.attempt import attempted_digest
from fairlead.diff.result import overall
from fairlead.model.application import Application
from fairlead.model.status import SyncCode
from fairlead.model.sync import Operation, OperationPhase
from fairlead.sync.automated import Action, Compared, automatic_operation, decide, is_wiping_out
from fairlead.sync.retry import was_superseded


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """An operation to begin, or why there is none; `error` is the SyncError condition, "" for none.

    One that `is_waiting` would begin if what the application depends on were ready.
    """

    operation: Operation | None = None
    is_heal: bool = False
    error: str = ""
    keeps_error: bool = False
    again_after: float | None = None
    is_waiting: bool = False


def automated_operation(
    app: Application,
    comparison: Comparison,
    render: Render,
    *,
    heal_wait: Callable[[int], float],
    is_first_look: bool = False,
) -> Decision:
    """The decision of contract 9.8 for a comparison that was just made.

    ``heal_wait`` gives the seconds that must pass after so many heals in a row. At the first look of this
    process a deployment that was made but not written down, since the process before was killed, is repeated:
    nothing is applied, and it is in the history.
    """
    if comparison.is_error or app.operation is not None:
        return Decision(keeps_error=True)
    if not app.spec.is_automated:
        return Decision()
    items = _staying(comparison)
    outcomes = [item.outcome for item in items if item.outcome is not None]
    is_decided = comparison.code is SyncCode.UNKNOWN or comparison.namespace_differs
    compared = Compared(
        status=comparison.code if is_decided else overall(outcomes),
        revisions=render.revisions,
        resources=tuple(resource_status(item) for item in items),
        source_unaffected=_is_unaffected(app, render),
        tried_nothing=_tried_nothing(app),
        namespace_differs=comparison.namespace_differs,
    )
    if is_first_look and _was_not_written(app, comparison, render):
        return Decision(operation=automatic_operation(app, compared))
    moment = datetime.now(UTC)
    decision = decide(app, compared, now=moment, heal_wait=heal_wait)
    wait = None if decision.due is None else max(0.01, (decision.due - moment).total_seconds())
    error = decision.condition
    if decision.action is Action.WAIT and wait is not None:
        error = heal_pause(app)
    return Decision(
        operation=decision.operation,
        is_heal=decision.action is Action.HEAL,
        error=error,
        again_after=wait,
    )


def is_followed(app: Application, comparison: Comparison, *, problem: str, may_sync: bool) -> bool:
    """Whether what is newest would be deployed without being asked, once nothing is under way: it can be used
    (`problem`), no window forbids it (`may_sync`), and it does not take all that there is.
    """
    if problem or comparison.is_error or not may_sync or not app.spec.is_automated:
        return False
    return not is_wiping_out(app, [resource_status(item) for item in comparison.items])


def _staying(comparison: Comparison) -> list[Item]:
    """The objects that a decision is about; none where all are in sync."""
    if comparison.code is SyncCode.SYNCED and not comparison.namespace_differs:
        return []
    return [
        item
        for item in comparison.items
        if not (item.requires_pruning and item.live is not None and item.live.is_being_deleted)
    ]


def heal_pause(app: Application) -> str:
    """What a person reads while self-heal backs off from a fight."""
    state = app.status.operation_state
    sync = state.operation.sync if state is not None else None
    attempts = sync.auto_heal_attempts_count if sync is not None else 0
    if not attempts:
        return ""
    return (
        f"Self-heal is backing off after {attempts} attempts in a row: something keeps changing "
        "objects of this application back. Find who else writes to them, or add them to ignoreDifferences."
    )


def _is_unaffected(app: Application, render: Render) -> bool:
    """Whether what is desired is known to be what the last operation was about, whatever the revision is
    called: the same manifests, or what was seen to be in sync since that operation succeeded.
    """
    attempted = attempted_digest(app)
    if attempted:
        return attempted == render.digest
    state, sync = app.status.operation_state, app.status.sync
    revisions = sync.revisions or ((sync.revision,) if sync.revision else ())
    has_succeeded = state is not None and state.phase is OperationPhase.SUCCEEDED
    return has_succeeded and sync.status is SyncCode.SYNCED and revisions == render.revisions


def _tried_nothing(app: Application) -> bool:
    """Whether the last operation ended in an error before it had manifests, as when Git was away while
    somebody synced; or gave way to a newer commit, which somebody may have taken back since. What is desired
    was not attempted by it, and nobody else would begin it.
    """
    state = app.status.operation_state
    if state is not None and was_superseded(state):
        return True
    if state is None or state.phase is not OperationPhase.ERROR or attempted_digest(app):
        return False
    return state.sync_result is None or not state.sync_result.resources


def _was_not_written(app: Application, comparison: Comparison, render: Render) -> bool:
    policy = app.spec.sync_policy
    if policy is None or not policy.is_automated or app.is_deleting or app.operation is not None:
        return False
    if comparison.code is not SyncCode.SYNCED or not any(item.takes_part for item in comparison.items):
        return False
    if any(item.hook and item.is_wanted for item in comparison.items):
        return False  # what has hooks is written down when it begins, and they are not to run again
    attempted = attempted_digest(app)
    return bool(attempted) and attempted != render.digest if app.status.operation_state else True
