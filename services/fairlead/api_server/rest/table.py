"""The one table of REST: verb, path, operation, and where the request's fields come from.

The invariant: a path that is in contract 14 is here, or in `UNSERVED`, which answers with code 12.
Path and query fill the fields of the request; `body` names the field that takes the JSON body, `*` spreads
it over all fields. `is_public` operations are asked without a session too.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import msgspec

from fairlead.api_server.operations import account, cluster, project, repository, session, settings, version
from fairlead.api_server.operations.application import read, resources, sync, watch, windows, write
from fairlead.api_server.operations.application import requests as asked

Operation = Callable[[Any, Any, Any], Awaitable[Any]]
Stream = Callable[[Any, Any, Any], AsyncGenerator[msgspec.Raw | None, None]]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `seconds` bounds the operation; it is longer where somebody renders. `body_bytes` bounds the
    body; it is larger where a manifest comes along."""

    verb: str
    path: str
    operation: Operation
    request: type[msgspec.Struct]
    body: str = ""
    is_public: bool = False
    seconds: float = 30.0
    body_bytes: int = 64 << 10


class StreamRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One row whose answer does not end by itself."""

    path: str
    operation: Stream
    request: type[msgspec.Struct]


RENDERING = 90.0
"""Seconds for operations that may wait for a render of 60."""

CREDENTIALS = 8 << 10
"""Bytes of a body that holds names and passwords."""
OBJECT = 4 << 20
"""Bytes of a body that holds an object of Kubernetes, which has at most 3 MiB."""
MANIFESTS = 16 << 20
"""Bytes of a body that may hold local manifests."""

V1 = "/api/v1"
_APPS = f"{V1}/applications"
_APP = f"{_APPS}/{{name}}"
_TREE = f"{_APPS}/{{applicationName}}"


def _get(path: str, operation: Operation, request: type[msgspec.Struct], **more: Any) -> Route:
    return Route(verb="GET", path=path, operation=operation, request=request, **more)


def _post(path: str, operation: Operation, request: type[msgspec.Struct], body: str, **more: Any) -> Route:
    return Route(verb="POST", path=path, operation=operation, request=request, body=body, **more)


def _put(path: str, operation: Operation, request: type[msgspec.Struct], body: str, **more: Any) -> Route:
    return Route(verb="PUT", path=path, operation=operation, request=request, body=body, **more)


def _delete(path: str, operation: Operation, request: type[msgspec.Struct], **more: Any) -> Route:
    return Route(verb="DELETE", path=path, operation=operation, request=request, **more)


ROUTES: tuple[Route, ...] = (
    _get("/api/version", version.get, session.Nothing, is_public=True),
    _post(
        f"{V1}/session", session.create, session.SessionCreate, "*", is_public=True, body_bytes=CREDENTIALS
    ),
    _delete(f"{V1}/session", session.delete, session.Nothing, is_public=True),
    _get(f"{V1}/session/userinfo", session.user_info, session.Nothing, is_public=True),
    _get(f"{V1}/settings", settings.get, session.Nothing, is_public=True),
    _get(f"{V1}/settings/plugins", settings.plugins, session.Nothing),
    _get(f"{V1}/account", account.list_all, session.Nothing),
    _put(
        f"{V1}/account/password", account.update_password, account.UpdatePassword, "*", body_bytes=CREDENTIALS
    ),
    _get(f"{V1}/account/can-i/{{resource}}/{{action}}/{{subresource:.*}}", account.can_i, account.Question),
    _get(f"{V1}/account/{{name}}", account.get, account.AccountName),
    _get(_APPS, read.list_all, asked.ApplicationQuery),
    _post(_APPS, write.create, asked.CreateRequest, "application", seconds=RENDERING, body_bytes=OBJECT),
    _get(_APP, read.get, asked.ApplicationQuery, seconds=RENDERING),
    Route(
        verb="PUT",
        path=_APP,
        operation=write.update,
        request=asked.UpdateRequest,
        body="application",
        seconds=RENDERING,
        body_bytes=OBJECT,
    ),
    Route(
        verb="PATCH",
        path=_APP,
        operation=write.patch,
        request=asked.PatchRequest,
        body="*",
        seconds=RENDERING,
        body_bytes=OBJECT,
    ),
    _delete(_APP, write.delete, asked.DeleteRequest),
    _put(
        f"{_APP}/spec",
        write.update_spec,
        asked.UpdateSpecRequest,
        "spec",
        seconds=RENDERING,
        body_bytes=OBJECT,
    ),
    _post(f"{_APP}/sync", sync.sync, asked.SyncRequest, "*", seconds=RENDERING, body_bytes=MANIFESTS),
    _post(f"{_APP}/rollback", sync.rollback, asked.RollbackRequest, "*"),
    _delete(f"{_APP}/operation", sync.terminate, asked.ApplicationRef),
    _get(f"{_APP}/manifests", resources.manifests, asked.ManifestQuery, seconds=RENDERING),
    _get(f"{_TREE}/managed-resources", resources.managed, asked.ResourcesQuery),
    _get(f"{_TREE}/resource-tree", resources.tree, asked.ResourcesQuery),
    _get(f"{_APP}/resource", resources.live, asked.ResourceQuery),
    _get(f"{_APP}/events", resources.events, asked.EventsQuery),
    _get(f"{_APP}/links", resources.links, asked.ApplicationRef),
    _get(f"{_APP}/syncwindows", windows.get, asked.ApplicationRef),
    _get(
        f"{_APP}/revisions/{{revision}}/metadata",
        resources.revision_metadata,
        asked.RevisionQuery,
        seconds=RENDERING,
    ),
    _get(f"{V1}/projects", project.list_all, project.ProjectQuery),
    _get(f"{V1}/projects/{{name}}", project.get, project.ProjectQuery),
    _get(f"{V1}/projects/{{name}}/detailed", project.get_detailed, project.ProjectQuery),
    _get(f"{V1}/projects/{{name}}/syncwindows", project.sync_windows, project.ProjectQuery),
    _get(f"{V1}/clusters", cluster.list_all, cluster.ClusterQuery),
    _get(f"{V1}/clusters/{{id}}", cluster.get, cluster.ClusterQuery),
    _get(f"{V1}/repositories", repository.list_all, repository.RepositoryQuery),
    _get(f"{V1}/repositories/{{repo}}", repository.get, repository.RepositoryQuery),
)

STREAMS: tuple[StreamRoute, ...] = (
    StreamRoute(
        path=f"{V1}/stream/applications/{{applicationName}}/resource-tree",
        operation=watch.watch_tree,
        request=asked.ResourcesQuery,
    ),
    StreamRoute(path=f"{V1}/stream/applications", operation=watch.watch, request=asked.ApplicationQuery),
)

UNSERVED: tuple[tuple[str, str], ...] = (
    ("POST", f"{V1}/account/{{name}}/token"),
    ("DELETE", f"{V1}/account/{{name}}/token/{{id}}"),
    ("POST", f"{_APPS}/manifestsWithFiles"),
    ("GET", f"{_APP}/server-side-diff"),
    ("GET", f"{_APP}/logs"),
    ("GET", f"{_APP}/pods/{{podName}}/logs"),
    ("POST", f"{_APP}/resource"),
    ("DELETE", f"{_APP}/resource"),
    ("GET", f"{_APP}/resource/actions"),
    ("POST", f"{_APP}/resource/actions"),
    ("POST", f"{_APP}/resource/actions/v2"),
    ("GET", f"{_APP}/resource/links"),
    ("GET", f"{_APP}/revisions/{{revision}}/chartdetails"),
    ("GET", f"{_APP}/revisions/{{revision}}/ocimetadata"),
    ("*", f"{V1}/applicationsets{{rest:.*}}"),
    ("*", f"{V1}/certificates"),
    ("POST", f"{V1}/clusters"),
    ("*", f"{V1}/clusters/{{id}}{{rest:.*}}"),
    ("*", f"{V1}/gpgkeys{{rest:.*}}"),
    ("GET", f"{V1}/notifications/{{rest:.*}}"),
    ("POST", f"{V1}/projects"),
    ("*", f"{V1}/projects/{{name}}{{rest:.*}}"),
    ("*", f"{V1}/repocreds{{rest:.*}}"),
    ("POST", f"{V1}/repositories"),
    ("*", f"{V1}/repositories/{{repo}}{{rest:.*}}"),
    ("GET", f"{V1}/stream/applicationsets"),
    ("*", f"{V1}/write-repocreds{{rest:.*}}"),
    ("*", f"{V1}/write-repositories{{rest:.*}}"),
)
