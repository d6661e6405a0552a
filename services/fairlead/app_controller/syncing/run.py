"""One evaluation of a planned sync: the results so far, one step carried out, and how an attempt ends.

Invariant: however an attempt ends, nothing of it is left held by us; what is written is said by `at_once`,
`stepwise` and `trial`, which are built of this.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from fairlead.app_controller.book import Record, now
from fairlead.app_controller.syncing.carry import Carrier
from fairlead.app_controller.syncing.hook_ends import Owns, free_hooks, free_unrecorded, owner
from fairlead.app_controller.syncing.live_view import LiveView
from fairlead.app_controller.syncing.obstacles import obstacles
from fairlead.app_controller.syncing.operation import (
    LOOK_AGAIN,
    UNSEEN_AT_MOST,
    Context,
    Execution,
    Progress,
    with_results,
)
from fairlead.app_controller.syncing.waits import waits_of
from fairlead.manifest.fields import text_at
from fairlead.manifest.identity import ResourceKey
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import OperationPhase, OperationState
from fairlead.model.times import parsed, seconds_since, stamp
from fairlead.sync import messages
from fairlead.sync.advance import advance, settle
from fairlead.sync.deadlines import Deadlines, missed
from fairlead.sync.endings import may_stop, stop, terminate
from fairlead.sync.hooks import attempt_mark
from fairlead.sync.let_go import APPROVED
from fairlead.sync.plan import Plan
from fairlead.sync.retry import after_attempt, superseded_message
from fairlead.sync.step import Step
from fairlead.sync.task import Results, TaskId

ASK_AGAIN = 5.0
"""Seconds after which it is asked again, at the earliest, what keeps an object, then after as long as was
waited: a pod's trouble is no change of the object that it belongs to."""


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
        if self.execution.is_resumed:
            await self._free_unrecorded()
        self.execution.unseen.clear()
        terminating = terminating or self.state.phase is OperationPhase.TERMINATING
        return ended(
            with_results(self.state, phase, message, results), phase, message, terminating=terminating
        )

    async def _free_unrecorded(self) -> None:
        started = parsed(self.state.started_at)
        mark = attempt_mark(int(started.timestamp()) if started is not None else 0, self.state.retry_count)
        context = self.context
        instance = context.subject.terms.instance
        await free_unrecorded(context.writer, context.subject.cluster, instance, mark, owns=self.owns)


class Run:
    """An attempt with its plan, and who carries it out; `wave_delay` is in seconds."""

    def __init__(
        self, attempt: Attempt, plan: Plan, carrier: Carrier, *, wave_delay: float, deadlines: Deadlines
    ) -> None:
        self.attempt = attempt
        self.plan = plan
        self.carrier = carrier
        self._wave_delay = wave_delay
        self._deadlines = deadlines
        self._tasks = {task.id: task for task in plan.tasks}

    async def next_step(self, results: Results) -> Step:
        """What is to be done now."""
        annotations = self.attempt.record.app.metadata.annotations
        return advance(
            self.plan,
            results,
            self.attempt.live,
            health=self.attempt.context.subject.cluster.health.of,
            approved_at=parsed(annotations.get(APPROVED)),
            unseen=self.attempt.execution.unseen.keys(),
            late=await self._late(results),
        )

    async def carry(self, step: Step) -> Progress:
        """Carry one step out; what comes of it is the attempt's end, or what is waited for."""
        attempt, outcomes = self.attempt, []
        if step.changes_objects or step.touches_hooks:
            outcomes = await self.carrier.carry(step, attempt.live)
            attempt.execution.unseen.update(dict.fromkeys(self.carrier.unseen, now()))
        settled = settle(self.plan, step, outcomes, attempt.live)
        if settled.is_final:
            results = await self._tidied(settled)
            return await attempt.end(settled.phase, settled.message, results)
        if settled.awaits_person and attempt.record.app.is_deleting:
            return await self._stopped(terminate(self.plan, settled.results, attempt.live))
        message = await self._look_into(settled)
        again = UNSEEN_AT_MOST if attempt.execution.unseen else LOOK_AGAIN
        waited = self._waited(settled.results)
        due = self._deadlines.next_due(waited, self._tasks, settled.results)
        again = again if due is None else min(again, due)
        if settled.awaits and not attempt.execution.obstacles.text:
            again = min(again, max(ASK_AGAIN, *waited.values(), 0.0))
        if settled.changes_objects or (step.changes_objects and not step.is_last_wave):
            again = self._wave_delay
            attempt.execution.not_before = now() + again
        return Progress(state=attempt.running(message, settled.results), again_after=max(again, 0.01))

    async def gave_way(self, revision: str, *, only_if_stuck: bool) -> Progress | None:
        """The end for a newer commit, or None where this is no point to stop at; `only_if_stuck` asks that
        something waited for cannot begin.
        """
        attempt = self.attempt
        step = await self.next_step(attempt.results)
        message = await self._look_into(step)
        stuck = attempt.execution.obstacles.stuck
        if not may_stop(self.plan, step, stuck) or (only_if_stuck and not stuck):
            return None
        message = attempt.state.message if step.changes_objects else message
        text = superseded_message(message or messages.TASKS_RUNNING, revision)
        progress = await self._stopped(stop(self.plan, step.results, attempt.live, text))
        return msgspec.structs.replace(progress, gave_way=progress.is_done)

    async def overtime(self, limit: float) -> Progress:
        """The end of an attempt that took too long; there may be another."""
        attempt = self.attempt
        text = messages.too_late("the attempt did not end", limit, attempt.state.message)
        return await self._stopped(stop(self.plan, attempt.results, attempt.live, text), terminating=False)

    async def terminate(self, *, by_timeout: bool) -> Progress:
        """The end that somebody, or the time that is over, asked for."""
        attempt = self.attempt
        return await self._stopped(terminate(self.plan, attempt.results, attempt.live, by_timeout=by_timeout))

    async def _stopped(self, step: Step, *, terminating: bool = True) -> Progress:
        """The end that a step is, with its hooks freed and deleted."""
        attempt = self.attempt
        stuck = await self.carrier.carry(step, attempt.live)
        if stuck:
            text = f"{messages.TERMINATED_WITH_ERRORS}: {stuck[0].message}"
            results = step.results.plus(stuck)
            return await attempt.end(OperationPhase.ERROR, text, results, terminating=terminating)
        return await attempt.end(step.phase, step.message, step.results, terminating=terminating)

    async def _look_into(self, step: Step) -> str:
        """The step's message, with what keeps the objects that it waits for; both are remembered."""
        execution = self.attempt.execution
        execution.wait_for(step, now())
        lasted = max(self._waited(step.results).values(), default=0.0)
        cluster = self.attempt.context.subject.cluster
        execution.obstacles = found = await obstacles(cluster, step, may_ask=lasted >= ASK_AGAIN)
        execution.waiting = waits_of(
            step,
            self.attempt.state,
            waited=self._waited(step.results),
            kept_by=found.of,
            deadlines=self._deadlines,
            before=execution.waiting,
        )
        execution.unconfirmed = self._unconfirmed(step)
        return messages.because(step.message, found.text)

    def _unconfirmed(self, step: Step) -> tuple[ResourceKey, ...]:
        """The prunes of which an option of theirs says that a person is asked."""
        if not step.awaits_person:
            return ()
        return tuple(task.key for task in step.awaits if task.is_prune and not self.plan.is_held(task))

    async def _late(self, results: Results) -> dict[TaskId, str]:
        """Which tasks were waited for too long, and what to say of them."""
        found = {}
        for task, limit in self._deadlines.late(self._waited(results), self._tasks, results):
            kept_by = await obstacles(
                self.attempt.context.subject.cluster, Step(message="", results=results, awaits=(task,))
            )
            found[task.id] = missed(task, results, limit, kept_by.text)
        return found

    def _waited(self, results: Results) -> dict[TaskId, float]:
        """Seconds for which each task is waited for; a hook's own clock survives a restart."""
        moment = now()
        waited = {}
        for name, since in self.attempt.execution.awaited.items():
            task, seconds = self._tasks.get(name), moment - since
            if task is not None and task.is_hook and results.is_running(task):
                made = text_at(self.attempt.live.get(name.key), "metadata", "creationTimestamp")
                seconds = max(seconds, seconds_since(made) or 0.0)
            waited[name] = seconds
        return waited

    async def _tidied(self, settled: Step) -> Results:
        """Free and remove the hooks that a final step names, as they are live now."""
        if not settled.touches_hooks:
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
