"""The routes of the web UI: files by name, and the application's page for every path that is one of its own.

Invariant: what belongs to the API is never answered with a page, known or not.
"""

from collections.abc import Callable, Mapping

import msgspec
import structlog
from aiohttp import web

from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.served import takes
from fairlead.api_server.ui.assets import Asset
from fairlead.api_server.ui.page import ABSENT, INDEX, TERMINAL, based
from fairlead.api_server.ui.policy import Policy

log = structlog.get_logger(__name__)

RESERVED = (
    "-",
    "api",
    "auth",
    "download",
    "extensions",
    "extensions.js",
    "healthz",
    "metrics",
    "swagger.json",
)
"""First parts of paths at which no page is: they belong to the API, or to what Argo CD has there."""
FILES = ("assets", "custom")
"""First parts of paths at which there are files and no pages."""
NEVER_KEPT = "no-cache, no-store, must-revalidate"
KEPT = "public, max-age=31536000, immutable"
ASKED_AGAIN = "no-cache"
PIECE = 64 << 10
"""Bytes that are handed over at once, so that a reader who is slow holds no more than two of them."""


class Ui(msgspec.Struct, frozen=True, kw_only=True):
    """What is served: no assets when the UI was not built. `path` is that of `Served`."""

    assets: Mapping[str, Asset] = {}
    policy: Policy = Policy()
    path: str = ""
    css_url: Callable[[], str] = str


def add_routes(router: web.UrlDispatcher, ui: Ui) -> None:
    """Every GET that nobody else answers; to be called after all others are added."""
    reserved = "|".join(name.replace(".", r"\.") for name in RESERVED)
    router.add_get(f"/{{page:(?!(?:{reserved})(?:/|$)).*}}", handler_of(ui))


def handler_of(ui: Ui) -> Handler:
    """The handler of all names and pages."""

    async def handle(request: web.Request) -> web.StreamResponse:
        name = request.match_info["page"]
        asset = ui.assets.get(name)
        try:
            if asset is not None and not name.endswith(".html"):
                return await _file(request, asset, ui.policy.of_page())
            if name.partition("/")[0] in FILES:
                raise web.HTTPNotFound
            index = asset or ui.assets.get(INDEX)
            if index is None:
                return web.Response(status=404, text=ABSENT)
            return await _page(ui, index, is_terminal=name == TERMINAL)
        except OSError as error:
            log.warning("api.ui.unreadable", name=name[:200], error=str(error)[:200])
            raise web.HTTPNotFound from None

    return handle


async def _page(ui: Ui, asset: Asset, *, is_terminal: bool) -> web.Response:
    content, _ = await asset.content()
    policy = ui.policy
    return web.Response(
        text=based(content.decode(), ui.path),
        content_type="text/html",
        headers={
            "Cache-Control": NEVER_KEPT,
            "Content-Security-Policy": policy.of_terminal() if is_terminal else policy.of_page(ui.css_url()),
            "X-Frame-Options": policy.terminal_frame_options if is_terminal else policy.frame_options,
            "Referrer-Policy": "same-origin",
        },
    )


async def _file(request: web.Request, asset: Asset, policy: str) -> web.StreamResponse:
    """A worker lives by the policy that its own script came with."""
    accepted = request.headers.get("Accept-Encoding", "")
    coding = next((one for one in asset.codings if takes(accepted, one)), "")
    content, tag = await asset.content(coding)
    headers = {"ETag": tag, "Cache-Control": KEPT if asset.is_immutable else ASKED_AGAIN}
    if asset.codings:
        headers["Vary"] = "Accept-Encoding"
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    headers |= {"Content-Type": asset.content_type, "Content-Security-Policy": policy}
    if coding:
        headers["Content-Encoding"] = coding
    response = web.StreamResponse(headers=headers)
    response.content_length = len(content)
    await response.prepare(request)
    if request.method != "HEAD":
        view = memoryview(content)
        for start in range(0, len(content), PIECE):
            await response.write(view[start : start + PIECE])
    await response.write_eof()
    return response
