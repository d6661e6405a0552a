"""One live object of an application, as operations ask for it.

The invariant: the caller's right is asked for before the object is looked for, and an object that is not part
of the application is refused in one sentence, whatever else it is.
"""

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.application.granting import granting
from fairlead.api_server.operations.application.requests import ResourceQuery
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc.controller import ApplicationQuery


def find(backend: Backend, caller: Caller, query: ResourceQuery) -> ApplicationDocument:
    """The application of a request about one of its objects, if the caller may see it."""
    return lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=query.project)


def find_for(backend: Backend, caller: Caller, action: str, query: ResourceQuery) -> ApplicationDocument:
    """The same, if the caller may `update` or `delete` that very object (contract 13.4).

    Where fine-grained rights are inherited, the right to the whole application is enough.
    """
    document = find(backend, caller, query)
    place = f"{action}/{query.group}/{query.kind}/{query.namespace}/{query.resource_name}"
    if not any(lookup.may(caller, each, document) for each in granting(backend.control.settings, place)):
        require(caller, place, document)
    return document


def require(caller: Caller, action: str, document: ApplicationDocument) -> None:
    """Raises PERMISSION_DENIED unless the caller may do `action` to the application."""
    authorize.require(caller, lookup.RESOURCE, action, lookup.object_of(document))


def question(document: ApplicationDocument, query: ResourceQuery) -> ApplicationQuery:
    """What the controller is asked."""
    return ApplicationQuery(
        namespace=document.namespace,
        name=document.name,
        resource_namespace=query.namespace,
        resource_name=query.resource_name,
        group=query.group,
        kind=query.kind,
        version=query.version,
    )


def not_part(query: ResourceQuery, document: ApplicationDocument, error: RefusalError) -> RefusalError:
    """A refusal of the controller; what it does not find is said in the contract's words."""
    if error.code is not Code.NOT_FOUND:
        return error
    what = f"{query.kind} {query.group} {query.resource_name}"
    return RefusalError(Code.INVALID_ARGUMENT, f"{what} not found as part of application {document.name}")


def record(
    backend: Backend,
    caller: Caller,
    document: ApplicationDocument,
    query: ResourceQuery,
    *,
    reason: str,
    did: str,
) -> None:
    """Write down what somebody did to an object, at its application."""
    app = lookup.application(document)
    action = f"{did} {query.group}/{query.kind} '{query.resource_name}'"
    backend.recorder.record(lookup.subject(app), reason, user=caller.known_as, action=action)
