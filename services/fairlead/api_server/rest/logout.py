"""`/auth/logout`: ends the session itself, unlike forgetting it in one client (contract 13.1)."""

from urllib.parse import quote

import structlog
from aiohttp import web

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.served import Served
from fairlead.auth import cookies
from fairlead.auth.oidc.verify import issuer_of

log = structlog.get_logger(__name__)

MISSING = "Failed to retrieve ArgoCD auth token: failed to retrieve cookie argocd.token"


def handler_of(backend: Backend, served: Served) -> Handler:
    """The handler of every verb."""

    async def handle(request: web.Request) -> web.StreamResponse:
        token = cookies.joined(request.cookies)
        if not token:
            return web.Response(status=400, text=MISSING)
        location = _after(backend, token, served.path)
        await backend.identities.end(token)
        log.info("api.session.ended", address=request.remote or "", security=1)
        response = web.Response(status=303, headers={"Location": location})
        for value in cookies.expired(request.cookies, path=served.path, secure=served.secure):
            response.headers.add("Set-Cookie", value)
        return response

    return handle


def _after(backend: Backend, token: str, path: str) -> str:
    """Where a browser goes then: home, or to the provider's own logout."""
    base, found = _base(backend, path), backend.sso.connected
    if found is None or not found.config.logout_url or issuer_of(token) != found.config.issuer:
        return base
    url = found.config.logout_url.replace("{{token}}", quote(token, safe=""))
    url = url.replace("{{logoutRedirectURL}}", quote(base, safe=""))
    return url if url.startswith(("http://", "https://")) else base


def _base(backend: Backend, path: str) -> str:
    url = backend.control.settings.url
    home = f"/{path}/" if path else "/"
    return url if url.startswith(("http://", "https://")) else home
