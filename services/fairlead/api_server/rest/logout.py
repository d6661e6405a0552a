"""`/auth/logout`: ends the session itself, unlike forgetting it in one client (contract 13.1)."""

import structlog
from aiohttp import web

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest.handle import Handler
from fairlead.auth import cookies

log = structlog.get_logger(__name__)

MISSING = "Failed to retrieve ArgoCD auth token: failed to retrieve cookie argocd.token"


def handler_of(backend: Backend, *, secure: bool) -> Handler:
    """The handler of every verb."""

    async def handle(request: web.Request) -> web.StreamResponse:
        token = cookies.joined(request.cookies)
        if not token:
            return web.Response(status=400, text=MISSING)
        await backend.sessions.end(token)
        log.info("api.session.ended", address=request.remote or "", security=1)
        response = web.Response(status=303, headers={"Location": _base(backend)})
        for value in cookies.expired(request.cookies, path="", secure=secure):
            response.headers.add("Set-Cookie", value)
        return response

    return handle


def _base(backend: Backend) -> str:
    url = backend.control.settings.url
    return url if url.startswith(("http://", "https://")) else "/"
