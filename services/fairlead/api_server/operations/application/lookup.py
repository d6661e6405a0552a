"""Finding an application for a caller; the only way any operation gets at one.

The invariant: first the right, then the object. Without a project in the request, an application that does
not exist and one that may not be seen are answered alike.
"""

from fairlead.api_server.documents import ApplicationDocument, key_of
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.record import Subject
from fairlead.model.application import Application
from fairlead.model.decode import decode_application

RESOURCE = "applications"


def require_namespace(backend: Backend, namespace: str) -> None:
    """Applications live in the control plane's namespace and in those that are allowed beside it."""
    if namespace not in ("", backend.namespace) and not backend.allows_applications(namespace):
        raise RefusalError(Code.PERMISSION_DENIED, f"namespace '{namespace}' is not permitted")


def outside(backend: Backend, namespace: str) -> str:
    """A namespace, unless it is the control plane's, which need not be named."""
    return "" if namespace == backend.namespace else namespace


def find(
    backend: Backend, caller: Caller, name: str, *, namespace: str = "", project: str = ""
) -> ApplicationDocument:
    """The application, if the caller may see it (contract 14, existence hiding)."""
    require_namespace(backend, namespace)
    place = outside(backend, namespace)
    found = backend.mirrors.applications.get(key_of(place, name))
    if project:
        authorize.require(caller, RESOURCE, "get", authorize.application_object(project, name, place))
        if found is None or found.project != project:
            raise RefusalError(Code.NOT_FOUND, f'applications.argoproj.io "{name}" not found')
        return found
    if found is None or not may(caller, "get", found):
        raise authorize.hidden()
    return found


def find_for(
    backend: Backend, caller: Caller, action: str, name: str, *, namespace: str = "", project: str = ""
) -> ApplicationDocument:
    """The application, if the caller may see it and do `action` to it."""
    found = find(backend, caller, name, namespace=namespace, project=project)
    authorize.require(caller, RESOURCE, action, object_of(found))
    return found


def may(caller: Caller, action: str, document: ApplicationDocument) -> bool:
    """Whether the caller may do `action` to the application."""
    return authorize.is_allowed(caller, RESOURCE, action, object_of(document))


def object_of(document: ApplicationDocument, project: str = "") -> str:
    """How policies name the application, or name it as one of another project."""
    return authorize.application_object(project or document.project, document.name, document.outside)


def application(document: ApplicationDocument) -> Application:
    """The application as a struct."""
    return decode_application(document.json)


def subject(app: Application) -> Subject:
    """The application as the subject of an Event."""
    destination = app.spec.destination
    return Subject(
        kind="Application",
        name=app.metadata.name,
        namespace=app.metadata.namespace,
        uid=app.metadata.uid,
        resource_version=app.metadata.resource_version,
        annotations={
            "dest-server": destination.server or destination.name,
            "dest-namespace": destination.namespace,
        },
        labels=dict(app.metadata.labels),
    )
