"""One evaluation of a planned sync: the results so far, one step carried out, and how an attempt ends.

Invariant: however an attempt ends, nothing of it is left held by us; what is written is said by `at_once`,
`stepwise` and `trial`, which are built of this.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from fairlead.app_controller.book import Record, now
from fairlead.app_controller.syncing.carry import Carrier
from fairlead.app_controller.syncing.hook_ends import Owns, free_hooks, owner
from fairlead.app_controller.syncing.live_view import LiveView
from fairlead.app_controller.syncing.operation import (
    LOOK_AGAIN,
    UNSEEN_AT_MOST,
    Context,
    Execution,
    Progress,
    with_results,
)
from fairlead.app_controller.times import parsed, stamp
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import OperationPhase, OperationState
from fairlead.sync import messages
from fairlead.sync.advance import Step, advance, settle, terminate
from fairlead.sync.plan import Plan
from fairlead.sync.retry import after_attempt
from fairlead.sync.task import Results

APPROVED = "argocd.argoproj.io/deletion-approved"


class Attempt:
    """An attempt at an operation as this evaluation found it; `state` moves on, all else stays.

    `status` is what the application's status is to be beside the operation.
    """

    def __init__(
        self,
        record: Record,
        context: Context,
        *,
        execution: Execution,
        state: OperationState,
        status: ApplicationStatus,
    ) -> None:
        self.record = record
        self.context = context
        self.execution = execution
        self.state = state
        self.status = status
        self.live = LiveView(context.subject.cluster.live)

    @property
    def results(self) -> Results:
        """What was done so far."""
        result = self.state.sync_result
        return Results(result.resources if result is not None else ())

    @property
    def owns(self) -> Owns:
        """Whether a live object carries the application's mark."""
        terms = self.context.subject.terms
        return owner(terms.instance, terms.settings.tracking)

    def running(self, message: str, results: Results) -> OperationState:
        """The state while it goes on."""
        return with_results(self.state, OperationPhase.RUNNING, message, results)

    async def end(
        self, phase: OperationPhase, message: str, results: Results, *, terminating: bool = False
    ) -> Progress:
        """The end of the attempt, however it came."""
        context = self.context
        await free_hooks(context.writer, context.subject.cluster, results, owns=self.owns)
        self.execution.unseen.clear()
        terminating = terminating or self.state.phase is OperationPhase.TERMINATING
        return ended(
            with_results(self.state, phase, message, results), phase, message, terminating=terminating
        )


class Run:
    """An attempt with its plan, and who carries it out; `wave_delay` is in seconds."""

    def __init__(self, attempt: Attempt, plan: Plan, carrier: Carrier, *, wave_delay: float) -> None:
        self.attempt = attempt
        self.plan = plan
        self.carrier = carrier
        self._wave_delay = wave_delay

    def next_step(self, results: Results) -> Step:
        """What is to be done now."""
        annotations = self.attempt.record.app.metadata.annotations
        return advance(
            self.plan,
            results,
            self.attempt.live,
            health=self.attempt.context.subject.cluster.health.of,
            approved_at=parsed(annotations.get(APPROVED)),
            unseen=self.attempt.execution.unseen.keys(),
        )

    async def carry(self, step: Step) -> Progress:
        """Carry one step out; what comes of it is the attempt's end, or what is waited for."""
        attempt, outcomes = self.attempt, []
        if step.changes_objects or step.release or step.delete_hooks:
            outcomes = await self.carrier.carry(step, attempt.live)
            attempt.execution.unseen.update(dict.fromkeys(self.carrier.unseen, now()))
        settled = settle(self.plan, step, outcomes, attempt.live)
        if settled.is_final:
            results = await self._tidied(settled)
            return await attempt.end(settled.phase, settled.message, results)
        again = UNSEEN_AT_MOST if attempt.execution.unseen else LOOK_AGAIN
        if settled.changes_objects or (step.changes_objects and not step.is_last_wave):
            again = self._wave_delay
            attempt.execution.not_before = now() + again
        return Progress(state=attempt.running(settled.message, settled.results), again_after=max(again, 0.01))

    async def terminate(self, *, by_timeout: bool) -> Progress:
        """The end that somebody, or the time that is over, asked for."""
        attempt = self.attempt
        step = terminate(self.plan, attempt.results, attempt.live, by_timeout=by_timeout)
        stuck = await self.carrier.carry(step, attempt.live)
        if stuck:
            text = f"{messages.TERMINATED_WITH_ERRORS}: {stuck[0].message}"
            return await attempt.end(OperationPhase.ERROR, text, step.results.plus(stuck), terminating=True)
        return await attempt.end(step.phase, step.message, step.results, terminating=True)

    async def _tidied(self, settled: Step) -> Results:
        """Free and remove the hooks that a final step names, as they are live now."""
        if not settled.release and not settled.delete_hooks:
            return settled.results
        rest = Step(
            phase=settled.phase,
            message="",
            results=settled.results,
            release=settled.release,
            delete_hooks=settled.delete_hooks,
        )
        left = await self.carrier.carry(rest, LiveView(self.attempt.context.subject.cluster.live))
        return settled.results.plus(left)


def ended(
    state: OperationState, phase: OperationPhase, message: str, *, terminating: bool = False
) -> Progress:
    """The end of an attempt: of the operation, or until the next attempt."""
    finished = datetime.now(UTC)
    retry = after_attempt(
        phase=phase,
        message=message,
        retry=state.operation.retry,
        retry_count=state.retry_count,
        finished_at=finished,
        terminating=terminating,
    )
    wait = (retry.due - finished).total_seconds() if retry.due is not None else None
    state = msgspec.structs.replace(
        state,
        phase=retry.phase,
        message=retry.message,
        finished_at=stamp(finished),
        retry_count=retry.count,
    )
    return Progress(state=state, again_after=wait)
