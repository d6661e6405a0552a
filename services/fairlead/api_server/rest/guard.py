"""What holds for every request, whatever its path: headers, traces, and a guard against forms.

The invariant: a browser cannot be made to change anything by somebody else's page (contract 14, CSRF guard).
"""

from functools import lru_cache

from aiohttp import web
from aiohttp.typedefs import Handler

from fairlead.events.trace import HEADER, Trace, following

READING = {"GET", "HEAD", "OPTIONS"}
UNGUARDED = {"/api/webhook", "/api/badge", "/auth/logout"}
"""What is asked without a session, and the end of one; everything else is guarded, whatever is added."""
EXTENSIONS = "/extensions/"
"""Below it nothing is done without headers that neither a form nor a page of others can send unasked."""
DEX = "/api/dex/"
"""Below it Dex answers, which has forms of its own and knows nothing of our sessions."""
CONTENT_TYPE = "application/json"
GRPC_WEB = "application/grpc-web+proto"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
HSTS = "max-age=31536000"


def _is_unguarded(path: str) -> bool:
    return path in UNGUARDED or path.startswith((DEX, EXTENSIONS))


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse changes that a form could send, and follow the caller's trace."""
    if request.method not in READING and not _is_unguarded(request.path):
        content = request.headers.get("Content-Type", "")
        if content.lower() != CONTENT_TYPE and not _is_grpc_web(request, content):
            return web.Response(status=415, text="Invalid content type")
    with following(Trace.parse(request.headers.get(HEADER))):
        return await handler(request)


def _is_grpc_web(request: web.Request, content: str) -> bool:
    """Whether it goes to a route that takes no cookie, so that it needs no guard."""
    return content == GRPC_WEB and not request.path.startswith(("/api/", "/auth/"))


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Protective headers on every answer."""
    for name, value in protective(request.path, secure=request.secure):
        if response.headers.setdefault(name, value) == "":  # said by who answers: it is to have none
            del response.headers[name]
    if "Server" in response.headers:
        del response.headers["Server"]


@lru_cache(maxsize=4)
def _protective(*, of_api: bool, secure: bool) -> tuple[tuple[str, str], ...]:
    cached = (("Cache-Control", "no-store"),) if of_api else ()
    secured = (("Strict-Transport-Security", HSTS),) if secure else ()
    return (*HEADERS.items(), *cached, *secured)


def protective(path: str, *, secure: bool) -> tuple[tuple[str, str], ...]:
    """The headers of an answer at a path."""
    return _protective(of_api=path.startswith("/api/"), secure=secure)
