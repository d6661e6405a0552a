"""Finding a project: first the right, then the object."""

from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.record import Subject
from fairlead.model.application import DEFAULT_PROJECT
from fairlead.model.appproject import AppProject

RESOURCE = "projects"


def find(backend: Backend, name: str) -> AppProject | None:
    """A project by name, with what it inherits; "" is `default`."""
    project = backend.mirrors.projects.get(name or DEFAULT_PROJECT)
    return backend.control.with_inherited(project) if project is not None else None


def find_for(backend: Backend, caller: Caller, action: str, name: str) -> AppProject:
    """The project, if the caller may do `action` to it."""
    authorize.require(caller, RESOURCE, action, name)
    project = backend.mirrors.projects.get(name)
    if project is None:
        raise RefusalError(Code.NOT_FOUND, f'appprojects.argoproj.io "{name}" not found')
    return project


def subject(project: AppProject) -> Subject:
    """The project as the subject of an Event."""
    metadata = project.metadata
    return Subject(
        kind="AppProject",
        name=metadata.name,
        namespace=metadata.namespace,
        uid=metadata.uid,
        resource_version=metadata.resource_version,
    )
