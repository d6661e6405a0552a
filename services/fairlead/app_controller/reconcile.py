"""One look at one application, from what is true now to what its status says.

The story, in order: refuse what cannot be → want a render → compare → decide → operate → write.
Invariant: every look may be the first one after a crash; nothing here depends on an earlier look.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec
import structlog

from fairlead.app_controller.applications import refresh_of, wants_look
from fairlead.app_controller.attempt import attempt_text
from fairlead.app_controller.automated import Decision, automated_operation, paced
from fairlead.app_controller.book import Book, Record, now
from fairlead.app_controller.clusters import TRUE, Cluster, DestinationError
from fairlead.app_controller.comparison import compare_application, without_prunes
from fairlead.app_controller.conditions import refreshed
from fairlead.app_controller.delete import Deletion
from fairlead.app_controller.delete_hooks import ALL as HOOK_STAGES
from fairlead.app_controller.delete_hooks import wanted_finalizers
from fairlead.app_controller.desired import Basis, DesiredState, load, nothing_desired
from fairlead.app_controller.drift import tell_drift, tell_healed
from fairlead.app_controller.evaluate import failed_attempt
from fairlead.app_controller.grounds import Terms
from fairlead.app_controller.impersonate import ImpersonationError
from fairlead.app_controller.item import Comparison, Remark, Subject
from fairlead.app_controller.jq import Jq
from fairlead.app_controller.operate import Operator
from fairlead.app_controller.operation import Context, Progress, current_state, without_cluster
from fairlead.app_controller.pauses import SOON, doubt_pause, first, pause_after, soonest
from fairlead.app_controller.render import Render
from fairlead.app_controller.report import (
    compared_status,
    failed_status,
    refused_status,
    unread_status,
    with_sync_error,
)
from fairlead.app_controller.resync import ask_when_due, resync_after
from fairlead.app_controller.sets import RenderedSets
from fairlead.app_controller.status import KEEP, StatusWriter
from fairlead.app_controller.target import document_problem, render_problem
from fairlead.app_controller.tell import Teller
from fairlead.app_controller.times import parsed, stamp
from fairlead.app_controller.validate import Checks
from fairlead.app_controller.wants import Wants
from fairlead.bus import BusUnavailableError
from fairlead.diff.result import COMPARE_OPTIONS, options_in
from fairlead.events import Cause, RenderFailure, RenderLevel, Trace, trace
from fairlead.kube.errors import KubeError, TransientError
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Prepared
from fairlead.model.application import AppId
from fairlead.model.status import ApplicationStatus, ConditionType, SyncCode
from fairlead.model.sync import Operation, OperationPhase, OperationState
from fairlead.settings import ControllerSettings
from fairlead.sync.history import with_deployment
from fairlead.sync.messages import blocked_by_window, conditions_failed
from fairlead.sync.options import parse_options

log = structlog.get_logger(__name__)

SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"
ANSWER_PAUSE = 10.0
LOOK_PATIENCE = 5.0
"""Seconds after which an operation says that it waits for a look at its repository."""
WAITS_FOR_LOOK = "waiting for the repo-server to look at the repository"
VERDICT_PAUSE = 1.0
"""Seconds until a cluster is looked at again of which is being found out whether it is away."""
LAST_KNOWN_HOLDS = 300.0
"""Seconds for which sync and health of a cluster that cannot be read are shown as they were last."""

SettingsOf = Callable[[], ControllerSettings]


class Reconciler:
    """Looks at applications; `work` is what the queue's workers call."""

    def __init__(
        self,
        *,
        book: Book,
        checks: Checks,
        wants: Wants,
        sets: RenderedSets,
        operator: Operator,
        status: StatusWriter,
        deletion: Deletion,
        teller: Teller,
        settings: SettingsOf,
        jq: Jq,
    ) -> None:
        self._jq = jq
        self._book = book
        self._checks = checks
        self._wants = wants
        self._sets = sets
        self._operator = operator
        self._status = status
        self._deletion = deletion
        self._teller = teller
        self._settings = settings

    def _resync(self, record: Record) -> float | None:
        return resync_after(self._settings(), record)

    async def work(self, app_id: AppId) -> float | None:
        """Look at one application; after how many seconds to look again, or None."""
        record = self._book.get(app_id)
        if record is None:
            return None
        with trace.following(record.trace or Trace.start()):
            try:
                wait = await self._look(record)
            except ExceptionGroup as group:
                return await self._paused(first(group), record)
            except Exception as error:
                return await self._paused(error, record)
        record.missed = 0
        return wait

    async def _paused(self, error: BaseException, record: Record) -> float | None:
        """How long to wait after a failed look; a cluster that did not answer is seen to meanwhile, and what
        nobody expected is said of the application. Raises that, so that it is tried again ever more slowly.
        """
        if isinstance(error, TransientError):
            self._checks.suspect(record.app)
        try:
            return pause_after(error, record)
        except Exception:
            await self._say(record, f"{type(error).__name__}: {error}")
            raise

    async def _say(self, record: Record, text: str) -> None:
        """An UnknownError on the application; the next comparison that is made takes it away."""
        before = record.app.status
        remarks = [Remark(ConditionType.UNKNOWN_ERROR, text)]
        conditions = refreshed(before.conditions, remarks, [ConditionType.UNKNOWN_ERROR])
        with suppress(KubeError, BusUnavailableError):
            await self._status.write(record, msgspec.structs.replace(before, conditions=conditions))

    async def compared(self, record: Record) -> tuple[Subject, Comparison] | None:
        """The comparison as of now, for somebody who asks; None while it cannot be made."""
        try:
            cluster = self._checks.cluster_of(record.app)
        except DestinationError:
            return None
        if record.desired is None or not cluster.live.is_synced:
            return None
        subject = self._subject(record, cluster, record.desired.prepared)
        return subject, await compare_application(subject, record.memo.copy())

    async def _look(self, record: Record) -> float | None:
        app = record.app
        if app.metadata.annotations.get(SKIP_RECONCILE) in TRUE:
            return None
        if app.is_deleting and app.operation is None:
            return await self._delete(record)
        remarks = self._checks.refusals(app)
        if remarks:
            return await self._refused(record, remarks)
        try:
            cluster = self._checks.cluster_of(app)
        except DestinationError as error:
            return await self._refused(record, [Remark(ConditionType.INVALID_SPEC_ERROR, str(error))])
        return None if cluster.entry.is_skipped else await self._with_cluster(record, cluster)

    async def _delete(self, record: Record) -> float | None:
        """Advance the deletion; hooks to be run need the desired state, whatever else does not."""
        cluster = self._deletion.cluster_of(record)
        if cluster is not None and cluster.entry.is_skipped:
            return None
        desired, problem = None, ""
        if cluster is not None and cluster.is_readable and self._deletion.needs_render(record):
            await self._wants.ensure(record, cluster)
            render = record.render
            if render is not None and render.sources_digest == record.wish_digest:
                if render.failure is not None:
                    problem = render_problem(record.app, render.failure)
                else:
                    desired = await self._desired(record, cluster, render)
                    problem = document_problem(desired) if desired is not None and desired.problem else ""
        return await self._deletion.advance(record, None if problem else desired, problem)

    async def _keep_finalizers(self, record: Record, desired: DesiredState) -> None:
        """The finalizers of deletion hooks come and go with the hooks that are rendered."""
        app = record.app
        present = HOOK_STAGES & set(app.metadata.finalizers)
        wanted = wanted_finalizers(desired.prepared)
        if app.is_deleting or present == wanted:
            return
        kept = [name for name in app.metadata.finalizers if name not in HOOK_STAGES or name in wanted]
        kept += sorted(wanted - present)
        await self._status.patch_metadata(record, {"finalizers": kept or None})

    async def _with_cluster(self, record: Record, cluster: Cluster) -> float | None:
        """The application may be what it is, and its cluster is known: have it rendered."""
        record.server = cluster.server
        if not cluster.is_readable:
            return await self._cluster_unread(record, cluster)
        ask_when_due(self._settings(), record)
        await self._wants.ensure(record, cluster)
        if wants_look(record.app) and record.refresh_level >= RenderLevel.REFRESH:
            return await self._await_look(record)
        render = record.render
        if render is None or render.sources_digest != record.wish_digest:
            return ANSWER_PAUSE
        if render.failure is not None:
            return await self._render_failed(record, cluster, render, render.failure)
        record.failing_since = None
        return await self._with_render(record, cluster, render)

    async def _await_look(self, record: Record) -> float:
        """What a person asks to be deployed is what the remote holds now; an answer is under way."""
        operation = record.app.operation
        if operation is not None and record.asked_at is not None and now() - record.asked_at > LOOK_PATIENCE:
            state = msgspec.structs.replace(current_state(record.app, operation), message=WAITS_FOR_LOOK)
            await self._status.write(
                record, msgspec.structs.replace(record.app.status, operation_state=state)
            )
        return LOOK_PATIENCE

    async def _with_render(self, record: Record, cluster: Cluster, render: Render) -> float | None:
        """There is a render: make it a desired state, and compare."""
        desired = await self._desired(record, cluster, render)
        if desired is None:
            record.ask(RenderLevel.CACHED, Cause.CACHE_LOST)
            await self._wants.ensure(record, cluster)
            return ANSWER_PAUSE
        if desired.problem:
            return await self._not_desired(record, cluster, render, document_problem(desired))
        return await self._compared(record, cluster, render, desired)

    async def _compared(
        self, record: Record, cluster: Cluster, render: Render, desired: DesiredState
    ) -> float | None:
        subject = self._subject(record, cluster, desired.prepared)
        comparison = await self._compare(record, subject)
        await self._keep_finalizers(record, desired)
        status = self._report(record, comparison, render)
        window = self._checks.window(record.app, cluster, manual=False)
        decision = (
            paced(
                record,
                render,
                automated_operation(
                    record,
                    comparison,
                    render,
                    status,
                    heal_wait=self._heal_wait,
                    is_first_look=not record.was_compared,
                ),
            )
            if window.allowed
            else Decision(keeps_error=True)
        )
        record.was_compared = True
        status = with_sync_error(status, decision.error) if not decision.keeps_error else status
        operation = record.app.operation or decision.operation
        await tell_drift(self._teller, record, comparison, is_heal=decision.is_heal)
        if operation is None:
            await self._write(record, status)
            return soonest(
                self._resync(record), decision.again_after, doubt_pause(comparison, status.conditions)
            )
        context = Context(
            subject=subject,
            render=render,
            desired=desired,
            comparison=comparison,
            project=record.app.spec.project or "default",
            writer=cluster.writer,
            blocked=self._blocked(record, operation, cluster),
        )

        async def restated(is_done: bool) -> ApplicationStatus:
            return self._report(record, await self._compare(record, subject), render, as_new=is_done)

        return await self._operate(record, operation, context, status, restated)

    async def _operate(
        self,
        record: Record,
        operation: Operation,
        context: Context,
        status: ApplicationStatus,
        restated: Callable[[bool], Awaitable[ApplicationStatus]],
    ) -> float | None:
        """One evaluation; `restated` is the status after it, told whether the operation is done."""
        subject = context.subject
        try:
            writer = self._checks.writer(record.app, subject.cluster)
        except ImpersonationError as error:
            remarks = [Remark(ConditionType.COMPARISON_ERROR, str(error))]
            return await self._failed(record, subject.cluster, remarks)
        context = msgspec.structs.replace(context, writer=writer)
        progress = await self._operator.step(record, operation, context, status)
        status = await restated(progress.is_done)
        await self._finish(record, operation, progress, status)
        if progress.is_done:
            return SOON if status.sync.status is not SyncCode.SYNCED else self._resync(record)
        return progress.again_after

    def _blocked(self, record: Record, operation: Operation, cluster: Cluster) -> str | None:
        """What the operation says while a sync window holds it, or None."""
        automated = operation.initiated_by is not None and operation.initiated_by.automated
        state = current_state(record.app, operation)
        decision = self._checks.window(
            record.app, cluster, manual=not automated, started_at=parsed(state.started_at)
        )
        return None if decision.allowed else blocked_by_window(decision.error)

    async def _finish(
        self, record: Record, operation: Operation, progress: Progress, status: ApplicationStatus
    ) -> None:
        state = progress.state
        status = msgspec.structs.replace(status, operation_state=state)
        if not progress.is_done:
            await self._write(record, status, begun=state.operation if record.app.operation is None else None)
            return
        status = msgspec.structs.replace(
            status,
            history=with_deployment(
                status.history,
                state,
                deployed_at=state.finished_at or stamp(),
                limit=record.app.spec.history_limit,
            ),
        )
        if state.phase is OperationPhase.SUCCEEDED:
            status = with_sync_error(status, "")
        digest = record.execution.digest if record.execution is not None else ""
        await self._write(record, status, ended=state, attempted=attempt_text(state, digest))
        record.execution = None
        await tell_healed(self._teller, record, operation, state.phase)

    async def _compare(self, record: Record, subject: Subject) -> Comparison:
        return await compare_application(subject, record.memo)

    def _report(
        self, record: Record, comparison: Comparison, render: Render, *, as_new: bool = False
    ) -> ApplicationStatus:
        """The status; `as_new` for a comparison after an operation, which counts as a refresh."""
        refreshed = as_new or record.refreshed_level >= RenderLevel.RESOLVE
        return compared_status(
            record.app,
            comparison,
            render,
            control_namespace=self._book.control_namespace,
            refreshed_now=refreshed,
        )

    def _subject(self, record: Record, cluster: Cluster, prepared: Prepared) -> Subject:
        app = record.app
        policy = app.spec.sync_policy
        terms = Terms(
            instance=record.instance,
            itself=ResourceKey("argoproj.io", "Application", *app.id),
            settings=self._settings(),
            permitted=self._checks.permits(app, cluster.entry),
            ignore=app.spec.ignore_differences,
            options=parse_options(policy.sync_options if policy is not None else ()),
            compare_options=options_in(app.metadata.annotations.get(COMPARE_OPTIONS, "")),
            eager=policy is not None
            and policy.is_automated
            and bool(policy.automated and policy.automated.self_heal),
        )
        return Subject(prepared=prepared, cluster=cluster, terms=terms, jq=self._jq)

    def _basis(self, record: Record, render: Render) -> Basis:
        return Basis(
            digest=render.digest,
            instance=record.instance,
            namespace=record.app.spec.destination.namespace,
            tracking=self._settings().tracking,
        )

    async def _desired(self, record: Record, cluster: Cluster, render: Render) -> DesiredState | None:
        basis = self._basis(record, render)
        if record.desired is None or not record.desired.fits(basis, cluster):
            found = await load(self._sets, basis, cluster)
            if found is None:
                return None
            record.desired = found
            self._book.interests.note(record.id, found.prepared.objects)
        return record.desired

    async def _write(
        self,
        record: Record,
        status: ApplicationStatus,
        *,
        begun: Operation | None = None,
        ended: OperationState | None = None,
        attempted: str | None = None,
    ) -> None:
        """One patch of all that differs, and the end of a refresh that was asked for.

        `begun` is an operation that goes on and that the Application does not name yet.
        """
        asked = refresh_of(record.app)
        answered = record.refreshed_level >= RenderLevel.REFRESH or record.render is None
        spec = record.app.spec.normalized()
        await self._status.write(
            record,
            status,
            operation=begun if begun is not None or ended is not None else KEEP,
            guarded=begun is not None,
            ended=ended,
            attempted=attempted,
            spec=spec if spec != record.app.spec else None,
        )
        record.refreshed_level = 0
        if asked is not None and answered:
            await self._status.clear_refresh(record, asked[1])

    async def _refused(self, record: Record, remarks: list[Remark]) -> float | None:
        status = refused_status(record.app, remarks, control_namespace=self._book.control_namespace)
        record.refreshed_level = RenderLevel.REFRESH
        wait = await self._write_ended(record, status, remarks)
        return soonest(self._resync(record), wait)

    async def _failed(self, record: Record, cluster: Cluster, remarks: list[Remark]) -> float | None:
        """What is desired is not known: everything is in doubt, nothing is touched."""
        status = await self._in_doubt(record, cluster, remarks)
        wait = await self._write_ended(record, status, remarks)
        return soonest(self._resync(record), wait)

    async def _not_desired(
        self, record: Record, cluster: Cluster, render: Render, problem: str
    ) -> float | None:
        """The newest state cannot be used; an operation may still deploy another one."""
        remarks = [Remark(ConditionType.COMPARISON_ERROR, problem)]
        operation = record.app.operation
        if operation is None:
            return await self._failed(record, cluster, remarks)
        desired = record.desired or nothing_desired(self._basis(record, render), cluster)
        subject = self._subject(record, cluster, desired.prepared)
        context = Context(
            subject=subject,
            render=render,
            desired=desired,
            comparison=await self._doubted(record, subject, is_desired_known=_is_known(record.desired)),
            project=record.app.spec.project or "default",
            writer=cluster.writer,
            blocked=self._blocked(record, operation, cluster),
        )

        async def restated(_: bool) -> ApplicationStatus:
            return await self._in_doubt(record, cluster, remarks)

        return await self._operate(record, operation, context, await restated(False), restated)

    async def _in_doubt(self, record: Record, cluster: Cluster, remarks: list[Remark]) -> ApplicationStatus:
        prepared = record.desired.prepared if record.desired is not None else Prepared(objects=(), remarks=())
        subject = self._subject(record, cluster, prepared)
        return failed_status(
            record.app,
            remarks,
            await self._doubted(record, subject, is_desired_known=_is_known(record.desired)),
            control_namespace=self._book.control_namespace,
            refreshed_now=record.refreshed_level >= RenderLevel.RESOLVE,
        )

    async def _doubted(self, record: Record, subject: Subject, *, is_desired_known: bool) -> Comparison:
        """What is live against the last known state; nothing is asked, and what is known is used."""
        comparison = await compare_application(msgspec.structs.replace(subject, may_ask=False), record.memo)
        return comparison if is_desired_known else without_prunes(comparison)

    async def _write_ended(
        self, record: Record, status: ApplicationStatus, remarks: list[Remark]
    ) -> float | None:
        """Write what stands against the application; an operation that waits for it has failed.

        The seconds until that is tried again, if it is.
        """
        operation = record.app.operation
        if operation is None:
            await self._write(record, status)
            return None
        text = conditions_failed((item.type, item.message) for item in remarks)
        progress = failed_attempt(record, operation, text)
        status = msgspec.structs.replace(status, operation_state=progress.state)
        ended = progress.state if progress.is_done else None
        await self._write(record, status, ended=ended, attempted="" if ended is not None else None)
        if progress.is_done:
            record.execution = None
        return progress.again_after

    def _heal_wait(self, attempts: int) -> float:
        """Seconds between heals: growing, or fixed when the growing pause is switched off."""
        parameters = self._operator.parameters
        growing = parameters.heal_backoff
        return growing.wait(attempts) if growing.initial > 0 else parameters.heal_timeout

    def _grace(self, record: Record, render: Render, failure: RenderFailure) -> float:
        """Seconds for which a failure that may pass by itself is not shown (contract 2.3)."""
        if record.failing_since is None:
            record.failing_since = now()
        if not failure.transient or render.level >= RenderLevel.REFRESH or not record.app.status.sync.status:
            return 0.0
        return record.failing_since + self._operator.parameters.repository_error_grace - now()

    async def _render_failed(
        self, record: Record, cluster: Cluster, render: Render, failure: RenderFailure
    ) -> float | None:
        grace = self._grace(record, render, failure)
        if grace > 0 and record.app.operation is None:
            return grace
        return await self._not_desired(record, cluster, render, render_problem(record.app, failure))

    async def _cluster_unread(self, record: Record, cluster: Cluster) -> float | None:
        """The cluster cannot be read: what is known of it stands for a while, beside the reason.

        Nothing is asked of it here, and nobody looks again before it says that it was read, or what ails it.
        """
        problem = cluster.problem
        if problem is None:
            return VERDICT_PAUSE if cluster.live.is_synced else None
        remark = Remark(
            ConditionType.COMPARISON_ERROR,
            f'Failed to load live state: cluster "{cluster.server}": {problem.words} (since {problem.since})',
        )
        is_outdated = problem.lasted >= LAST_KNOWN_HOLDS
        status = unread_status(
            record.app, [remark], is_outdated=is_outdated, control_namespace=self._book.control_namespace
        )
        state = without_cluster(record.app, remark.message)
        if state is not None:
            status = msgspec.structs.replace(status, operation_state=state)
        is_over = state is not None and state.finished_at is not None
        await self._write(record, status, ended=state if is_over else None)
        if is_over:
            record.execution = None
        return None if is_outdated else LAST_KNOWN_HOLDS - problem.lasted + 1.0


def _is_known(desired: DesiredState | None) -> bool:
    return desired is not None and not desired.problem
