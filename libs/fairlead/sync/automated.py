"""Whether an application syncs itself now.

Invariant: one automatic attempt for one revision and source, unless self-heal is on, and then ever more
slowly: a fight with another writer costs less and less and never stops the application from being
watched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from fairlead.model.application import Application, Automated
from fairlead.model.metadata import Time
from fairlead.model.source import Source
from fairlead.model.status import ResourceStatus, SyncCode
from fairlead.model.sync import (
    Operation,
    OperationInitiator,
    OperationPhase,
    OperationState,
    RetryStrategy,
    SyncOperation,
    SyncOperationResource,
)
from fairlead.sync.retry import AUTOMATED_LIMIT

HEAL_WAITS = (0.0, 2.0, 6.0, 18.0, 54.0, 162.0, 300.0)
"""Seconds before self-heal attempt 1, 2, …; the last one holds for all that follow."""

HealWait = Callable[[int], float]
"""Seconds that must pass after so many heals in a row."""

WIPE_OUT = "auto-sync will wipe out all resources"


class Action(StrEnum):
    """What to do about an application that may sync itself."""

    NOTHING = "nothing"
    WAIT = "wait"
    SYNC = "sync"
    HEAL = "heal"
    REFUSE = "refuse"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, and why, for the log.

    ``operation`` is to be written for SYNC and HEAL; ``condition`` is the SyncError message for REFUSE
    (any other decision removes an existing one); ``due`` is when to look again for WAIT.
    """

    action: Action
    reason: str
    operation: Operation | None = None
    condition: str = ""
    due: datetime | None = None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The comparison just made: the code, the resolved revisions (one per source) and every object.

    ``source_unaffected`` is set when the new commit is known not to touch the application, so that only the
    sources decide whether this was attempted before; ``tried_nothing`` when the last operation ended before
    it had manifests, so that it was an attempt at nothing; ``namespace_differs`` when the destination
    namespace is to have other labels or annotations.
    """

    status: SyncCode
    revisions: tuple[str, ...]
    resources: tuple[ResourceStatus, ...]
    source_unaffected: bool = False
    tried_nothing: bool = False
    namespace_differs: bool = False


def decide(
    app: Application, compared: Compared, *, now: datetime, heal_wait: HealWait | None = None
) -> Decision:
    """The decision. ``heal_wait`` replaces the default waits between heals."""
    wait = default_heal_wait if heal_wait is None else heal_wait
    policy = app.spec.sync_policy
    automated = policy.automated if policy is not None and policy.is_automated else None
    if automated is None:
        return _nothing("automated sync is off")
    idle = _why_idle(app, compared, prune=automated.prune)
    if idle:
        return _nothing(idle)
    attempt = _Attempt(app, compared)
    held = _held_back(attempt, automated, compared, now, wait) if attempt.was_made else None
    if held is not None:
        return held
    if is_wiping_out(app, compared.resources):
        return _refuse(f"Skipping sync attempt to {_revisions(compared)}: {WIPE_OUT}")
    if attempt.was_made:
        operation = automatic_operation(app, compared, heal_attempts=attempt.heals + 1)
        return Decision(action=Action.HEAL, reason="live state drifted", operation=operation)
    operation = automatic_operation(app, compared)
    return Decision(action=Action.SYNC, reason="the desired state is new", operation=operation)


def _why_idle(app: Application, compared: Compared, *, prune: bool) -> str:
    """Why there is nothing to sync at all; empty when there is."""
    if app.operation is not None:
        return "an operation is requested"
    if app.is_deleting:
        return "the application is being deleted"
    if compared.status is not SyncCode.OUT_OF_SYNC:
        return f"sync status is {compared.status.value}"
    if not (prune or compared.namespace_differs or _differs_beside_prunes(compared.resources)):
        return "only objects to prune differ, and prune is off"
    return ""


def _held_back(
    attempt: _Attempt, automated: Automated, compared: Compared, now: datetime, heal_wait: HealWait
) -> Decision | None:
    """Why what was attempted before is not attempted again now; None when it may be healed."""
    if not attempt.succeeded:
        return _refuse(f"Failed last sync attempt to {_revisions(compared)}: {attempt.message}")
    if not automated.self_heal:
        return _nothing("this revision was synced and self-heal is off")
    due = attempt.heal_due(heal_wait)
    if due is not None and due > now:
        return Decision(action=Action.WAIT, reason="self-heal backs off", due=due)
    return None


def automatic_operation(app: Application, compared: Compared, *, heal_attempts: int = 0) -> Operation:
    """The request an automated sync writes; with ``heal_attempts`` one for the objects that differ only."""
    policy = app.spec.sync_policy
    prune = policy is not None and policy.automated is not None and policy.automated.prune
    sources = app.spec.effective_sources()
    several = app.spec.has_multiple_sources
    drifted = tuple(_selected(item) for item in compared.resources if _is_drifted(item))
    return Operation(
        initiated_by=OperationInitiator(automated=True),
        retry=(policy.retry if policy is not None else None) or RetryStrategy(limit=AUTOMATED_LIMIT),
        sync=SyncOperation(
            revision="" if several else (compared.revisions or ("",))[0],
            revisions=compared.revisions if several else (),
            source=None if several else (sources or (None,))[0],
            sources=sources if several else (),
            prune=prune,
            sync_options=policy.sync_options if policy is not None else (),
            resources=drifted if heal_attempts else (),
            auto_heal_attempts_count=heal_attempts,
        ),
    )


class _Attempt:
    """What the last operation was, as seen from the state now wanted."""

    def __init__(self, app: Application, compared: Compared) -> None:
        self._state: OperationState | None = app.status.operation_state
        self.was_made = (
            self._state is not None and not compared.tried_nothing and _is_same(self._state, app, compared)
        )

    @property
    def succeeded(self) -> bool:
        return self._state is not None and self._state.phase is OperationPhase.SUCCEEDED

    @property
    def message(self) -> str:
        return self._state.message if self._state is not None else ""

    @property
    def heals(self) -> int:
        """How often in a row it was healed; any other operation starts the count anew."""
        sync = self._state.operation.sync if self._state is not None else None
        return sync.auto_heal_attempts_count if sync is not None else 0

    def heal_due(self, heal_wait: HealWait) -> datetime | None:
        finished = self._state.finished_at if self._state is not None else None
        if finished is None:
            return None
        return _instant(finished) + timedelta(seconds=heal_wait(self.heals))


def default_heal_wait(attempts: int) -> float:
    """Seconds to wait after ``attempts`` heals in a row."""
    return HEAL_WAITS[min(attempts, len(HEAL_WAITS) - 1)]


def _is_same(state: OperationState, app: Application, compared: Compared) -> bool:
    """Whether an operation was for these revisions and sources; one without result counts as attempted."""
    if not state.phase.is_final:
        return False
    result = state.sync_result
    if result is None:
        return True
    several = app.spec.has_multiple_sources
    revisions: Sequence[str] = result.revisions if several else (result.revision,)
    sources: Sequence[Source | None] = result.sources if several else (result.source,)
    if tuple(sources) != app.spec.effective_sources():
        return False
    return compared.source_unaffected or tuple(revisions) == compared.revisions


def _differs_beside_prunes(resources: Sequence[ResourceStatus]) -> bool:
    return any(item.status is SyncCode.OUT_OF_SYNC and not item.requires_pruning for item in resources)


def is_wiping_out(app: Application, resources: Sequence[ResourceStatus]) -> bool:
    """Whether nothing would be left of what may not be empty. Hooks and copies of marked objects carry no
    status and take no part."""
    policy = app.spec.sync_policy
    automated = policy.automated if policy is not None else None
    if automated is None or not automated.prune or automated.allow_empty:
        return False
    taking_part = [item for item in resources if not item.hook and item.status is not SyncCode.UNSET]
    return bool(taking_part) and all(item.requires_pruning for item in taking_part)


def _is_drifted(item: ResourceStatus) -> bool:
    return not item.hook and item.status not in (SyncCode.SYNCED, SyncCode.UNSET)


def _selected(item: ResourceStatus) -> SyncOperationResource:
    return SyncOperationResource(group=item.group, kind=item.kind, name=item.name)


def _revisions(compared: Compared) -> str:
    return f"[{' '.join(compared.revisions)}]"


def _instant(text: Time) -> datetime:
    return datetime.fromisoformat(text)


def _nothing(reason: str) -> Decision:
    return Decision(action=Action.NOTHING, reason=reason)


def _refuse(condition: str) -> Decision:
    return Decision(action=Action.REFUSE, reason=condition, condition=condition)
