"""How one Application stands, as far as a rolling sync asks.

Invariant: what an Application says of itself counts for the spec it was compared with only; a state of
before the last change is no answer to it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from fairlead.applicationset_controller.following.child import Child, OperationState
from fairlead.model.application import ApplicationSpec
from fairlead.model.decode import from_object
from fairlead.model.errors import MalformedObjectError
from fairlead.model.status import ComparedTo, ConditionType, HealthCode, SyncCode
from fairlead.model.sync import OperationPhase
from fairlead.model.times import parsed

Revisions = tuple[str, ...]

USERNAME: Final = "applicationset-controller"
"""Who begins the operations of sets (contract 4)."""
SKIP: Final = "argocd.argoproj.io/skip-reconcile"
ERRORS: Final = frozenset({ConditionType.INVALID_SPEC_ERROR.value, ConditionType.UNKNOWN_ERROR.value})
"""Conditions with which an Application cannot be synced."""
POOR: Final = frozenset({HealthCode.DEGRADED, HealthCode.MISSING})
"""Health that holds later steps back although the Application had become Healthy."""
_FINAL: Final = frozenset(phase.value for phase in OperationPhase if phase.is_final)
_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One Application. `differs`: its set is about to write another spec into it; `is_current`: it was
    compared with the spec it has; `is_asked`: an operation waits or runs; `ended`: the revisions of the last
    operation that ended, None when there is none."""

    revisions: Revisions = ()
    is_synced: bool = False
    is_out_of_sync: bool = False
    is_healthy: bool = False
    is_poor: bool = False
    has_error: bool = False
    is_current: bool = True
    differs: bool = False
    is_asked: bool = False
    is_running: bool = False
    ended: Revisions | None = None
    began_at: datetime | None = None
    """When the last operation began."""
    succeeded: bool = False
    reconciled_at: datetime | None = None
    is_leaving: bool = False
    is_skipped: bool = False
    """Whether its controller is told to leave it alone, so that it is not compared."""
    is_refreshing: bool = False

    def was_compared_after(self, moment: datetime | None) -> bool:
        """Whether it was compared later; times are whole seconds, so equal ones may be either way round."""
        at = self.reconciled_at
        return at is not None and self.is_current and (moment is None or at > moment)


def facts(child: Child, *, differs: bool, refresh: str) -> Facts:
    """Of an Application; `refresh` is the annotation that asks for a comparison."""
    status = child.status
    sync, state = status.sync, status.operation_state
    phase = state.phase if state is not None else ""
    is_running = phase != "" and phase not in _FINAL
    return Facts(
        revisions=_revisions(sync.revision, sync.revisions),
        is_synced=sync.status == SyncCode.SYNCED.value,
        is_out_of_sync=sync.status == SyncCode.OUT_OF_SYNC.value,
        is_healthy=status.health.status is HealthCode.HEALTHY,
        is_poor=status.health.status in POOR,
        has_error=any(item.type in ERRORS for item in status.conditions),
        is_current=_is_current(child),
        differs=differs,
        is_asked=child.has_operation or is_running,
        is_running=is_running,
        ended=_ended(state) if state is not None and phase in _FINAL else None,
        began_at=parsed(state.started_at) if state is not None else None,
        succeeded=phase == OperationPhase.SUCCEEDED.value,
        reconciled_at=parsed(status.reconciled_at),
        is_leaving=child.is_deleting,
        is_skipped=child.annotations.get(SKIP, "") in _TRUE,
        is_refreshing=refresh in child.annotations,
    )


def _revisions(revision: str, revisions: Revisions) -> Revisions:
    return revisions or ((revision,) if revision else ())


def _ended(state: OperationState) -> Revisions:
    """The revisions that an operation of sets was asked for, or that any other deployed."""
    asked = state.operation
    if asked.initiated_by.username == USERNAME:
        found = _revisions(asked.sync.revision, asked.sync.revisions)
        if found:
            return found
    done = state.sync_result
    return _revisions(done.revision, done.revisions) if done is not None else ()


def _is_current(child: Child) -> bool:
    text = child.status.sync.compared_to
    if not text:
        return True
    try:
        compared = from_object(msgspec.json.decode(text), ComparedTo)
        spec = child.spec()
    except (MalformedObjectError, msgspec.DecodeError):
        return True
    return compared == _compared(spec.normalized()) or compared == _compared(spec)


def _compared(spec: ApplicationSpec) -> ComparedTo:
    several, sources = spec.has_multiple_sources, spec.effective_sources()
    return ComparedTo(
        destination=spec.destination,
        source=None if several or not sources else sources[0],
        sources=sources if several else (),
        ignore_differences=spec.ignore_differences,
    )
