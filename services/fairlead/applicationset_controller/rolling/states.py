"""How one Application moves through Waiting, Pending, Progressing and Healthy (contract 4, RollingSync).

Invariant: pure; an Application begins to be synced nowhere else than in `begun`, and one whose sync ended
without a trace of it goes back to Waiting.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from fairlead.applicationset_controller.rolling.facts import Facts
from fairlead.model.applicationset import ApplicationSetApplicationStatus as Status
from fairlead.model.applicationset import RolloutStatus
from fairlead.model.times import parsed, stamp

WAITING, PENDING = RolloutStatus.WAITING, RolloutStatus.PENDING
PROGRESSING, HEALTHY = RolloutStatus.PROGRESSING, RolloutStatus.HEALTHY

NEW: Final = "No Application status found, defaulting status to Waiting"
_PENDING_CHANGES: Final = "Application has pending changes"
CHANGED: Final = f"{_PENDING_CHANGES}, setting status to Waiting"
SPEC_DIFFERS: Final = f"{_PENDING_CHANGES} (spec differs), setting status to Waiting"
BOTH_DIFFER: Final = f"{_PENDING_CHANGES} (revision and spec differ), setting status to Waiting"
MOVED: Final = (
    "Application moved to Pending status, watching for the Application resource to start Progressing"
)
_TO_PROGRESSING: Final = "updating status from Pending to Progressing"
BECAME_PROGRESSING: Final = f"Application resource became Progressing, {_TO_PROGRESSING}"
COMPLETED_WELL: Final = f"Application resource completed a sync successfully, {_TO_PROGRESSING}"
COMPLETED: Final = f"Application resource completed a sync, {_TO_PROGRESSING}"
ERROR: Final = "Application resource has error and cannot sync, updating status to Progressing"
BECAME_HEALTHY: Final = "Application resource became Healthy, updating status from Progressing to Healthy"
SYNCED_HEALTHY: Final = "Application resource has synced, updating status to Healthy"
SYNCED_PROGRESSING: Final = "Application resource has synced, updating status to Progressing"


def observed(name: str, before: Status | None, facts: Facts, step: str, now: datetime) -> Status:
    """Where an Application is now, before anything is begun."""
    if before is None:
        status = Status(
            application=name,
            status=WAITING,
            step=step,
            message=NEW,
            target_revisions=facts.revisions,
            last_transition_time=stamp(now),
        )
        return _from_waiting(status, facts, now)
    status = before if before.step == step else msgspec.structs.replace(before, step=step)
    moves_on = bool(facts.revisions) and facts.revisions != status.target_revisions
    if moves_on or facts.differs:
        return _changed(status, facts, now, moves_on=moves_on)
    status = _from_waiting(status, facts, now)
    status = _from_pending(status, facts, now)
    status = _from_progressing(status, facts, now)
    return _from_healthy(status, facts, now)


def begun(status: Status, facts: Facts, now: datetime) -> tuple[Status, bool]:
    """An Application whose turn it is, and whether an operation is to be written for it."""
    if facts.has_error:
        return _moved(status, PROGRESSING, ERROR, now), False
    pending = _moved(status, PENDING, MOVED, now)
    if not has_begun(status, facts):
        return pending, True
    return _from_progressing(_from_pending(pending, facts, now), facts, now), False


def has_begun(status: Status, facts: Facts) -> bool:
    """Whether the sync of a Waiting Application was begun already, by us before a restart or by somebody."""
    if facts.is_asked:
        return True
    since = parsed(status.last_transition_time)
    is_later = facts.began_at is not None and (since is None or facts.began_at > since)
    return is_later and facts.ended == status.target_revisions


def is_pending_change(status: Status) -> bool:
    """Whether an Application waits because of a change, so that the others have to be looked at anew."""
    return status.status is WAITING and status.message.startswith(_PENDING_CHANGES)


def _changed(status: Status, facts: Facts, now: datetime, *, moves_on: bool) -> Status:
    message = BOTH_DIFFER if moves_on and facts.differs else SPEC_DIFFERS if facts.differs else CHANGED
    target = facts.revisions or status.target_revisions
    changed = msgspec.structs.replace(status, target_revisions=target)
    waiting = _moved(changed, WAITING, message, now)
    return waiting if facts.differs else _from_waiting(waiting, facts, now, is_new=True)


def _from_waiting(status: Status, facts: Facts, now: datetime, *, is_new: bool = False) -> Status:
    """One that is Synced needs no sync. What moved it to Waiting at this moment came with a comparison."""
    if status.status is not WAITING or facts.is_asked or not facts.is_synced:
        return status
    since = None if is_new else parsed(status.last_transition_time)
    if not facts.was_compared_after(since):
        return status
    if facts.is_healthy:
        return _moved(status, HEALTHY, SYNCED_HEALTHY, now)
    return _moved(status, PROGRESSING, SYNCED_PROGRESSING, now)


def _from_pending(status: Status, facts: Facts, now: datetime) -> Status:
    if status.status is not PENDING:
        return status
    if facts.is_running:
        return _moved(status, PROGRESSING, BECAME_PROGRESSING, now)
    if facts.is_asked:
        return _moved(status, PROGRESSING, ERROR, now) if facts.has_error else status
    if facts.ended != status.target_revisions:
        return _moved(status, WAITING, CHANGED, now)
    return _moved(status, PROGRESSING, COMPLETED_WELL if facts.succeeded else COMPLETED, now)


def _from_progressing(status: Status, facts: Facts, now: datetime) -> Status:
    if status.status is not PROGRESSING or facts.is_asked:
        return status
    if facts.is_healthy and facts.is_synced and facts.is_current:
        return _moved(status, HEALTHY, BECAME_HEALTHY, now)
    if status.message == ERROR and not facts.has_error:
        return _moved(status, WAITING, CHANGED, now)
    return status


def _from_healthy(status: Status, facts: Facts, now: datetime) -> Status:
    """One that differs and was never synced is not the one that had become Healthy: it was made anew."""
    is_new = facts.is_out_of_sync and facts.ended is None and not facts.is_asked
    return _moved(status, WAITING, CHANGED, now) if status.status is HEALTHY and is_new else status


def _moved(status: Status, to: RolloutStatus, message: str, now: datetime) -> Status:
    return msgspec.structs.replace(status, status=to, message=message, last_transition_time=stamp(now))
