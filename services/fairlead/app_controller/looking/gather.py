"""Gathers the facts of one look: refuse what cannot be, have it rendered, load what is desired.

Invariant: nothing is written here but wishes and requests for renders.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.app_controller.book import Record, now
from fairlead.app_controller.comparing.desired import Basis, DesiredState, load, nothing_desired
from fairlead.app_controller.comparing.grounds import Terms
from fairlead.app_controller.comparing.item import Remark, Subject
from fairlead.app_controller.comparing.jq import Jq
from fairlead.app_controller.comparing.rules import compare_options
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.deleting.delete_hooks import ALL as HOOK_STAGES
from fairlead.app_controller.destination.clusters import TRUE, Cluster, DestinationError
from fairlead.app_controller.destination.interest import Interests
from fairlead.app_controller.following.asked import is_terminating, wants_look
from fairlead.app_controller.looking.facts import (
    Abandoned,
    Facts,
    Found,
    Leaving,
    Refused,
    Unread,
    Unreadable,
    Waiting,
)
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.rendering.sets import RenderedSets
from fairlead.app_controller.rendering.wants import Wants
from fairlead.app_controller.resync import ask_when_due
from fairlead.app_controller.syncing.guarding import threshold_problems
from fairlead.app_controller.syncing.target import document_problem, render_problem
from fairlead.diff.result import COMPARE_OPTIONS
from fairlead.events import Cause, RenderFailure, RenderLevel
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Prepared
from fairlead.model.status import ConditionType
from fairlead.settings import ControllerSettings
from fairlead.sync.options import parse_options

SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"
ANSWER_PAUSE = 10.0
"""Seconds between looks while a render is awaited; its answer is a look of its own."""
LOOK_PATIENCE = 5.0
"""Seconds after which an operation says that it waits for a look at its repository, and after which one that
is to end does so without the manifests by which it would end in order."""
VERDICT_PAUSE = 1.0
"""Seconds until a cluster is looked at again of which is being found out whether it is away."""
WAITS_FOR_LOOK = "waiting for the repo-server to look at the repository"
WAITS_FOR_RENDER = "there are no manifests yet"


class Gatherer:
    """Gathers facts; `grace` are the seconds for which a failure that may pass by itself is not shown.

    With `server_side_diff` the API server is asked of all objects whose application says nothing else.
    """

    def __init__(
        self,
        *,
        checks: Checks,
        wants: Wants,
        sets: RenderedSets,
        settings: Callable[[], ControllerSettings],
        jq: Jq,
        interests: Interests,
        beside: Callable[[Record, Cluster], tuple[Remark, ...]],
        grace: float,
        server_side_diff: bool,
    ) -> None:
        self._checks = checks
        self._wants = wants
        self._sets = sets
        self._settings = settings
        self._jq = jq
        self._interests = interests
        self._beside = beside
        self._grace = grace
        self._server_side = server_side_diff

    async def gather(self, record: Record) -> Found:
        """What is the case. Raises KubeError, BusUnavailableError."""
        app = record.app
        if record.seen.unreadable:
            return Unreadable(record.seen.unreadable)
        if app.metadata.annotations.get(SKIP_RECONCILE) in TRUE:
            return Waiting(None)
        if app.is_deleting and app.operation is None:
            return await self._leaving(record)
        return await self._staying(record)

    async def _staying(self, record: Record) -> Found:
        """The application is not being deleted, or not before its operation is over."""
        app = record.app
        remarks = self._checks.refusals(app)
        if remarks:
            return Refused(remarks)
        try:
            cluster = self._checks.cluster_of(app)
        except DestinationError as error:
            return Refused([Remark(ConditionType.INVALID_SPEC_ERROR, str(error))])
        if cluster.entry.is_skipped:
            return Waiting(None)
        record.server = cluster.server
        return await self._rendered(record, cluster) if cluster.is_readable else _unread(cluster)

    def known(self, record: Record) -> Subject | None:
        """What was last known to be desired, against its cluster; None while that cannot be compared."""
        try:
            cluster = self._checks.cluster_of(record.app)
        except DestinationError:
            return None
        if record.desired is None or not cluster.live.is_synced:
            return None
        return self._subject(record, cluster, record.desired.prepared)

    async def _leaving(self, record: Record) -> Found:
        """A deletion: hooks to be run need the desired state, whatever else does not."""
        try:
            cluster = self._checks.cluster_of(record.app)
        except DestinationError:
            return Leaving(None, "")
        if cluster.entry.is_skipped:
            return Waiting(None)
        needs_render = bool(HOOK_STAGES & set(record.app.metadata.finalizers))
        if not needs_render or not cluster.is_readable:
            return Leaving(None, "")
        return await self._last_state(record, cluster)

    async def _last_state(self, record: Record, cluster: Cluster) -> Leaving:
        """The state that an application which is being deleted was to have."""
        await self._wants.ensure(record, cluster)
        render = record.render
        if render is None or render.sources_digest != record.wanted.digest:
            return Leaving(None, "")
        if render.failure is not None:
            return Leaving(None, render_problem(record.app, render.failure))
        desired = await self._desired(record, cluster, render)
        if desired is not None and desired.problem:
            return Leaving(None, document_problem(desired))
        return Leaving(desired, "")

    async def _rendered(self, record: Record, cluster: Cluster) -> Found:
        """The application may be what it is, and its cluster is read: have it rendered."""
        ask_when_due(self._settings(), record)
        await self._wants.ensure(record, cluster)
        if wants_look(record.app) and record.wanted.level >= RenderLevel.REFRESH:
            is_late = record.wanted.asked_at is not None and now() - record.wanted.asked_at > LOOK_PATIENCE
            return Waiting(LOOK_PATIENCE, WAITS_FOR_LOOK if is_late else "")
        render = record.render
        if render is None or render.sources_digest != record.wanted.digest:
            return _without_manifests(record, cluster)
        if render.failure is not None:
            return self._failed(record, cluster, render, render.failure)
        desired = await self._desired(record, cluster, render)
        if desired is None:
            record.wanted.ask(RenderLevel.CACHED, Cause.CACHE_LOST)
            await self._wants.ensure(record, cluster)
            return _without_manifests(record, cluster)
        if desired.problem:
            return self._unusable(record, cluster, render, document_problem(desired))
        subject = self._subject(record, cluster, desired.prepared)
        problems = (
            Remark(ConditionType.UNHEEDED_WARNING, text) for text in threshold_problems(subject.terms)
        )
        beside = (*self._beside(record, cluster), *problems)
        return Facts(subject=subject, render=render, desired=desired, beside=beside)

    def _failed(self, record: Record, cluster: Cluster, render: Render, failure: RenderFailure) -> Found:
        """The render failed; what may pass by itself is not shown at once (contract 2.3)."""
        since = record.kept.failing_since
        may_pass = failure.transient and render.level < RenderLevel.REFRESH
        if may_pass and record.app.status.sync.status and record.app.operation is None:
            left = (since + self._grace - now()) if since is not None else self._grace
            if left > 0:
                return Waiting(left)
        return self._unusable(record, cluster, render, render_problem(record.app, failure))

    def _unusable(self, record: Record, cluster: Cluster, render: Render, problem: str) -> Facts:
        """The newest state cannot be used; an operation may still deploy another one."""
        desired = record.desired or nothing_desired(self._basis(record, render), cluster)
        return Facts(
            subject=self._subject(record, cluster, desired.prepared),
            render=render,
            desired=desired,
            problem=problem,
            is_known=record.desired is not None and not record.desired.problem,
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
            compare_options=compare_options(
                app.metadata.annotations.get(COMPARE_OPTIONS, ""), server_side=self._server_side
            ),
            eager=policy is not None
            and policy.is_automated
            and bool(policy.automated and policy.automated.self_heal),
        )
        return Subject(
            prepared=prepared,
            cluster=cluster,
            terms=terms,
            jq=self._jq,
            asker=lambda: self._checks.writer(app, cluster),
        )

    def _basis(self, record: Record, render: Render) -> Basis:
        return Basis(
            digest=render.digest,
            instance=record.instance,
            namespace=record.app.spec.destination.namespace,
            tracking=self._settings().tracking,
        )

    async def _desired(self, record: Record, cluster: Cluster, render: Render) -> DesiredState | None:
        basis = self._basis(record, render)
        kept = record.desired.fitted(basis, cluster) if record.desired is not None else None
        if kept is None:
            kept = await load(
                self._sets, basis, cluster, record.wanted.wish.home if record.wanted.wish is not None else ""
            )
            if kept is None:
                return None
            self._interests.note(record.id, kept.prepared.objects)
        record.desired = kept
        return kept


def _without_manifests(record: Record, cluster: Cluster) -> Found:
    """They are awaited, but not for ever by an operation that is to end; one that did nothing ends now."""
    state = record.app.status.operation_state
    if not is_terminating(record.app) or state is None:
        return Waiting(ANSWER_PAUSE)
    if state.sync_result is None:
        return Waiting(ANSWER_PAUSE, WAITS_FOR_RENDER)
    since = record.kept.ending_since
    left = LOOK_PATIENCE if since is None else since + LOOK_PATIENCE - now()
    return Waiting(left) if left > 0 else Abandoned(cluster, WAITS_FOR_RENDER)


def _unread(cluster: Cluster) -> Found:
    """Nothing is asked of the cluster here: it says itself when it was read, or what ails it."""
    problem = cluster.problem
    if problem is None:
        return Waiting(VERDICT_PAUSE if cluster.live.is_synced else None)
    text = f'Failed to load live state: cluster "{cluster.server}": {problem.words} (since {problem.since})'
    return Unread(Remark(ConditionType.COMPARISON_ERROR, text), problem.lasted)
