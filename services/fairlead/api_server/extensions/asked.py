"""Which application an extension is invoked for, and whether the caller may: read from headers, then proved.

The invariant: the right is asked for over the one name that policies have for the application, before it is
looked for; project, namespace and destination are those of the object, never of what the caller says.
"""

import re
from typing import NamedTuple, NoReturn

import structlog
from aiohttp import web

from fairlead.api_server.documents import key_of
from fairlead.api_server.extensions.refused import RefusedError
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.application.validate import cluster_of, is_cluster_permitted
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.registered import RegisteredCluster, registered
from fairlead.api_server.operations.project.lookup import find as find_project
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.project import is_namespace_permitted_for_apps

log = structlog.get_logger(__name__)

APPLICATION, PROJECT = "Argocd-Application-Name", "Argocd-Project-Name"
UNAUTHORIZED = "Unauthorized extension request"
RESOURCE, INVOKE = "extensions", "invoke"
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Asked(NamedTuple):
    """An application as the caller names it."""

    namespace: str
    name: str
    project: str


def asked(request: web.Request) -> Asked:
    """What the headers name. Raises RefusedError."""
    said, project = _header(request, APPLICATION), _header(request, PROJECT)
    namespace, colon, name = said.partition(":")
    if not (colon and _LABEL.fullmatch(namespace) and _SUBDOMAIN.fullmatch(name)):
        _invalid(f'header "{APPLICATION}" is not of the form "<namespace>:<app-name>"')
    if not _SUBDOMAIN.fullmatch(project):
        _invalid(f'header "{PROJECT}" is not the name of a project')
    return Asked(namespace, name, project)


def _header(request: web.Request, name: str) -> str:
    values = request.headers.getall(name, [])
    if len(values) != 1 or not values[0]:
        _invalid(f'header "{name}" must be provided' + (" once" if values else ""))
    return values[0]


def _invalid(words: str) -> NoReturn:
    raise RefusedError(400, f"Invalid headers: {words}")


def authorised(backend: Backend, caller: Caller, wanted: Asked, extension: str) -> RegisteredCluster:
    """The cluster of the application, if the caller may invoke the extension for it. Raises RefusedError,
    in the same words whatever is in the way; the log has the reason."""
    try:
        return _authorised(backend, caller, wanted, extension)
    except (RefusalError, ValueError) as error:
        code = error.code if isinstance(error, RefusalError) else Code.PERMISSION_DENIED
        if code is Code.INTERNAL:
            raise
        log.info("api.extension.unauthorized", extension=extension[:100], reason=str(error)[:300])
        raise RefusedError(401, UNAUTHORIZED, Code.PERMISSION_DENIED) from None


def _authorised(backend: Backend, caller: Caller, wanted: Asked, extension: str) -> RegisteredCluster:
    lookup.require_namespace(backend, wanted.namespace)
    place = lookup.outside(backend, wanted.namespace)
    obj = authorize.application_object(wanted.project, wanted.name, place)
    authorize.require(caller, lookup.RESOURCE, "get", obj)
    authorize.require(caller, RESOURCE, INVOKE, extension)
    document = backend.mirrors.applications.get(key_of(place, wanted.name))
    if document is None or document.project != wanted.project:
        raise ValueError("there is no such application in that project")
    project = find_project(backend, document.project)
    if project is None or not is_namespace_permitted_for_apps(project, document.namespace, backend.namespace):
        raise ValueError("the project does not take the application")
    destination = lookup.application(document).spec.destination
    cluster = cluster_of(registered(backend), destination)
    if not is_cluster_permitted(project, cluster, destination.namespace):
        raise ValueError("the project does not permit the application's destination")
    return cluster
