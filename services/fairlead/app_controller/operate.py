"""Executes operations, one evaluation at a time, from `operation` to a final `operationState`.

Invariant: an operation is announced once, and its start is written from the version it was decided on.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.book import Record, now
from fairlead.app_controller.evaluate import Evaluation
from fairlead.app_controller.operation import (
    LOOK_AGAIN,
    Context,
    Execution,
    Progress,
    begin_retry,
    current_state,
    has_just_begun,
    is_new,
    superseded,
    superseding,
    until_retry,
)
from fairlead.app_controller.status import StatusWriter
from fairlead.app_controller.target import Target, Targets
from fairlead.app_controller.tell import Teller
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import Operation, OperationPhase, OperationState
from fairlead.settings import ControllerParameters


class Operator:
    """Evaluates operations of all applications."""

    def __init__(
        self,
        targets: Targets,
        status: StatusWriter,
        teller: Teller,
        parameters: ControllerParameters,
        *,
        wave_delay: float,
    ) -> None:
        self._targets = targets
        self._status = status
        self._teller = teller
        self._parameters = parameters
        self._wave_delay = wave_delay

    async def step(
        self, record: Record, operation: Operation, context: Context, status: ApplicationStatus
    ) -> Progress:
        """One evaluation. `status` is what the application's status is to be beside the operation."""
        state = current_state(record, operation)
        execution = record.execution
        if execution is None or execution.started_at != state.started_at:
            execution = record.execution = Execution(state.started_at)
        waiting = until_retry(state)
        if waiting is not None and waiting > 0:
            newer = superseding(state, context.render, execution.digest)
            return (
                Progress(state=superseded(state, newer))
                if newer
                else Progress(state=state, again_after=waiting)
            )
        if waiting is not None:
            state = begin_retry(state)
            execution.target = None
        if context.blocked is not None and state.phase is not OperationPhase.TERMINATING:
            return Progress(
                state=msgspec.structs.replace(state, message=context.blocked), again_after=LOOK_AGAIN
            )
        if execution.not_before > now():
            return Progress(state=state, again_after=execution.not_before - now())
        return await Evaluation(self, record, context, execution=execution, state=state, status=status).run()

    async def target(self, record: Record, context: Context, state: OperationState) -> Target:
        """The state to deploy. Raises TargetError."""
        return await self._targets.of(record, state, context.subject.cluster, context.render, context.desired)

    async def write_start(
        self, record: Record, status: ApplicationStatus, state: OperationState, revisions: tuple[str, ...]
    ) -> None:
        """Say that the operation runs; an automated one is written down by this very patch."""
        await self._status.write(
            record,
            msgspec.structs.replace(status, operation_state=state),
            operation=state.operation,
            guarded=is_new(record, state),
        )
        await self.announce(record, state, revisions)

    async def announce(self, record: Record, state: OperationState, revisions: tuple[str, ...]) -> None:
        """Tell the world that an operation began, once."""
        execution = record.execution
        if execution is None or execution.announced or not has_just_begun(state):
            return
        execution.announced = True
        await self._teller.operation_started(record, state.operation, revisions)

    async def foretell(self, record: Record, status: ApplicationStatus) -> None:
        """Tell of a status that is passed over so quickly that it is never written."""
        await self._teller.foretell(record, status)

    async def write_progress(self, record: Record, state: OperationState) -> None:
        """Say how far it is; only when that differs."""
        if record.app.status.operation_state != state:
            await self._status.write(
                record, msgspec.structs.replace(record.app.status, operation_state=state)
            )

    @property
    def parameters(self) -> ControllerParameters:
        """What was configured at start."""
        return self._parameters

    @property
    def wave_delay(self) -> float:
        """Seconds between two waves."""
        return self._wave_delay
