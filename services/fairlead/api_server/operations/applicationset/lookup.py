"""Finding a set for a caller; the only way any operation gets at one.

The invariant: a set that does not exist and one that may not be seen are answered alike: as not found to who
may get or make one of that name in any project, since `appset create` looks first, and as denied to others.
"""

from fairlead.api_server.documents import key_of
from fairlead.api_server.mirror import Mirror
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application.lookup import outside, require_namespace
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.set_documents import SetDocument

RESOURCE = "applicationsets"


def mirror(backend: Backend) -> Mirror[SetDocument]:
    """The sets. Raises FAILED_PRECONDITION while they were not read."""
    found = backend.mirrors.sets
    if not found.is_ready:
        raise RefusalError(Code.FAILED_PRECONDITION, "ApplicationSets cannot be read at the moment")
    return found


def find(backend: Backend, caller: Caller, name: str, namespace: str) -> SetDocument:
    """The set, if the caller may see it."""
    require_namespace(backend, namespace)
    found = mirror(backend).get(key_of(outside(backend, namespace), name))
    if found is None or not may(caller, "get", found):
        raise _unseen(backend, caller, name, outside(backend, namespace))
    return found


def _unseen(backend: Backend, caller: Caller, name: str, place: str) -> RefusalError:
    for project in backend.mirrors.projects.all():
        obj = authorize.application_object(project.metadata.name, name, place)
        if any(authorize.is_allowed(caller, RESOURCE, action, obj) for action in ("get", "create")):
            text = f'error getting ApplicationSet: applicationset.argoproj.io "{name}" not found'
            return RefusalError(Code.NOT_FOUND, text)
    return authorize.hidden()


def may(caller: Caller, action: str, document: SetDocument) -> bool:
    """Whether the caller may do `action` to the set."""
    return authorize.is_allowed(caller, RESOURCE, action, object_of(document))


def require(caller: Caller, action: str, document: SetDocument) -> None:
    """Raises PERMISSION_DENIED unless the caller may."""
    authorize.require(caller, RESOURCE, action, object_of(document))


def object_of(document: SetDocument) -> str:
    """How policies name the set: by the project of its template."""
    return authorize.application_object(document.project, document.name, document.outside)
