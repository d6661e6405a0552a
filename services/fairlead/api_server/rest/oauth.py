"""`/auth/login` and `/auth/callback`: a browser goes to the identity provider and comes back (contract 13.2).

The invariant: nobody is sent on to an address that is not one of ours, and nothing that a stranger wrote is
shown as anything but plain text.
"""

from urllib.parse import urlsplit

import structlog
from aiohttp import web

from fairlead.api_server.config_map import LoginSettings
from fairlead.api_server.counts import LOGINS
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.served import Served
from fairlead.auth import cookies
from fairlead.auth.oidc.fetch import ProviderError
from fairlead.auth.oidc.flow import STATE_FOR, Arrived, ReturnError

log = structlog.get_logger(__name__)

STATE_COOKIE = "argocd.oauthstate"
NOT_CONFIGURED = "SSO is not configured"
BAD_RETURN = (
    "Invalid redirect URL: the protocol and host (including port) must match "
    "and the path must be within allowed URLs if provided"
)
MAX_URL = 2048
HTML = "text/html"
REASONS = frozenset(
    (
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
    )
)
"""What a provider may say by its protocol (RFC 6749, OpenID Connect), and the login page shows: the words
that it adds stand in an address, which anybody can write."""


def login_handler_of(backend: Backend, served: Served) -> Handler:
    """The handler of `/auth/login?return_url=`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        found, settings = backend.sso.connected, backend.control.settings.login
        if found is None:
            return _refused(404, NOT_CONFIGURED)
        base = base_of(settings, request.host)
        return_url = request.query.get("return_url", "") or base
        if not is_within(return_url, settings.urls):
            return _refused(400, BAD_RETURN)
        try:
            url, carried = await found.flow.set_out(return_url, f"{base}/auth/callback")
        except ProviderError as error:
            return _not_in(request, served, 502, str(error), "unreachable")
        response = web.Response(status=303, headers={"Location": url, "Cache-Control": "no-store"})
        suffix = cookies.attributes(path=served.path, secure=served.secure)
        response.headers.add("Set-Cookie", f"{STATE_COOKIE}={carried}; Max-Age={STATE_FOR}; {suffix}")
        return response

    return handle


def callback_handler_of(backend: Backend, served: Served) -> Handler:
    """The handler of `/auth/callback`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        found = backend.sso.connected
        if found is None:
            return _refused(404, NOT_CONFIGURED)
        if request.query.get("error"):
            words = f"{request.query['error']}: {request.query.get('error_description', '')}"[:500]
            log.warning("api.sso.denied", words=words, address=request.remote or "", security=3)
            said = request.query["error"]
            return _not_in(request, served, 401, words, said if said in REASONS else "other")
        carried, state = request.cookies.get(STATE_COOKIE, ""), request.query.get("state", "")
        try:
            arrived = await found.flow.come_back(carried, state, request.query.get("code", ""))
            response = _logged_in(backend, arrived, served)
            await backend.sso.remember(arrived)
        except (ReturnError, ProviderError, cookies.CookieTooLongError) as error:
            LOGINS.labels("failure").inc()
            log.warning("api.sso.failed", reason=str(error), address=request.remote or "", security=3)
            return _not_in(request, served, 401, str(error), "failed")
        LOGINS.labels("success").inc()
        log.info("api.sso.succeeded", user=arrived.claims.username, issuer=arrived.claims.iss, security=1)
        return response

    return handle


def _logged_in(backend: Backend, arrived: Arrived, served: Served) -> web.Response:
    if not is_within(arrived.return_url, backend.control.settings.login.urls):
        raise ReturnError(BAD_RETURN)
    response = web.Response(status=303, headers={"Location": arrived.return_url, "Cache-Control": "no-store"})
    for value in cookies.cut(arrived.token, path=served.path, secure=served.secure):
        response.headers.add("Set-Cookie", value)
    gone = f"{STATE_COOKIE}=; {cookies.attributes(path=served.path, secure=served.secure)}; Max-Age=0"
    response.headers.add("Set-Cookie", gone)
    return response


def base_of(settings: LoginSettings, host: str) -> str:
    """The one of our addresses that a request came to."""
    for url in settings.urls:
        if urlsplit(url).netloc == host:
            return url
    return settings.urls[0] if settings.urls else ""


def is_within(url: str, allowed: tuple[str, ...]) -> bool:
    """Whether an address lies within one of ours: same scheme, host and port, and below its path."""
    if len(url) > MAX_URL or "\\" in url or any(char < " " for char in url):
        return False
    try:
        asked = urlsplit(url)
        segments = asked.path.split("/")
    except ValueError:
        return False
    if asked.scheme not in ("http", "https") or ".." in segments:
        return False
    for each in allowed:
        own = urlsplit(each)
        path = own.path.rstrip("/")
        is_same = (asked.scheme, asked.netloc) == (own.scheme, own.netloc)
        if is_same and (asked.path == path or asked.path.startswith(f"{path}/")):
            return True
    return False


def _not_in(request: web.Request, served: Served, status: int, words: str, why: str) -> web.Response:
    """A person is led back to the login page, which knows `why`; whatever else asks is told the words."""
    if HTML not in request.headers.get("Accept", ""):
        return _refused(status, words)
    home = f"/{served.path}" if served.path else ""
    location = f"{home}/login?has_sso_error=true&sso_error={why}"
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})


def _refused(status: int, words: str) -> web.Response:
    return web.Response(status=status, text=words, content_type="text/plain")
