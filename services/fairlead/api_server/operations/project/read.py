"""Reading projects, and what belongs to them."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from fairlead.api_server.ask import SHARD
from fairlead.api_server.documents import cleaned
from fairlead.api_server.kinds import CONFIG_MAP, EVENTS
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.described import described as described_cluster
from fairlead.api_server.operations.cluster.registered import registered
from fairlead.api_server.operations.config import data_of
from fairlead.api_server.operations.project.lookup import RESOURCE, find_for
from fairlead.api_server.operations.project.requests import ProjectQuery
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.repository.described import described as described_repository
from fairlead.matching.errors import MatchingError
from fairlead.matching.windows import is_active
from fairlead.model.appproject import AppProject, AppProjectStatus, SyncWindow
from fairlead.model.decode import to_object
from fairlead.model.duration import DurationError
from fairlead.rpc import resource

LINKS = "project.links"
MAX_EVENTS = 500
"""Events of one project in an answer; the newest."""


class ProjectList(msgspec.Struct, frozen=True, kw_only=True):
    """Projects by name."""

    metadata: dict[str, str]
    items: list[dict[str, Any]]


class DetailedProject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A project with what is scoped to it."""

    project: dict[str, Any]
    global_projects: list[dict[str, Any]] = []
    repositories: list[dict[str, Any]] = []
    clusters: list[dict[str, Any]] = []


async def list_all(backend: Backend, caller: Caller, query: ProjectQuery) -> ProjectList:
    """The projects the caller may see."""
    mirror = backend.mirrors.projects
    return ProjectList(
        metadata={"resourceVersion": mirror.resource_version},
        items=[
            shown(project)
            for project in mirror.all()
            if query.name in ("", project.metadata.name)
            and authorize.is_allowed(caller, RESOURCE, "get", project.metadata.name)
        ],
    )


async def get(backend: Backend, caller: Caller, query: ProjectQuery) -> dict[str, Any]:
    """One project."""
    return shown(find_for(backend, caller, "get", query.name))


async def get_detailed(backend: Backend, caller: Caller, query: ProjectQuery) -> DetailedProject:
    """One project with what is scoped to it."""
    authorize.require(caller, RESOURCE, "get", query.name)
    project = backend.mirrors.projects.get(query.name)
    if project is None:
        name = query.name
        text = f'error getting app project "{name}": appproject.argoproj.io "{name}" not found'
        raise RefusalError(Code.NOT_FOUND, text)
    return DetailedProject(
        project=shown(project),
        global_projects=[shown(found) for found in backend.control.global_projects(project)],
        repositories=[
            described_repository(secret.values)
            for secret in backend.control.labelled("repository")
            if secret.values.get("project") == query.name and secret.values.get("url")
        ],
        clusters=[
            described_cluster(cluster) for cluster in registered(backend) if cluster.project == query.name
        ],
    )


async def global_projects(backend: Backend, caller: Caller, query: ProjectQuery) -> dict[str, Any]:
    """The projects whose rules the project inherits."""
    project = find_for(backend, caller, "get", query.name)
    return {"items": [shown(found) for found in backend.control.global_projects(project)]}


async def sync_windows(backend: Backend, caller: Caller, query: ProjectQuery) -> dict[str, Any]:
    """The project's windows that are open now."""
    project = find_for(backend, caller, "get", query.name)
    now = datetime.now(UTC)
    return {"windows": [to_object(window) for window in project.spec.sync_windows if _is_open(window, now)]}


async def events(backend: Backend, caller: Caller, query: ProjectQuery) -> dict[str, Any]:
    """Kubernetes Events about the project."""
    metadata = find_for(backend, caller, "get", query.name).metadata
    selector = ",".join(
        (
            f"involvedObject.name={metadata.name}",
            f"involvedObject.namespace={metadata.namespace}",
            f"involvedObject.uid={metadata.uid}",
        )
    )
    found = await backend.kube.list_all(EVENTS, backend.namespace, field_selector=selector)
    return {"metadata": {}, "items": [msgspec.Raw(cleaned(raw)) for raw in found[-MAX_EVENTS:]]}


async def links(backend: Backend, caller: Caller, query: ProjectQuery) -> dict[str, Any]:
    """Links of the project, as `project.links` has them; a controller makes them."""
    project = find_for(backend, caller, "get", query.name)
    if not data_of(backend, CONFIG_MAP).get(LINKS):
        return {"items": []}
    asked = resource.LinksQuery(
        namespace=backend.namespace, name="", project=msgspec.json.encode(_without_tokens(project))
    )
    return {"items": (await backend.ask.act(SHARD, resource.LINKS, asked, resource.Links)).items}


def shown(project: AppProject) -> dict[str, Any]:
    """A project as it is answered."""
    return {"status": {}, **to_object(project)}


def _without_tokens(project: AppProject) -> AppProject:
    """The project as templates see it."""
    roles = tuple(msgspec.structs.replace(role, jwt_tokens=()) for role in project.spec.roles)
    spec = msgspec.structs.replace(project.spec, roles=roles)
    return msgspec.structs.replace(project, spec=spec, status=AppProjectStatus())


def _is_open(window: SyncWindow, now: datetime) -> bool:
    try:
        return is_active(window, now)
    except (MatchingError, DurationError):
        return False
