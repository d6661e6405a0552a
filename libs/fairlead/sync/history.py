"""Which syncs are remembered as deployments one can go back to.

Invariant: ids only grow, also when old entries are dropped.
"""

from __future__ import annotations

from fairlead.model.metadata import Time
from fairlead.model.status import RevisionHistory
from fairlead.model.sync import OperationPhase, OperationState


def is_deployment(state: OperationState) -> bool:
    """Whether an operation is worth an entry: a whole sync that truly ran and succeeded."""
    sync = state.operation.sync
    return (
        state.phase is OperationPhase.SUCCEEDED
        and sync is not None
        and not sync.resources
        and not sync.dry_run
        and state.sync_result is not None
    )


def with_deployment(
    history: tuple[RevisionHistory, ...], state: OperationState, *, deployed_at: Time, limit: int
) -> tuple[RevisionHistory, ...]:
    """The history with one operation added and the oldest beyond ``limit`` dropped; unchanged for others."""
    result = state.sync_result
    if not is_deployment(state) or result is None:
        return history
    entry = RevisionHistory(
        id=history[-1].id + 1 if history else 0,
        revision=result.revision,
        revisions=result.revisions,
        source=result.source,
        sources=result.sources,
        deploy_started_at=state.started_at,
        deployed_at=deployed_at,
        initiated_by=state.operation.initiated_by,
    )
    return (*history, entry)[-limit:] if limit > 0 else ()
