"""`GET /api/badge`: asked by strangers' browsers, so it tells nothing while it is not switched on.

The invariant: a badge that is switched off looks nothing up, and what is looked up is bounded by names.
"""

import re

from aiohttp import web

from fairlead.api_server.badge import (
    MAX_WIDTH,
    NOT_FOUND,
    SHORT,
    State,
    of_application,
    of_applications,
    picture,
)
from fairlead.api_server.documents import key_of
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest.handle import Handler

MAX_PROJECTS = 20
"""Projects of one badge."""
HEADERS = {"Cache-Control": "private, no-store", "Access-Control-Allow-Origin": "*"}
_WIDTH = re.compile(r"[1-9][0-9]{0,5}")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def handler_of(backend: Backend) -> Handler:
    """The handler."""

    async def handle(request: web.Request) -> web.StreamResponse:
        query = request.query
        names = [query.get("name", ""), query.get("namespace", ""), *query.getall("project", [])]
        if len(names) > MAX_PROJECTS + 2 or any(name and not _NAME.fullmatch(name) for name in names):
            return web.Response(status=400, text="a name of the badge is malformed")
        width = query.get("width", "")
        if width and not (_WIDTH.fullmatch(width) and int(width) <= MAX_WIDTH):
            return web.Response(status=400, text="the width of the badge is malformed")
        state = _state(backend, query.get("name", ""), query.get("namespace", ""), names[2:])
        body = picture(
            state,
            revision=_revision(state, query.get("revision"), query.get("keepFullRevision")),
            name=state.name if query.get("showAppName") == "true" else "",
            width=int(width or 0),
        )
        return web.Response(body=body.encode(), content_type="image/svg+xml", headers=HEADERS)

    return handle


def _state(backend: Backend, name: str, namespace: str, projects: list[str]) -> State:
    if not backend.control.settings.status_badge_enabled or not (name or projects):
        return State(name=name)
    applications = backend.mirrors.applications
    if not name:
        wanted = frozenset(projects)
        return of_applications(one for one in applications.all() if one.project in wanted)
    outside = "" if namespace in ("", backend.namespace) else namespace
    document = applications.get(key_of(outside, name))
    if document is None or (projects and document.project not in projects):
        return State(health=NOT_FOUND, sync="", name=name)
    return of_application(backend.moved.shown(document))


def _revision(state: State, wanted: str | None, whole: str | None) -> str:
    if wanted != "true":
        return ""
    return state.revision if whole == "true" else state.revision[:SHORT]
