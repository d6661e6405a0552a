"""Executes operations, one evaluation at a time, from `operation` to a final `operationState`.

Invariant: an operation that waits (for its next attempt, a sync window, the pause after a wave) is not
evaluated; the deletion of its application ends it rather than waiting, too.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.book import Record, now
from fairlead.app_controller.syncing.clock import clock_of
from fairlead.app_controller.syncing.evaluate import Evaluation, Means
from fairlead.app_controller.syncing.newer import given_way, newer_commit
from fairlead.app_controller.syncing.operation import (
    LOOK_AGAIN,
    Context,
    Execution,
    Progress,
    begin_retry,
    current_state,
    is_new,
    until_retry,
)
from fairlead.app_controller.syncing.run import Attempt
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import Operation, OperationPhase, OperationState
from fairlead.rpc.waiting import Waiting
from fairlead.settings import ControllerParameters


class Operator:
    """Evaluates operations of all applications."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def step(
        self, record: Record, operation: Operation, context: Context, status: ApplicationStatus
    ) -> Progress:
        """One evaluation. `status` is what the application's status is to be beside the operation."""
        state = current_state(record.app, operation)
        execution = record.execution
        if execution is None or execution.started_at != state.started_at:
            execution = record.execution = Execution(state.started_at, now())
            execution.is_resumed = not is_new(record.app, state)
            clock = clock_of(record.app, state) if execution.is_resumed else None
            if clock is not None:
                execution.resume(clock, now())
        if record.app.is_deleting and (context.blocked is not None or until_retry(state) is not None):
            state = msgspec.structs.replace(state, phase=OperationPhase.TERMINATING)
        waiting = until_retry(state)
        if waiting is not None and waiting > 0:
            newer = self._newer(record, state, context, execution.digest)
            return (
                Progress(state=given_way(state, newer), gave_way=True)
                if newer
                else Progress(state=state, again_after=waiting)
            )
        if waiting is not None:
            state = begin_retry(state)
            execution.begin_anew(now())
        if context.blocked is not None and state.phase is not OperationPhase.TERMINATING:
            execution.pause(now())
            awaits = context.awaits or Waiting(reason="window")
            execution.waiting = msgspec.structs.replace(
                awaits, started_at=state.started_at, attempt=state.retry_count
            )
            return Progress(
                state=msgspec.structs.replace(state, message=context.blocked), again_after=LOOK_AGAIN
            )
        if execution.not_before > now():
            return Progress(state=state, again_after=execution.not_before - now())
        attempt = Attempt(record, context, execution=execution, state=state, status=status)
        return await Evaluation(self._means, attempt).run()

    def _newer(self, record: Record, state: OperationState, context: Context, digest: str) -> str:
        """The commit that another attempt is given up for, or ""."""
        if not self._means.parameters.newest_commit_wins:
            return ""
        newer = newer_commit(record.app, state, context.render, digest)
        return newer if newer and context.is_followed() else ""

    @property
    def parameters(self) -> ControllerParameters:
        """What was configured at start."""
        return self._means.parameters
