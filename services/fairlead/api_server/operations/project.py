"""Project service, the part that reads; and the project every installation has."""

from typing import Any

import msgspec

from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.model.application import DEFAULT_PROJECT
from fairlead.model.appproject import AppProject
from fairlead.model.decode import to_object


class ProjectQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Names a project; "" in a list means all."""

    name: str = ""


class ProjectList(msgspec.Struct, frozen=True, kw_only=True):
    """Projects by name."""

    metadata: dict[str, str]
    items: list[dict[str, Any]]


class DetailedProject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A project with what is scoped to it."""

    project: dict[str, Any]
    global_projects: list[dict[str, Any]] = []


async def list_all(backend: Backend, caller: Caller, query: ProjectQuery) -> ProjectList:
    """The projects the caller may see."""
    mirror = backend.mirrors.projects
    return ProjectList(
        metadata={"resourceVersion": mirror.resource_version},
        items=[
            to_object(project)
            for project in mirror.all()
            if query.name in ("", project.metadata.name)
            and authorize.is_allowed(caller, "projects", "get", project.metadata.name)
        ],
    )


async def get(backend: Backend, caller: Caller, query: ProjectQuery) -> dict[str, Any]:
    """One project."""
    authorize.require(caller, "projects", "get", query.name)
    project = backend.mirrors.projects.get(query.name)
    if project is None:
        raise RefusalError(Code.NOT_FOUND, f'appprojects.argoproj.io "{query.name}" not found')
    return to_object(project)


async def get_detailed(backend: Backend, caller: Caller, query: ProjectQuery) -> DetailedProject:
    """One project with what is scoped to it."""
    authorize.require(caller, "projects", "get", query.name)
    project = backend.mirrors.projects.get(query.name)
    if project is None:
        name = query.name
        text = f'error getting app project "{name}": appproject.argoproj.io "{name}" not found'
        raise RefusalError(Code.NOT_FOUND, text)
    return DetailedProject(project=to_object(project))


async def sync_windows(backend: Backend, caller: Caller, query: ProjectQuery) -> dict[str, Any]:
    """The project's windows."""
    project = await get(backend, caller, query)
    return {"windows": project["spec"].get("syncWindows", [])}


def find(backend: Backend, name: str) -> AppProject | None:
    """A project by name; "" is `default`."""
    return backend.mirrors.projects.get(name or DEFAULT_PROJECT)
