"""One evaluation of one operation, from its target to what is waited for next (contract 9.1).

Invariant: every evaluation may be the first one of a new process, and whatever goes wrong in it is what the
operation says.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import structlog

from fairlead.app_controller.book import Record, now
from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.item import Comparison
from fairlead.app_controller.comparing.ledger import Ledger
from fairlead.app_controller.pauses import first, soonest
from fairlead.app_controller.reporting.status import StatusTooLargeError
from fairlead.app_controller.syncing.at_once import applied_at_once
from fairlead.app_controller.syncing.carry import Carrier
from fairlead.app_controller.syncing.guarding import guarded
from fairlead.app_controller.syncing.newer import UNDISTURBED, newer_commit
from fairlead.app_controller.syncing.operation import Progress, begin_retry, current_state, until_retry
from fairlead.app_controller.syncing.planned import planned
from fairlead.app_controller.syncing.progress import Chronicle
from fairlead.app_controller.syncing.run import Attempt, Run, ended
from fairlead.app_controller.syncing.stepwise import step_taken
from fairlead.app_controller.syncing.target import Target, TargetError, Targets, failed_result
from fairlead.app_controller.syncing.trial import is_plain, only_tried
from fairlead.bus import BusUnavailableError
from fairlead.kube.adopt import KUBECTL
from fairlead.kube.errors import ConflictError, TransientError
from fairlead.kube.writer import FIELD_MANAGER, WriteFencedError
from fairlead.model.status import ConditionType
from fairlead.model.sync import Operation, OperationPhase, SyncOperation
from fairlead.model.times import seconds_since
from fairlead.settings import ControllerParameters
from fairlead.sync import messages
from fairlead.sync.advance import refuse
from fairlead.sync.options import parse_options
from fairlead.sync.plan import Plan
from fairlead.sync.task import Results

log = structlog.get_logger(__name__)

TRY_AGAIN = 2.0
"""Seconds until an evaluation that something passing interrupted is repeated."""
MARGIN = 0.1
"""Seconds after the end of a time at which an evaluation surely finds it over."""
MIGRATED = "argocd.argoproj.io/client-side-apply-migration-manager"
_STOPPERS = frozenset({ConditionType.COMPARISON_ERROR, ConditionType.INVALID_SPEC_ERROR})


class Means(NamedTuple):
    """What evaluations of all applications use; `wave_delay` is in seconds."""

    targets: Targets
    chronicle: Chronicle
    parameters: ControllerParameters
    wave_delay: float


class Evaluation:
    """One evaluation of one attempt."""

    def __init__(self, means: Means, attempt: Attempt) -> None:
        self._means = means
        self._attempt = attempt

    async def run(self) -> Progress:
        """How far the operation is after it."""
        try:
            return self._in_time(await self._stages())
        except ExceptionGroup as group:
            return await self._interrupted(first(group))
        except Exception as error:
            return await self._interrupted(error)

    async def _stages(self) -> Progress:
        """The stages of contract 9.1, in order."""
        attempt = self._attempt
        if attempt.state.operation.sync is None:
            return await attempt.end(OperationPhase.ERROR, messages.INVALID_OPERATION, Results())
        try:
            target = await self._target()
        except TargetError as error:
            return await self._without_target(str(error))
        comparison = await self._comparison(target)
        stopped = self._stopped_by(comparison)
        if stopped is not None:
            return await attempt.end(*stopped, attempt.results)
        return await self._planned(target, comparison)

    async def _planned(self, target: Target, comparison: Comparison) -> Progress:
        """The rest of the stages, once it is known what is to be deployed."""
        attempt = self._attempt
        live = attempt.context.subject.cluster.live
        await live.complete(item.key for item in comparison.items if item.desired is not None)
        plan = guarded(attempt, comparison, planned(attempt, target, comparison))
        run = Run(
            attempt,
            plan,
            self._carrier(plan, comparison),
            wave_delay=self._means.wave_delay,
            deadlines=self._means.parameters.deadlines,
        )
        if attempt.state.phase is OperationPhase.TERMINATING or self._is_overdue():
            return await run.terminate(by_timeout=attempt.state.phase is not OperationPhase.TERMINATING)
        self._pin(target)
        refused = refuse(plan, attempt.results)
        if refused is not None:
            return await attempt.end(refused.phase, refused.message, refused.results)
        early = await self._ended_early(run, target)
        if early is not None:
            return early
        return await self._carried_out(run, target.revisions)

    async def _carried_out(self, run: Run, revisions: tuple[str, ...]) -> Progress:
        """In one of the three ways of a sync; each module says what it writes, and when. What a person let go
        is written before any of it goes."""
        chronicle, let_go = self._means.chronicle, self._attempt.execution.let_go
        if let_go is not None:
            await chronicle.write_let_go(self._attempt.record, let_go)
        if run.plan.sync.dry_run:
            return await only_tried(run, chronicle, revisions)
        if is_plain(run.plan):
            return await applied_at_once(run, chronicle, revisions)
        return await step_taken(run, chronicle, revisions)

    async def _ended_early(self, run: Run, target: Target) -> Progress | None:
        """The end of an attempt that took too long, or that a newer commit has made pointless."""
        limit = self._overtime
        if limit:
            return await run.overtime(limit)
        attempt = self._attempt
        context = attempt.context
        if not self._means.parameters.newest_commit_wins:
            return None
        digest = target.desired.basis.digest
        newer = newer_commit(attempt.record.app, attempt.state, context.render, digest)
        if not newer or not context.is_followed():
            return None
        may = context.may_give_way or now() - attempt.execution.begun_at > UNDISTURBED
        return await run.gave_way(newer, only_if_stuck=not may)

    async def _interrupted(self, error: BaseException) -> Progress:
        """Go on later after what may pass by itself; end with anything else, and where the end is asked for.

        Raises what another look answers: somebody wrote meanwhile, or the cluster is no longer ours.
        """
        attempt = self._attempt
        if isinstance(error, ConflictError | WriteFencedError) or not isinstance(error, Exception):
            raise error
        if isinstance(error, StatusTooLargeError):
            return await attempt.end(OperationPhase.ERROR, error.message, attempt.results)
        if isinstance(error, TransientError) and attempt.state.phase is OperationPhase.TERMINATING:
            text = f"{messages.TERMINATED_WITH_ERRORS}: {error}"
            return await attempt.end(OperationPhase.ERROR, text, attempt.results)
        if isinstance(error, TransientError | BusUnavailableError):
            if limit := self._overtime:
                text = messages.too_late("the attempt did not end", limit, str(error))
                return await attempt.end(OperationPhase.ERROR, text, attempt.results)
            text = f"{messages.TRYING_AGAIN}: {error}"
            attempt.execution.waiting = None
            return Progress(state=attempt.running(text, attempt.results), again_after=TRY_AGAIN)
        log.exception("operation.failed", app=attempt.record.id.qualified, exc_info=error)
        return await attempt.end(OperationPhase.ERROR, f"{type(error).__name__}: {error}", attempt.results)

    async def _target(self) -> Target:
        """The state to deploy, found once an attempt. Raises TargetError."""
        attempt = self._attempt
        record, context, execution = attempt.record, attempt.context, attempt.execution
        target, targets = execution.target, self._means.targets
        if target is not None and not targets.is_as_demanded(record.app, target):
            target = None  # it may not be signed as the project demands now
        if target is None:
            target = await targets.of(
                record.app,
                attempt.state,
                wish=record.wanted.wish,
                cluster=context.subject.cluster,
                render=context.render,
                desired=context.desired,
            )
            execution.target = None if target.is_current else target
        else:
            targets.require_permitted(record.app, target.sources)
        execution.digest = "" if self._sync.manifests else target.desired.basis.digest
        return target

    async def _without_target(self, problem: str) -> Progress:
        attempt = self._attempt
        text = messages.conditions_failed([(ConditionType.COMPARISON_ERROR, problem)])
        result = failed_result(attempt.record.app, attempt.state, attempt.context.render)
        attempt.state = msgspec.structs.replace(attempt.state, sync_result=result)
        return await attempt.end(OperationPhase.ERROR, text, attempt.results)

    async def _comparison(self, target: Target) -> Comparison:
        context = self._attempt.context
        if target.is_current:
            return context.comparison
        subject = msgspec.structs.replace(context.subject, prepared=target.desired.prepared)
        return await compare_application(subject, Ledger())

    def _stopped_by(self, comparison: Comparison) -> tuple[OperationPhase, str] | None:
        """The end that what is wrong with the application brings, or None."""
        remarks = [item for item in comparison.remarks if item.type in _STOPPERS]
        if remarks:
            text = messages.conditions_failed((item.type, item.message) for item in remarks)
            return OperationPhase.ERROR, text
        options = parse_options(self._sync.sync_options)
        shared = [item for item in comparison.remarks if item.type == ConditionType.SHARED_RESOURCE_WARNING]
        if options.fail_on_shared_resource and shared:
            return OperationPhase.FAILED, f"Shared resource found: {shared[0].message}"
        return None

    def _carrier(self, plan: Plan, comparison: Comparison) -> Carrier:
        record, context = self._attempt.record, self._attempt.context
        return Carrier(
            record.id.qualified,
            context.subject.cluster,
            context.writer,
            plan,
            rules={item.key: item.rules for item in comparison.items if item.rules is not None},
            jq=context.subject.jq,
            parallel=self._means.parameters.parallel_applies,
            migrated=frozenset({record.app.metadata.annotations.get(MIGRATED) or KUBECTL, FIELD_MANAGER}),
        )

    def _pin(self, target: Target) -> None:
        """From here on the attempt deploys these revisions and no others."""
        state = self._attempt.state
        if state.sync_result is None:
            result = target.result(self._attempt.record.app)
            self._attempt.state = msgspec.structs.replace(state, sync_result=result)

    def _is_overdue(self) -> bool:
        limit = self._means.parameters.sync_timeout
        passed = seconds_since(self._attempt.state.started_at)
        return limit > 0 and passed is not None and passed > limit

    def _in_time(self, progress: Progress) -> Progress:
        """Evaluated again when its time is over, if that is sooner."""
        if progress.is_done:
            return progress
        limits = (
            (self._means.parameters.sync_timeout, seconds_since(self._attempt.state.started_at)),
            (self._means.parameters.deadlines.attempt, now() - self._attempt.execution.begun_at),
        )
        left = (limit - (passed or 0.0) for limit, passed in limits if limit > 0)
        again = soonest(progress.again_after, *(max(seconds + MARGIN, 0.0) for seconds in left))
        return msgspec.structs.replace(progress, again_after=again)

    @property
    def _overtime(self) -> float:
        """The seconds that the attempt was given, once they are over; else 0."""
        limit = self._means.parameters.deadlines.attempt
        return limit if 0 < limit < now() - self._attempt.execution.begun_at else 0.0

    @property
    def _sync(self) -> SyncOperation:
        return self._attempt.state.operation.sync or SyncOperation()


def failed_attempt(record: Record, operation: Operation, message: str) -> Progress:
    """What becomes of an operation that cannot be executed: its end, or another attempt later."""
    state = current_state(record.app, operation)
    waiting = until_retry(state)
    if waiting is not None and waiting > 0 and not record.app.is_deleting:
        return Progress(state=state, again_after=waiting)
    if waiting is not None:
        state = begin_retry(state)
    terminating = state.phase is OperationPhase.TERMINATING or record.app.is_deleting
    result = failed_result(record.app, state, record.render)
    state = msgspec.structs.replace(state, sync_result=result)
    return ended(state, OperationPhase.ERROR, message, terminating=terminating)
