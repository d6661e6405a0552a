"""One evaluation of one operation, from its target to what is waited for next (contract 9.1).

Invariant: every evaluation may be the first one of a new process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import structlog

from fairlead.app_controller.book import Record, now
from fairlead.app_controller.carry import Carrier, not_served
from fairlead.app_controller.comparison import compare_application
from fairlead.app_controller.grounds import Memo
from fairlead.app_controller.item import Comparison, Item
from fairlead.app_controller.live_view import LiveView
from fairlead.app_controller.operation import (
    LOOK_AGAIN,
    UNSEEN_AT_MOST,
    Context,
    Execution,
    Progress,
    begin_retry,
    current_state,
    until_retry,
    with_results,
)
from fairlead.app_controller.pauses import first
from fairlead.app_controller.put import namespace_of
from fairlead.app_controller.release import release
from fairlead.app_controller.status import StatusTooLargeError
from fairlead.app_controller.target import Target, TargetError, failed_result
from fairlead.app_controller.times import parsed, seconds_since, stamp
from fairlead.bus import BusUnavailableError
from fairlead.kube.adopt import KUBECTL
from fairlead.kube.catalogue import Presence
from fairlead.kube.errors import ConflictError, KubeError, TransientError
from fairlead.kube.writer import FIELD_MANAGER, WriteFencedError
from fairlead.manifest.fields import Manifest, mapping_at
from fairlead.manifest.identity import GroupVersionKind, ResourceKey
from fairlead.manifest.tracking import owner_of
from fairlead.model.status import ApplicationStatus, ConditionType
from fairlead.model.sync import Operation, OperationPhase, OperationState, SyncOperation
from fairlead.sync import messages
from fairlead.sync.advance import Begin, Step, advance, begin, begun, refuse, settle, terminate
from fairlead.sync.options import parse_options
from fairlead.sync.plan import Plan, PruneCandidate, Wanted, build_plan, must_apply
from fairlead.sync.prune import PruneProof, may_prune
from fairlead.sync.retry import after_attempt
from fairlead.sync.task import Results, Task

if TYPE_CHECKING:
    from fairlead.app_controller.operate import Operator

log = structlog.get_logger(__name__)

TRY_AGAIN = 2.0
"""Seconds until an evaluation that something passing interrupted is repeated."""
START_SHOWN_AFTER = 3.0
"""Seconds a plain sync may take before the status says that it runs; most are over by then, in one patch."""
APPROVED = "argocd.argoproj.io/deletion-approved"
MIGRATED = "argocd.argoproj.io/client-side-apply-migration-manager"
_STOPPERS = frozenset({ConditionType.COMPARISON_ERROR, ConditionType.INVALID_SPEC_ERROR})


class Evaluation:
    """One evaluation of one operation, from its target to what is waited for next."""

    def __init__(
        self,
        operator: Operator,
        record: Record,
        context: Context,
        *,
        execution: Execution,
        state: OperationState,
        status: ApplicationStatus,
    ) -> None:
        self._operator = operator
        self._record = record
        self._context = context
        self._execution = execution
        self._state = state
        self._status = status
        self._live = LiveView(context.subject.cluster.live)

    async def run(self) -> Progress:
        """One evaluation; what goes wrong in it is what the operation says."""
        try:
            return await self._stages()
        except ExceptionGroup as group:
            return await self._interrupted(first(group))
        except Exception as error:
            return await self._interrupted(error)

    async def _interrupted(self, error: BaseException) -> Progress:
        """Go on later after what may pass by itself; end with anything else.

        Raises what another look answers: somebody wrote meanwhile, or the cluster is no longer ours.
        """
        if isinstance(error, ConflictError | WriteFencedError) or not isinstance(error, Exception):
            raise error
        if isinstance(error, StatusTooLargeError):
            return await self._finish(OperationPhase.ERROR, error.message, self._results())
        if isinstance(error, TransientError | BusUnavailableError):
            text = f"{messages.TRYING_AGAIN}: {error}"
            return Progress(state=self._running(text, self._results()), again_after=TRY_AGAIN)
        log.exception("operation.failed", app=self._record.id.qualified, exc_info=error)
        return await self._finish(OperationPhase.ERROR, f"{type(error).__name__}: {error}", self._results())

    async def _stages(self) -> Progress:
        """The stages of contract 9.1, in order."""
        if self._state.operation.sync is None:
            return await self._finish(OperationPhase.ERROR, messages.INVALID_OPERATION, Results())
        try:
            target = await self._target()
        except TargetError as error:
            text = messages.conditions_failed([(ConditionType.COMPARISON_ERROR, str(error))])
            result = failed_result(self._record.app, self._state, self._context.render)
            self._state = msgspec.structs.replace(self._state, sync_result=result)
            return await self._finish(OperationPhase.ERROR, text, self._results())
        self._execution.digest = "" if self._sync.manifests else target.desired.basis.digest
        comparison = await self._comparison(target)
        stopped = self._stopped_by(comparison, target)
        if stopped is not None:
            return await self._finish(*stopped, self._results())
        plan = self._plan(target, comparison)
        carrier = self._carrier(plan, comparison)
        if self._state.phase is OperationPhase.TERMINATING or self._is_overdue():
            return await self._terminated(plan, carrier)
        self._pin(target)
        refused = refuse(plan, self._results())
        if refused is not None:
            return await self._finish(refused.phase, refused.message, refused.results)
        return await self._advanced(plan, carrier, target)

    async def _target(self) -> Target:
        if self._execution.target is None:
            target = await self._operator.target(self._record, self._context, self._state)
            if target.is_current:
                return target
            self._execution.target = target
        return self._execution.target

    async def _comparison(self, target: Target) -> Comparison:
        if target.is_current:
            return self._context.comparison
        subject = msgspec.structs.replace(self._context.subject, prepared=target.desired.prepared)
        return await compare_application(subject, Memo())

    def _stopped_by(self, comparison: Comparison, target: Target) -> tuple[OperationPhase, str] | None:
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

    def _plan(self, target: Target, comparison: Comparison) -> Plan:
        app, subject = self._record.app, self._context.subject
        namespace = app.spec.destination.namespace
        policy = app.spec.sync_policy
        started = parsed(self._state.started_at)
        begun_before = {(item.group, item.kind, item.namespace, item.name) for item in self._results()}
        return build_plan(
            Wanted(
                operation=self._state.operation,
                desired=tuple(item.desired for item in comparison.items if item.desired is not None),
                live=self._live,
                candidates=tuple(self._candidates(target, comparison)),
                in_sync=frozenset(
                    item.key
                    for item in comparison.items
                    if _is_in_sync(item) and item.key not in begun_before
                ),
                revision=(target.revisions or ("",))[0],
                started_at=int(started.timestamp()) if started is not None else 0,
                attempt=self._state.retry_count,
                owns=self._owns,
                permit=self._permit,
                discover=self._discover,
                destination_namespace=namespace,
                namespace_exists=subject.cluster.live.get(ResourceKey("", "Namespace", "", namespace))
                is not None,
                managed_namespace_metadata=policy.managed_namespace_metadata if policy is not None else None,
            )
        )

    def _candidates(self, target: Target, comparison: Comparison) -> list[PruneCandidate]:
        subject, app = self._context.subject, self._record.app
        options = parse_options(self._sync.sync_options)
        desired = {item.key for item in target.desired.prepared.objects}
        found = []
        for item in comparison.items:
            if not item.requires_pruning or item.live is None:
                continue
            kind = item.key.group_kind
            proof = PruneProof(
                render_verified=target.is_verified,
                kind_known=subject.cluster.discovery.presence(*kind) is Presence.PRESENT,
                list_complete=subject.cluster.live.is_known(kind),
                desired=desired,
            )
            live = self._live.get(item.key)
            if live is None:
                continue  # it went while the comparison was made
            decision = may_prune(
                live,
                proof=proof,
                instance=subject.terms.instance,
                tracking=subject.terms.settings.tracking,
                options=options,
                itself=subject.terms.itself,
                managed_namespace=app.spec.destination.namespace if options.create_namespace else "",
            )
            if not decision.allowed:
                log.info(
                    "prune.refused",
                    app=self._record.id.qualified,
                    object=str(item.key),
                    reason=decision.reason.value,
                )
            found.append(PruneCandidate(key=item.key, live=live, decision=decision))
        return found

    def _owns(self, live: Manifest) -> bool:
        terms = self._context.subject.terms
        return owner_of(mapping_at(live, "metadata"), *terms.settings.tracking) == terms.instance

    def _permit(self, key: ResourceKey, namespaced: bool | None) -> str:
        permitted, scoped = self._context.subject.terms.permitted, namespaced is not False
        if permitted(*key, scoped):
            return ""
        home = self._record.app.spec.destination.namespace
        if permitted(key.group, key.kind, home, key.name, scoped):
            return messages.namespace_not_permitted(key.namespace, self._context.project)
        return messages.kind_not_permitted(key.group, key.kind, self._context.project)

    def _discover(self, key: ResourceKey, gvk: GroupVersionKind) -> str:
        cluster = self._context.subject.cluster
        if cluster.discovery.resource_for(*key.group_kind, gvk.version) is not None:
            return ""
        return not_served(cluster, key, gvk.version)

    def _carrier(self, plan: Plan, comparison: Comparison) -> Carrier:
        subject = self._context.subject
        return Carrier(
            self._record.id.qualified,
            subject.cluster,
            self._context.writer,
            plan,
            rules={item.key: item.rules for item in comparison.items if item.rules is not None},
            jq=subject.jq,
            parallel=self._operator.parameters.parallel_applies,
            migrated=frozenset(
                {self._record.app.metadata.annotations.get(MIGRATED) or KUBECTL, FIELD_MANAGER}
            ),
        )

    async def _terminated(self, plan: Plan, carrier: Carrier) -> Progress:
        by_timeout = self._state.phase is not OperationPhase.TERMINATING
        step = terminate(plan, self._results(), self._live, by_timeout=by_timeout)
        stuck = await carrier.carry(step, self._live)
        if stuck:
            text = f"{messages.TERMINATED_WITH_ERRORS}: {stuck[0].message}"
            return await self._finish(OperationPhase.ERROR, text, step.results.plus(stuck), terminating=True)
        return await self._finish(step.phase, step.message, step.results, terminating=True)

    async def _advanced(self, plan: Plan, carrier: Carrier, target: Target) -> Progress:
        results = self._results()
        self._execution.notice(self._live, now())
        beginning = begin(plan, results)
        if beginning is not None:
            if plan.sync.dry_run:
                return await self._tried(plan, carrier, target)
            if not _is_plain(plan):
                await self._started(target)
            tried = await self._trial(plan, carrier, beginning)
            if tried is not None:
                return tried
            if beginning.namespace is not None:
                made = await carrier.ensure_namespace(beginning.namespace)
                stopped = begun(plan, namespace=made, dry_run=())
                results = results.plus([made])
                if stopped is not None:
                    return await self._finish(stopped.phase, stopped.message, stopped.results)
        step = advance(
            plan,
            results,
            self._live,
            approved_at=parsed(self._record.app.metadata.annotations.get(APPROVED)),
            unseen=self._execution.unseen.keys(),
        )
        if beginning is not None and _is_plain(plan):
            return await self._carried_at_once(plan, carrier, step, target)
        return await self._carried(plan, carrier, step)

    async def _trial(self, plan: Plan, carrier: Carrier, beginning: Begin) -> Progress | None:
        """The end of a sync of which something would be refused, before anything is changed, or None."""
        changing = [task for task in beginning.dry_run if not task.in_sync]
        if not needs_trial(plan, changing):
            return None
        outcomes = await carrier.try_out(task for task in changing if is_triable(plan, task))
        step = begun(plan, namespace=None, dry_run=outcomes)
        return None if step is None else await self._finish(step.phase, step.message, step.results)

    async def _tried(self, plan: Plan, carrier: Carrier, target: Target) -> Progress:
        await self._started(target)
        namespace = await carrier.try_namespace(plan.namespace) if plan.namespace is not None else None
        outcomes = await carrier.try_out(task for task in plan.tasks if not task.skip_dry_run)
        step = begun(plan, namespace=namespace, dry_run=outcomes)
        if step is None:
            return await self._finish(OperationPhase.SUCCEEDED, messages.NO_MORE_TASKS, Results(outcomes))
        return await self._finish(step.phase, step.message, step.results)

    async def _carried_at_once(self, plan: Plan, carrier: Carrier, step: Step, target: Target) -> Progress:
        """A plain sync: applying twice is applying once, so a crash before the status is written heals."""
        await self._operator.foretell(self._record, self._status)
        await self._operator.announce(self._record, self._state, target.revisions)
        async with asyncio.TaskGroup() as group:
            carried = group.create_task(self._carried(plan, carrier, step))
            done, _ = await asyncio.wait({carried}, timeout=START_SHOWN_AFTER)
            if not done:
                await self._started(target)
        return carried.result()

    async def _carried(self, plan: Plan, carrier: Carrier, step: Step) -> Progress:
        if step.changes_objects and not _is_plain(plan):
            await self._operator.write_progress(self._record, self._running(step.message, step.results))
        outcomes = []
        if step.changes_objects or step.release or step.delete_hooks:
            outcomes = await carrier.carry(step, self._live)
            self._execution.unseen.update(dict.fromkeys(carrier.unseen, now()))
        settled = settle(plan, step, outcomes, self._live)
        if settled.is_final:
            if settled.release or settled.delete_hooks:
                rest = Step(
                    phase=settled.phase,
                    message="",
                    results=settled.results,
                    release=settled.release,
                    delete_hooks=settled.delete_hooks,
                )
                left = await carrier.carry(rest, LiveView(self._context.subject.cluster.live))
                settled = msgspec.structs.replace(settled, results=settled.results.plus(left))
            return await self._finish(settled.phase, settled.message, settled.results)
        again = UNSEEN_AT_MOST if self._execution.unseen else LOOK_AGAIN
        if settled.changes_objects or (step.changes_objects and not step.is_last_wave):
            again = self._operator.wave_delay
            self._execution.not_before = now() + again
        return Progress(state=self._running(settled.message, settled.results), again_after=max(again, 0.01))

    async def _started(self, target: Target) -> None:
        await self._operator.write_start(self._record, self._status, self._state, target.revisions)

    def _pin(self, target: Target) -> None:
        if self._state.sync_result is None:
            result = target.result(self._record.app)
            self._state = msgspec.structs.replace(self._state, sync_result=result)

    def _running(self, message: str, results: Results) -> OperationState:
        return with_results(self._state, OperationPhase.RUNNING, message, results)

    async def _finish(
        self, phase: OperationPhase, message: str, results: Results, *, terminating: bool = False
    ) -> Progress:
        """The end of an attempt, however it came: nothing of it is left held by us."""
        await self._free_hooks(results)
        self._execution.unseen.clear()
        terminating = terminating or self._state.phase is OperationPhase.TERMINATING
        return ended(
            with_results(self._state, phase, message, results), phase, message, terminating=terminating
        )

    async def _free_hooks(self, results: Results) -> None:
        """Take our finalizer off every hook that this attempt began and that still has it."""
        cluster = self._context.subject.cluster
        for record in results:
            key = ResourceKey(record.group, record.kind, record.namespace, record.name)
            live = cluster.live.get(key) if record.hook_type else None
            resource = cluster.discovery.resource_for(*key.group_kind)
            if live is None or resource is None or not self._owns(found := live.decoded()):
                continue
            try:
                await release(self._context.writer, resource, key.name, namespace_of(key, resource), found)
            except KubeError as error:
                log.warning(
                    "sync.hook.held", app=self._record.id.qualified, object=str(key), reason=error.message
                )

    def _results(self) -> Results:
        result = self._state.sync_result
        return Results(result.resources if result is not None else ())

    def _is_overdue(self) -> bool:
        limit = self._operator.parameters.sync_timeout
        passed = seconds_since(self._state.started_at)
        return limit > 0 and passed is not None and passed > limit

    @property
    def _sync(self) -> SyncOperation:
        return self._state.operation.sync or SyncOperation()


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


def needs_trial(plan: Plan, changing: Sequence[Task]) -> bool:
    """Whether everything is tried by dry run first: where something that was refused would leave a half.

    One object is tried by applying it, and where nothing of the application lives yet, nothing can be left
    half changed.
    """
    if not _is_plain(plan):
        return bool(changing)
    return len(changing) > 1 and any(task.live is not None for task in plan.tasks)


def is_triable(plan: Plan, task: Task) -> bool:
    """Whether a dry run tells anything: not of what is to be made anew or replaced by an option."""
    if task.desired is None or task.live is None:
        return True
    return not task.is_hook and not must_apply(plan.operation, plan.options, task.desired.object, task.live)


def _is_plain(plan: Plan) -> bool:
    """Whether a sync is one wave of ordinary objects, so that its order in time does not matter."""
    return not plan.is_stepwise and plan.namespace is None and not any(task.is_hook for task in plan.tasks)


def _is_in_sync(item: Item) -> bool:
    return item.outcome is not None and item.outcome.status.value == "Synced"


def failed_attempt(record: Record, operation: Operation, message: str) -> Progress:
    """What becomes of an operation that cannot be executed: its end, or another attempt later."""
    state = current_state(record, operation)
    waiting = until_retry(state)
    if waiting is not None and waiting > 0:
        return Progress(state=state, again_after=waiting)
    if waiting is not None:
        state = begin_retry(state)
    terminating = state.phase is OperationPhase.TERMINATING
    result = failed_result(record.app, state, record.render)
    state = msgspec.structs.replace(state, sync_result=result)
    return ended(state, OperationPhase.ERROR, message, terminating=terminating)
