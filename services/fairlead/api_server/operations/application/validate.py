"""Whether an application that somebody wants to create or change is a sound one.

The invariant: project and destination are checked always; `validate: false` skips only what needs the
repository (contract 14, conventions), and no repository is looked at that the project does not permit. But
for that the order of the checks is that of the contract's table of errors.
"""

from collections.abc import Iterable

from fairlead.api_server.operations.application import wish
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.cluster.registered import RegisteredCluster, registered
from fairlead.api_server.operations.project.lookup import find as find_project
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.events.sources import tells_unverified
from fairlead.matching import hydrator
from fairlead.matching.project import (
    is_destination_permitted,
    is_namespace_permitted_for_apps,
    is_source_permitted,
)
from fairlead.matching.repository import without_password
from fairlead.model.application import DEFAULT_PROJECT, Application
from fairlead.model.appproject import AppProject
from fairlead.model.source import Source
from fairlead.model.status import ConditionType, Destination
from fairlead.rpc import repo

MANAGED_BY_URL = "argocd.argoproj.io/managed-by-url"


async def require_sound(backend: Backend, app: Application, *, validate: bool) -> None:
    """Raises RefusalError with the first thing that is wrong."""
    project = find_project(backend, app.spec.project)
    place = app.metadata.namespace or backend.namespace
    if project is None or not is_namespace_permitted_for_apps(project, place, backend.namespace):
        name = app.spec.project or DEFAULT_PROJECT
        _require_readable(backend, name)
        text = f'app is not allowed in project "{name}", or the project does not exist'
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    _require_names(app)
    cluster = _destination(backend, app)
    name = app.metadata.name
    _require_none(name, _shape_problems(app))
    _require_none(name, _permission_problems(project, cluster, app))
    if validate:
        _require_none(name, await _repository_problems(backend, app))


def _require_names(app: Application) -> None:
    if not app.metadata.name:
        raise RefusalError(Code.UNKNOWN, "resource name may not be empty")
    names = [source.name for source in app.spec.sources if source.name]
    for name in names:
        if names.count(name) > 1:
            text = f"application {app.metadata.name} has duplicate source name: {name}"
            raise RefusalError(Code.UNKNOWN, text)


def _destination(backend: Backend, app: Application) -> RegisteredCluster:
    try:
        return cluster_of(registered(backend), app.spec.destination)
    except ValueError as error:
        text = f"application destination spec for {app.metadata.name} is invalid: {error}"
        raise RefusalError(Code.INVALID_ARGUMENT, text) from None


def cluster_of(clusters: list[RegisteredCluster], destination: Destination) -> RegisteredCluster:
    """The cluster a destination means. Raises ValueError in the contract's words (2.1)."""
    server, name = destination.server.rstrip("/"), destination.name
    if server and name:
        raise ValueError(
            f"application destination can't have both name and server defined: {name} {destination.server}"
        )
    if not server and not name:
        raise ValueError("Destination server missing from app spec")
    found = [c for c in clusters if (c.name == name if name else c.server == server)]
    if not found:
        what = f"there are no clusters with this name: {name}" if name else f'cluster "{server}" not found'
        raise ValueError(what)
    if len(found) > 1:
        servers = " ".join(c.server for c in found)
        raise ValueError(f"there are {len(found)} clusters with the same name: [{servers}]")
    return found[0]


def _shape_problems(app: Application) -> list[str]:
    if app.spec.source_hydrator is not None:
        return hydrator.shape_problems(app.spec.source_hydrator)
    sources, many = app.spec.effective_sources(), app.spec.has_multiple_sources
    if not sources:
        return ["spec.source.repoURL and either spec.source.path or spec.source.chart are required"]
    return [problem for source in sources if (problem := _shape_problem(source, many=many))]


def _shape_problem(source: Source, *, many: bool) -> str:
    place = source.path or source.chart or (source.ref if many else "")
    if not source.repo_url or not (place or source.repo_url.startswith("oci://")):
        if many:
            text = "spec.source.repoURL and either source.path, source.chart, or source.ref are required for"
            return f"{text} source {without_password(source.repo_url)}"
        return "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
    if source.chart and not source.target_revision:
        return "spec.source.targetRevision is required if the manifest source is a helm chart"
    return ""


def _require_readable(backend: Backend, project: str) -> None:
    problem = backend.mirrors.projects.unreadable.get(project)
    if problem:
        text = f"project {project} cannot be read, so nothing is permitted in it: {problem}"
        raise RefusalError(Code.FAILED_PRECONDITION, text)


def require_permitted(backend: Backend, app: Application, sources: Iterable[Source]) -> None:
    """Raises RefusalError when a repository may not be looked at for an application, or no longer."""
    project = find_project(backend, app.spec.project)
    if project is None:
        _require_readable(backend, app.spec.project or DEFAULT_PROJECT)
        text = f"application references project {app.spec.project} which does not exist"
        raise RefusalError(Code.FAILED_PRECONDITION, text)
    refused = [source.repo_url for source in sources if not is_source_permitted(project, source.repo_url)]
    if refused:
        name = project.metadata.name
        text = f"application repo {without_password(refused[0])} is not permitted in project '{name}'"
        raise RefusalError(Code.FAILED_PRECONDITION, text)


async def _repository_problems(backend: Backend, app: Application) -> list[str]:
    project = app.spec.project or DEFAULT_PROJECT
    asked = app.spec.source_hydrator
    sources = app.spec.effective_sources() if asked is None else (asked.dry_source.rendered_source(),)
    for source in sources:
        question = repo.TestRepository(
            repo_url=source.repo_url,
            project=project,
            chart=source.chart,
            pass_credentials=bool(source.helm and source.helm.pass_credentials),
        )
        tested = await backend.ask.test(question)
        if tested.problem:
            return [f"repository not accessible: {tested.problem}"]
    wanted = await wish.of_application(backend, app, sources)
    if any(source.signatures is not None and source.signatures.problem for source in wanted.sources):
        return []  # as with what is not signed
    try:
        await backend.ask.generate(repo.GenerateManifests(wanted=wanted))
    except RefusalError as error:
        if error.code in (Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED):
            raise
        if tells_unverified(error.message):
            return []  # its condition will say so; it may be signed by then
        place = sources[0].path or sources[0].chart
        reason = f"rpc error: code = {error.code.title} desc = {error.message}"
        return [f"Unable to generate manifests in {place}: {reason}"]
    return []


def _permission_problems(project: AppProject, cluster: RegisteredCluster, app: Application) -> list[str]:
    name = project.metadata.name
    problems = [
        f"application repo {without_password(source.repo_url)} is not permitted in project '{name}'"
        for source in app.spec.effective_sources()
        if app.spec.source_hydrator is None and not is_source_permitted(project, source.repo_url)
    ]
    if app.spec.source_hydrator is not None:
        problems += hydrator.forbidden(project, app.spec.source_hydrator)
    destination = app.spec.destination
    if not is_cluster_permitted(project, cluster, destination.namespace):
        where = destination.server or destination.name
        problems.append(
            f"application destination server '{where}' and namespace '{destination.namespace}' "
            f"do not match any of the allowed destinations in project '{name}'"
        )
    url = app.metadata.annotations.get(MANAGED_BY_URL, "")
    if url and not url.startswith(("http://", "https://")):
        problems.append("invalid managed-by URL: the scheme must be http or https")
    return problems


def is_cluster_permitted(project: AppProject, cluster: RegisteredCluster, namespace: str) -> bool:
    """Whether a project permits a namespace of a cluster, and the cluster where it takes only its own."""
    if project.spec.permit_only_project_scoped_clusters and cluster.project != project.metadata.name:
        return False
    return is_destination_permitted(
        project, server=cluster.server, cluster_name=cluster.name, namespace=namespace
    )


def _require_none(name: str, problems: list[str]) -> None:
    if problems:
        told = ";".join(f"{ConditionType.INVALID_SPEC_ERROR}: {problem}" for problem in problems)
        text = f"application spec for {name} is invalid: {told}"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
