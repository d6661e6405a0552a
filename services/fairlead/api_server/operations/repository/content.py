"""What is in a repository: its refs, which folders hold applications, what one of them consists of.

The invariant: nobody has a repository looked at that they may not see, that their project does not permit, or
for an application they may neither see nor make.
"""

import re
from collections.abc import Iterator
from typing import Any

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.project.lookup import find as find_project
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.repository.requests import AppDetailsQuery, AppsQuery, RepositoryQuery
from fairlead.api_server.operations.repository.store import REPOSITORIES
from fairlead.api_server.operations.sources import wanted_sources
from fairlead.events.sources import SourcesWanted
from fairlead.manifest.fields import maps_at, text_at
from fairlead.manifest.identity import GroupKind
from fairlead.manifest.pod_specs import POD_SPECS
from fairlead.matching.project import is_source_permitted
from fairlead.matching.repository import without_password
from fairlead.model.application import DEFAULT_PROJECT
from fairlead.model.decode import from_object
from fairlead.model.errors import MalformedObjectError
from fairlead.model.source import Source
from fairlead.rpc import access, repo

MAX_IMAGES = 1000
_URL_FILE = re.compile(r"^(https?|s3|gs)://", re.IGNORECASE)


async def refs(backend: Backend, caller: Caller, query: RepositoryQuery) -> dict[str, Any]:
    """Branches and tags."""
    _require_seen(backend, caller, query.repo, query.app_project)
    question = access.ListRefs(repo_url=query.repo, project=query.app_project)
    found = await backend.ask.refs(question)
    return _filled(branches=list(found.branches), tags=list(found.tags))


async def oci_tags(backend: Backend, caller: Caller, query: RepositoryQuery) -> dict[str, Any]:
    """Tags of a repository in a registry."""
    _require_seen(backend, caller, query.repo, query.app_project)
    found = await backend.ask.tags(access.ListTags(repo_url=query.repo, project=query.app_project))
    return _filled(tags=list(found.tags))


async def helm_charts(backend: Backend, caller: Caller, query: RepositoryQuery) -> dict[str, Any]:
    """Charts of a repository with their versions."""
    _require_seen(backend, caller, query.repo, query.app_project)
    found = await backend.ask.charts(access.ListCharts(repo_url=query.repo, project=query.app_project))
    charts = sorted(found.charts.items())
    return _filled(items=[{"name": name, "versions": list(versions)} for name, versions in charts])


async def apps(backend: Backend, caller: Caller, query: AppsQuery) -> dict[str, Any]:
    """The folders that hold applications of a tool, by name."""
    _require_seen(backend, caller, query.repo, query.app_project)
    _require_maker(caller, query)
    _require_permitted(backend, query.repo, query.app_project)
    question = access.ListApps(repo_url=query.repo, project=query.app_project, revision=query.revision)
    found = await backend.ask.apps(question)
    return _filled(items=[{"type": tool, "path": path} for path, tool in sorted(found.apps.items())])


async def app_details(backend: Backend, caller: Caller, query: AppDetailsQuery) -> dict[str, Any]:
    """What a source consists of, for an application that exists or is about to."""
    source = looked_at(backend, caller, query)
    if source.plugin is not None or not (source.helm or source.kustomize or source.directory):
        announced = await backend.ask.announced(_wanted(backend, query, source))
        if announced.is_plugin:
            parameters = list(announced.parameters)
            return {"type": "Plugin", "plugin": _filled(parametersAnnouncement=parameters)}
    question = question_about(source, query.app_project, value_files=_own_files(source))
    found = await backend.ask.details(question)
    return {"type": found.source_type, **await _block(backend, query, source, found)}


def looked_at(backend: Backend, caller: Caller, query: AppDetailsQuery) -> Source:
    """The source of a question that the caller may ask. Raises RefusalError."""
    if not query.source:
        raise RefusalError(Code.INVALID_ARGUMENT, "missing payload in request")
    try:
        source = from_object(query.source, Source)
    except MalformedObjectError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, str(error)) from None
    _require_seen(backend, caller, source.repo_url, query.app_project)
    _require_application(backend, caller, query, source)
    _require_permitted(backend, source.repo_url, query.app_project)
    return source


def question_about(
    source: Source, project: str, *, value_files: tuple[str, ...] = (), has_rules: bool = False
) -> access.DescribeSource:
    """What a repo-server is asked about a source, with these files or the schema of its values."""
    return access.DescribeSource(
        repo_url=source.repo_url,
        project=project,
        revision=source.target_revision,
        path=source.path,
        chart=source.chart,
        pass_credentials=bool(source.helm and source.helm.pass_credentials),
        value_files=value_files,
        has_rules=has_rules,
    )


async def _block(
    backend: Backend, query: AppDetailsQuery, source: Source, found: access.DescribedSource
) -> dict[str, Any]:
    if found.source_type == "Helm":
        parameters = [{"name": name, "value": value} for name, value in found.parameters]
        return {
            "helm": _filled(
                name=found.name,
                values=found.values,
                valueFiles=list(found.value_files),
                parameters=parameters,
            )
        }
    if found.source_type == "Kustomize":
        return {"kustomize": _filled(images=await _images(backend, query, source))}
    return {"directory": {}} if found.source_type == "Directory" else {}


async def _images(backend: Backend, query: AppDetailsQuery, source: Source) -> list[str]:
    """The images of the pods that the source would make, each once."""
    wanted = _wanted(backend, query, source)
    _, rendered = await backend.ask.generate(repo.GenerateManifests(wanted=wanted))
    images = {image for obj in rendered.objects() for image in _images_of(obj)}
    return sorted(images)[:MAX_IMAGES]


def _wanted(backend: Backend, query: AppDetailsQuery, source: Source) -> SourcesWanted:
    """The source as an application's would be rendered."""
    project = find_project(backend, query.app_project or DEFAULT_PROJECT)
    return SourcesWanted(
        namespace=backend.namespace,
        name=query.app_name or "app-details",
        instance=query.app_name or "app-details",
        project=query.app_project or DEFAULT_PROJECT,
        sources=wanted_sources(backend, project, (source,)),
        source_repos=project.spec.source_repos if project is not None else (),
        destination_namespace="",
        kube_version="",
    )


def _images_of(obj: dict[str, object]) -> Iterator[str]:
    group = str(obj.get("apiVersion") or "").rpartition("/")[0]
    path = POD_SPECS.get(GroupKind(group, str(obj.get("kind") or "")))
    for field in ("initContainers", "containers") if path else ():
        for container in maps_at(obj, *(path or ()), field):
            if image := text_at(container, "image"):
                yield image


def _require_seen(backend: Backend, caller: Caller, url: str, project: str) -> None:
    """The right to the repository, as it is declared for the project or for all, or not at all."""
    declared = (project and REPOSITORIES.find(backend, url, project)) or REPOSITORIES.find(backend, url)
    scope = declared.values.get("project", "") if declared else ""
    authorize.require(caller, REPOSITORIES.resource, "get", authorize.repository_object(url, scope))


def _require_permitted(backend: Backend, url: str, project: str) -> None:
    found = find_project(backend, project)
    if found is None or not is_source_permitted(found, url):
        name = project or DEFAULT_PROJECT
        text = f"repository '{without_password(url)}' not permitted in project '{name}'"
        raise RefusalError(Code.PERMISSION_DENIED, text)


def _require_maker(caller: Caller, query: AppsQuery) -> None:
    """A repository is fetched for somebody who may make, or change, the application it is meant for."""
    name, project = query.app_name.rpartition("/")[2], query.app_project or DEFAULT_PROJECT
    obj = authorize.application_object(project, name)
    if not any(authorize.is_allowed(caller, lookup.RESOURCE, action, obj) for action in ("create", "update")):
        raise authorize.hidden()


def _require_application(backend: Backend, caller: Caller, query: AppDetailsQuery, source: Source) -> None:
    """Who may see the application sees what it is made of; who may make or change it, what it is to be."""
    name, project = query.app_name.rpartition("/")[2], query.app_project or DEFAULT_PROJECT
    obj = authorize.application_object(project, name)
    document = backend.mirrors.applications.get(name)
    if document is None:
        authorize.require(caller, lookup.RESOURCE, "create", obj)
        return
    authorize.require(caller, lookup.RESOURCE, "get", obj)
    is_writer = authorize.is_allowed(caller, lookup.RESOURCE, "update", obj)
    if document.project != project or not (is_writer or _is_of(document, source)):
        raise authorize.hidden()


def _is_of(document: ApplicationDocument, source: Source) -> bool:
    """Whether a source is, or was, the application's own."""
    app = lookup.application(document)
    known = [*app.spec.effective_sources()]
    for entry in app.status.history:
        known += entry.sources
        known += [entry.source] if entry.source is not None else []
    return (source.repo_url, source.path, source.chart) in {
        (one.repo_url, one.path, one.chart) for one in known
    }


def _own_files(source: Source) -> tuple[str, ...]:
    files = source.helm.value_files if source.helm else ()
    return tuple(name for name in files if not name.startswith("$") and not _URL_FILE.match(name))


def _filled(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value}
