"""Cuts a status to what the API server stores, keeping what matters most.

Invariant: the phase, the message, what failed and the sync and health codes are always kept; the same status
is cut the same way, so that a cut one is not written again and again.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.reporting.conditions import refreshed
from fairlead.model.status import ApplicationStatus, Condition, ConditionType, ResourceStatus, SyncCode
from fairlead.model.sync import HookPhase, OperationState, ResourceResult

MOST_BYTES: Final = 1_000_000
"""Bytes of a status as JSON. etcd takes 1.5 MiB for the whole object, bookkeeping of fields included."""
FEW: Final = 500
"""Lines below which nothing is measured: they are never too many."""
KEPT: Final = (2000, 500, 100, 0)
"""Lines that are kept of each list, tried in this order."""
OVERSIZED: Final = (
    "Application status exceeds the Kubernetes resource size limit and could not be persisted. The displayed "
    "status may be stale. Reduce the number of managed resources, set ApplyOutOfSyncOnly=true, lower "
    "spec.revisionHistoryLimit, or split the Application."
)


def fitted(status: ApplicationStatus, most: int = MOST_BYTES) -> ApplicationStatus:
    """The status, or as much of it as may be stored, with a condition that says so."""
    if (_lines(status) <= FEW and most >= MOST_BYTES) or _size(status) <= most:
        return status
    cut = msgspec.structs.replace(status, conditions=_said(status))
    for count in KEPT:
        state = cut.operation_state
        cut = msgspec.structs.replace(
            cut, operation_state=None if state is None else _without_results(state, count)
        )
        if _size(cut) <= most:
            return cut
        cut = msgspec.structs.replace(cut, resources=_most_telling(cut, count))
        if _size(cut) <= most:
            return cut
    return msgspec.structs.replace(cut, history=cut.history[-1:])


def is_cut(status: ApplicationStatus) -> bool:
    """Whether a stored status lacks objects."""
    return any(item.message == OVERSIZED for item in status.conditions)


def _lines(status: ApplicationStatus) -> int:
    state = status.operation_state
    result = state.sync_result if state is not None else None
    return len(status.resources) + (len(result.resources) if result is not None else 0)


def _size(status: ApplicationStatus) -> int:
    return len(msgspec.json.encode(status))


def _said(status: ApplicationStatus) -> tuple[Condition, ...]:
    return refreshed(
        status.conditions, [Remark(ConditionType.UNKNOWN_ERROR, OVERSIZED)], [ConditionType.UNKNOWN_ERROR]
    )


def _without_results(state: OperationState, count: int) -> OperationState:
    result = state.sync_result
    if result is None or len(result.resources) <= count:
        return state
    kept = tuple(sorted(result.resources, key=_has_failed, reverse=True)[:count])
    return msgspec.structs.replace(state, sync_result=msgspec.structs.replace(result, resources=kept))


def _has_failed(record: ResourceResult) -> bool:
    return record.hook_phase in (HookPhase.FAILED, HookPhase.ERROR)


def _most_telling(status: ApplicationStatus, count: int) -> tuple[ResourceStatus, ...]:
    """Those that are not in sync before the others, each where it stood."""
    places = sorted(
        range(len(status.resources)), key=lambda at: status.resources[at].status is SyncCode.SYNCED
    )
    return tuple(status.resources[at] for at in sorted(places[:count]))
