"""What is wrong with an application before anything is compared: its spec, its project, its destination.

Invariant: every refusal is one sentence that names the field or object at fault, in the contract's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.destination.clusters import Cluster, Clusters, DestinationError, Entry
from fairlead.app_controller.destination.impersonate import ImpersonationError, account_for
from fairlead.app_controller.following.projects import Projects
from fairlead.app_controller.following.signing_keys import SigningKeys
from fairlead.app_controller.permission import Below, Permission, Standing
from fairlead.events import SignaturesDemanded
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.tracking import Tracking
from fairlead.matching import hydrator
from fairlead.matching.pauses import active, pause_of
from fairlead.matching.pins import pin_of
from fairlead.matching.project import (
    is_destination_permitted,
    is_namespace_permitted_for_apps,
    is_source_permitted,
)
from fairlead.matching.repository import is_artifact, without_password
from fairlead.matching.windows import Target, WindowDecision, may_sync
from fairlead.model.application import Application, ApplicationSpec
from fairlead.model.appproject import AppProject
from fairlead.model.source import Source, SourceHydrator
from fairlead.model.status import ConditionType
from fairlead.rpc.waiting import Paused
from fairlead.settings import ControllerSettings

_KINDS = ("kustomize", "helm", "directory", "plugin")
_PermissionIn = Callable[[Application, Entry], Permission | None]


class Checks:
    """Validation against the projects, clusters and settings of this moment."""

    def __init__(
        self,
        projects: Projects,
        clusters: Clusters,
        settings: Callable[[], ControllerSettings],
        control_namespace: str,
        keys: SigningKeys | None = None,
    ) -> None:
        self._keys = keys or SigningKeys(lambda: None)
        self._projects = projects
        self._clusters = clusters
        self._settings = settings
        self._control_namespace = control_namespace

    @property
    def tracking(self) -> Tracking:
        """How objects are marked now."""
        return self._settings().tracking

    def project_of(self, app: Application) -> AppProject | None:
        """The application's project, if it exists."""
        return self._projects.get(app.spec.project or "default")

    def missing_project(self, app: Application) -> str:
        """Why the application's project cannot be used, or ""."""
        name = app.spec.project or "default"
        project = self._projects.get(name)
        if project is None:
            return f"Application referencing project {name} which does not exist"
        if problem := self._projects.unreadable.get(name):
            return f"project {name} cannot be read, so nothing is permitted in it: {problem}"
        if not is_namespace_permitted_for_apps(project, app.metadata.namespace, self._control_namespace):
            return (
                f"application '{app.metadata.name}' in namespace '{app.metadata.namespace}' "
                f"is not permitted to use project '{name}'"
            )
        return ""

    def deletion_problem(self, app: Application) -> str:
        """Why an application may not be deleted with what it made, or "". It needs no project that exists."""
        project = self.project_of(app)
        problem = self.missing_project(app)
        if project is None or problem:
            return problem if project is not None else ""
        try:
            return _not_its_own(project, self._clusters.entry_for(app.spec.destination))
        except DestinationError:
            return ""

    def refusals(self, app: Application) -> list[Remark]:
        """Every reason not to look further; empty when there is none."""
        problem = self.missing_project(app)
        project = self.project_of(app)
        if problem or project is None:
            invalid = ConditionType.INVALID_SPEC_ERROR if project is None else ConditionType.UNKNOWN_ERROR
            return [Remark(invalid, problem)]
        problems = _source_problems(app.spec)
        problems += [] if problems else _forbidden_of(project, app.spec)
        problems += self._destination_problems(app.spec, project)
        return [Remark(ConditionType.INVALID_SPEC_ERROR, problem) for problem in problems]

    def forbidden(self, app: Application, sources: Iterable[Source]) -> str:
        """Why an operation may not deploy from these sources, or "": whoever writes one may name any."""
        project = self.project_of(app)
        return "; ".join(_forbidden(project, sources)) if project is not None else self.missing_project(app)

    def unhydratable(self, app: Application) -> str:
        """Why an application may not be hydrated, or "": whatever else is wrong with it stands in no way."""
        project = self.project_of(app)
        problem = self.missing_project(app)
        if project is None or problem:
            return problem
        return "; ".join(_source_problems(app.spec) or _forbidden_of(project, app.spec))

    def demanded(self, app: Application, sources: Sequence[Source]) -> tuple[SignaturesDemanded | None, ...]:
        """Whose signatures the application's project demands of each of these sources, None for nobody's."""
        return self._keys.demanded(self.project_of(app), sources)

    def deletable(self, app: Application, entry: Entry) -> Permission | None:
        """What a deletion may take; None for anything. Of a project that is gone nothing is left that could
        forbid, and what carries the application's own mark was made by it while the project allowed it."""
        project = self.project_of(app)
        if project is None:
            return None
        problem = self.missing_project(app) or _not_its_own(project, entry)
        return _permission(app, project, entry, problem)

    def cluster_of(self, app: Application) -> Cluster:
        """The open cluster of the destination. Raises DestinationError."""
        return self._clusters.resolve(app.spec.destination)

    def writer(self, app: Application, cluster: Cluster) -> ClusterWriter:
        """What writes the application's objects, and nothing that its project does not permit at the moment
        of the write. Raises ImpersonationError."""
        account = self._account(app, cluster)
        return cluster.writing(self._standing(app, cluster, account, self.permits), account)

    def remover(self, app: Application, cluster: Cluster) -> ClusterWriter:
        """What ends the objects of an application that is being deleted, and nothing that is not `deletable`
        at that moment. Raises ImpersonationError."""
        account = self._account(app, cluster)
        return cluster.writing(self._standing(app, cluster, account, self.deletable), account)

    def below(
        self, app: Application, cluster: Cluster, key: ResourceKey, belongs: Callable[[], bool]
    ) -> ClusterWriter:
        """The writer for one object that may be the application's by what is above it. Raises
        ImpersonationError."""
        account = self._account(app, cluster)
        standing = self._standing(app, cluster, account, self.permits)
        return cluster.writing(Below(standing, key, belongs), account)

    def _standing(
        self, app: Application, cluster: Cluster, account: str, permission: _PermissionIn
    ) -> Standing:
        def problem() -> str:
            try:
                now = self._account(app, cluster)
            except ImpersonationError as error:
                return str(error)
            return "" if now == account else f"it is to be written as {now or 'ourselves'} since a moment ago"

        return Standing(lambda: permission(app, cluster.entry), problem=problem)

    def _account(self, app: Application, cluster: Cluster) -> str:
        return account_for(app, self.project_of(app), cluster.server, self._settings())

    def suspect(self, app: Application) -> None:
        """A request may have failed at the application's cluster: have it seen to."""
        with suppress(DestinationError):
            self.cluster_of(app).suspect()

    def permits(self, app: Application, entry: Entry) -> Permission:
        """What the project allows in the application's cluster."""
        project = self.project_of(app)
        problem = self.missing_project(app)
        if project is not None and not problem:
            problem = _out_of_bounds(app.spec, project, entry)
        return _permission(app, project, entry, problem)

    def pauses(self, app: Application, cluster: Cluster) -> tuple[Paused, ...]:
        """What keeps the application, its project, its cluster or everything from being synced now."""
        name, project = app.spec.project or "default", self.project_of(app)
        annotations = project.metadata.annotations if project is not None else {}
        found = (
            pause_of(app.metadata.annotations, "application", app.metadata.name),
            pause_of(annotations, "project", name),
            cluster.entry.paused,
            self._settings().paused,
        )
        return (*active(found, datetime.now(UTC)), *_unusable(app))

    def window(
        self, app: Application, cluster: Cluster, *, manual: bool, started_at: datetime | None = None
    ) -> WindowDecision:
        """Whether the project's sync windows let the application sync now."""
        project = self.project_of(app)
        if project is None or not project.spec.sync_windows:
            return WindowDecision(allowed=True)
        target = Target(
            application=app.metadata.name,
            namespace=app.spec.destination.namespace,
            server=cluster.server,
            cluster_name=cluster.name,
        )
        return may_sync(
            project.spec.sync_windows, target, manual=manual, now=datetime.now(UTC), started_at=started_at
        )

    def _destination_problems(self, spec: ApplicationSpec, project: AppProject) -> list[str]:
        try:
            entry = self._clusters.entry_for(spec.destination)
        except DestinationError as error:
            return [str(error)]
        problem = _out_of_bounds(spec, project, entry)
        return [problem] if problem else []


def _unusable(app: Application) -> tuple[Paused, ...]:
    """A pin that nobody understands holds what it was to keep from moving on."""
    pin = pin_of(app)
    if pin is None or not pin.problem:
        return ()
    return (Paused(scope="application", name=app.metadata.name, by=pin.by, problem=pin.problem),)


def _permission(app: Application, project: AppProject | None, entry: Entry, problem: str) -> Permission:
    return Permission(
        project=project,
        server=entry.server,
        cluster_name=entry.name,
        problem=problem,
        home=app.spec.destination.namespace,
    )


def _out_of_bounds(spec: ApplicationSpec, project: AppProject, entry: Entry) -> str:
    """Why the project does not permit the application's own destination, or ""."""
    problem = _not_its_own(project, entry)
    if problem:
        return problem
    namespace = spec.destination.namespace
    if is_destination_permitted(project, server=entry.server, cluster_name=entry.name, namespace=namespace):
        return ""
    return (
        f"application destination server '{entry.server}' and namespace '{namespace}' do not match any "
        f"of the allowed destinations in project '{project.metadata.name}'"
    )


def _not_its_own(project: AppProject, entry: Entry) -> str:
    """Why the project does not permit a cluster whatever is deployed there, or ""."""
    if not project.spec.permit_only_project_scoped_clusters or entry.project == project.metadata.name:
        return ""
    return (
        f"cluster '{entry.server}' does not belong to project '{project.metadata.name}', which "
        "permits only clusters of its own (permitOnlyProjectScopedClusters)"
    )


def _forbidden(project: AppProject, sources: Iterable[Source]) -> list[str]:
    name = project.metadata.name
    return [
        f"application repo {without_password(source.repo_url)} is not permitted in project '{name}'"
        for source in sources
        if not is_source_permitted(project, source.repo_url)
    ]


def _forbidden_of(project: AppProject, spec: ApplicationSpec) -> list[str]:
    """The sources of an application that its project does not permit."""
    if spec.source_hydrator is not None:
        return hydrator.forbidden(project, spec.source_hydrator)
    return _forbidden(project, spec.effective_sources())


def _source_problems(spec: ApplicationSpec) -> list[str]:
    if spec.source_hydrator is not None:
        return _hydrator_problems(spec.source_hydrator)
    if spec.has_multiple_sources:
        return [problem for at, source in enumerate(spec.sources) if (problem := _plural(at, source))]
    return [problem] if (problem := _singular(spec.source)) else []


def _singular(source: Source | None) -> str:
    if (
        source is None
        or not source.repo_url
        or not (source.path or source.chart or is_artifact(source.repo_url))
    ):
        return "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
    if source.chart and not source.target_revision:
        return "spec.source.targetRevision is required if the manifest source is a helm chart"
    return _tool_problem(source)


def _plural(at: int, source: Source) -> str:
    if not source.repo_url or not (source.path or source.chart or source.ref or is_artifact(source.repo_url)):
        return (
            "spec.source.repoURL and either source.path, source.chart, or source.ref are required for source "
            f"{at + 1}"
        )
    if source.chart and not source.target_revision:
        return "spec.source.targetRevision is required if the manifest source is a helm chart"
    return _tool_problem(source)


def _tool_problem(source: Source) -> str:
    given = [name.capitalize() for name in _KINDS if getattr(source, name) is not None]
    return f"multiple application sources defined: {','.join(given)}" if len(given) > 1 else ""


def _hydrator_problems(asked: SourceHydrator) -> list[str]:
    problem = _tool_problem(asked.dry_source.rendered_source())
    return [*hydrator.shape_problems(asked), *([problem] if problem else [])]
