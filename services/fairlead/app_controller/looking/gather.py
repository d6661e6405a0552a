"""Gathers the facts of one look: refuse what cannot be, have it rendered, load what is desired.

Invariant: nothing is written here but wishes and requests for renders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fairlead.app_controller.book import Record, now
from fairlead.app_controller.comparing.desired import Basis, DesiredState, load, nothing_desired
from fairlead.app_controller.comparing.grounds import Terms
from fairlead.app_controller.comparing.item import Remark, Subject
from fairlead.app_controller.comparing.page import Page
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
    Unreadable,
    Waiting,
)
from fairlead.app_controller.looking.recollection import Recollection
from fairlead.app_controller.looking.unread import unread
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.rendering.wants import Wants
from fairlead.app_controller.resync import ask_when_due
from fairlead.app_controller.syncing.guarding import threshold_problems
from fairlead.app_controller.syncing.target import document_problem, render_problem
from fairlead.diff.result import COMPARE_OPTIONS
from fairlead.events import Cause, RenderFailure, RenderLevel
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Prepared
from fairlead.model.status import ConditionType
from fairlead.process.rendered_sets import RenderedSets
from fairlead.render.jq import Jq
from fairlead.settings import ControllerSettings
from fairlead.sync.options import parse_options

SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"
ANSWER_PAUSE = 10.0
"""Seconds between looks while a render is awaited; its answer is a look of its own."""
LOOK_PATIENCE = 5.0
"""Seconds after which an operation says that it waits for a look at its repository, and after which one that
is to end does so without the manifests by which it would end in order."""
WAITS_FOR_LOOK = "waiting for the repo-server to look at the repository"
WAITS_FOR_RENDER = "there are no manifests yet"


class Gatherer:
    """Gathers facts; `grace` are the seconds for which a failure that may pass by itself is not shown.

    With `server_side_diff` the API server is asked of all objects whose application says nothing else; it is
    asked nothing unless `may_ask`.
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
        place: Callable[[Record, str], None],
        recollection: Recollection,
        grace: float,
        server_side_diff: bool,
        may_ask: bool = True,
    ) -> None:
        self._checks = checks
        self._wants = wants
        self._sets = sets
        self._settings = settings
        self._jq = jq
        self._interests = interests
        self._beside = beside
        self._place = place
        self._recollection = recollection
        self._grace = grace
        self._server_side = server_side_diff
        self._may_ask = may_ask

    async def gather(self, record: Record) -> Found:
        """What is the case. Raises KubeError, BusUnavailableError."""
        app = record.app
        if record.seen.unreadable:
            return Unreadable(record.seen.unreadable)
        if app.metadata.annotations.get(SKIP_RECONCILE) in TRUE:
            return Waiting(None, is_skipped=True)
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
            return Waiting(None, is_skipped=True)
        self._place(record, cluster.server)
        return await self._rendered(record, cluster) if cluster.is_readable else unread(app, cluster)

    async def known(self, record: Record) -> Subject | None:
        """What was last known to be desired, against its cluster; None while that cannot be compared."""
        try:
            cluster = self._checks.cluster_of(record.app)
        except DestinationError:
            return None
        desired = record.desired
        if desired is None or not cluster.live.is_synced:
            return None
        if desired.opened is None:
            desired = await self._opened(record, cluster, desired)
        return None if desired is None else self._subject(record, cluster, desired.prepared)

    async def _leaving(self, record: Record) -> Found:
        """A deletion: hooks to be run need the desired state, whatever else does not."""
        try:
            cluster = self._checks.cluster_of(record.app)
        except DestinationError:
            return Leaving(None, "")
        if cluster.entry.is_skipped:
            return Waiting(None, is_skipped=True)
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
        desired = await self._desired(record, cluster, render, must_open=True)
        if desired is not None and desired.problem:
            return Leaving(None, document_problem(desired))
        return Leaving(desired, "")

    async def _rendered(self, record: Record, cluster: Cluster) -> Found:
        """The application may be what it is, and its cluster is read: have it rendered."""
        ask_when_due(self._settings(), record)
        page = await self._recollection.page(record)
        await self._wants.ensure(record, cluster, believed=self._recollection.believed(record, page))
        if wants_look(record.app) and record.wanted.level >= RenderLevel.REFRESH:
            is_late = record.wanted.asked_at is not None and now() - record.wanted.asked_at > LOOK_PATIENCE
            return Waiting(LOOK_PATIENCE, WAITS_FOR_LOOK if is_late else "")
        render = record.render
        if render is None or render.sources_digest != record.wanted.digest:
            return _without_manifests(record, cluster)
        if render.failure is not None:
            return await self._failed(record, cluster, render, render.failure)
        return await self._compared_with(record, cluster, render, page)

    async def _compared_with(
        self, record: Record, cluster: Cluster, render: Render, page: Page | None
    ) -> Found:
        """There is a render: what it is on this cluster. What was only remembered begins no operation."""
        is_firm = record.kept.is_firm or record.app.operation is not None
        if render.is_remembered and is_firm:
            return await self._asked_again(record, cluster, Cause.STARTUP)
        desired = await self._desired(record, cluster, render, page=page, must_open=is_firm)
        if desired is None:
            return await self._asked_again(record, cluster, Cause.CACHE_LOST)
        if desired.problem:
            return await self._unusable(record, cluster, render, document_problem(desired))
        subject = self._subject(record, cluster, desired.opened)
        problems = (
            Remark(ConditionType.UNHEEDED_WARNING, text) for text in threshold_problems(subject.terms)
        )
        beside = (*self._beside(record, cluster), *problems)
        return Facts(subject=subject, render=render, desired=desired, beside=beside)

    async def _asked_again(self, record: Record, cluster: Cluster, cause: Cause) -> Found:
        """What was rendered is lost, or was not said to this process: it is asked for."""
        if record.wanted.asked_at is None:
            record.wanted.ask(RenderLevel.CACHED, cause)
        await self._wants.ensure(record, cluster)
        return _without_manifests(record, cluster)

    async def _failed(
        self, record: Record, cluster: Cluster, render: Render, failure: RenderFailure
    ) -> Found:
        """The render failed; what may pass by itself is not shown at once (contract 2.3)."""
        since = record.kept.failing_since
        may_pass = failure.transient and render.level < RenderLevel.REFRESH
        if may_pass and record.app.status.sync.status and record.app.operation is None:
            left = (since + self._grace - now()) if since is not None else self._grace
            if left > 0:
                return Waiting(left)
        return await self._unusable(record, cluster, render, render_problem(record.app, failure))

    async def _unusable(self, record: Record, cluster: Cluster, render: Render, problem: str) -> Facts:
        """The newest state cannot be used; an operation may still deploy another one."""
        desired = record.desired
        if desired is not None and desired.opened is None:
            desired = await self._opened(record, cluster, desired)
        is_known = desired is not None and not desired.problem
        desired = desired or nothing_desired(self._basis(record, render), cluster)
        return Facts(
            subject=self._subject(record, cluster, desired.prepared),
            render=render,
            desired=desired,
            problem=problem,
            is_known=is_known,
        )

    def _subject(self, record: Record, cluster: Cluster, prepared: Prepared | None) -> Subject:
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
            may_ask=self._may_ask,
            asker=lambda: self._checks.writer(app, cluster),
        )

    def _basis(self, record: Record, render: Render) -> Basis:
        return Basis(
            digest=render.digest,
            instance=record.instance,
            namespace=record.app.spec.destination.namespace,
            tracking=self._settings().tracking,
        )

    async def _desired(
        self,
        record: Record,
        cluster: Cluster,
        render: Render,
        *,
        page: Page | None = None,
        must_open: bool = False,
    ) -> DesiredState | None:
        """What is desired, None where it is lost; opened only where something of it is to be looked at."""
        basis = self._basis(record, render)
        if page is not None:
            subject = self._subject(record, cluster, None)
            record.desired = await self._recollection.desired(record, page, subject, basis)
            self._wanted(record, cluster, page.keys())
        kept = record.desired.fitted(basis, cluster) if record.desired is not None else None
        if kept is not None and kept.opened is None:
            is_enough = not must_open and record.ledger.holds(self._subject(record, cluster, None))
            kept = kept if is_enough else None
        if kept is None:
            kept = await self._loaded(record, cluster, basis)
            if kept is None:
                return None
            self._wanted(record, cluster, (item.key for item in kept.prepared.objects))
        record.desired = kept
        return kept

    def _wanted(self, record: Record, cluster: Cluster, keys: Iterable[ResourceKey]) -> None:
        """The application wants these from now on: their kinds are followed whole."""
        wanted = tuple(keys)
        self._interests.note(record.id, wanted)
        cluster.live.read_whole({key.group_kind for key in wanted})

    async def _opened(self, record: Record, cluster: Cluster, closed: DesiredState) -> DesiredState | None:
        """What was only remembered, opened; None where it is lost."""
        found = await self._loaded(record, cluster, closed.basis)
        if found is not None and record.desired is closed:
            record.desired = found
        return found

    async def _loaded(self, record: Record, cluster: Cluster, basis: Basis) -> DesiredState | None:
        home = record.wanted.wish.home if record.wanted.wish is not None else ""
        return await load(self._sets, basis, cluster, home)


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
