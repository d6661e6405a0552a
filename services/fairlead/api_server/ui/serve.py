"""The routes of the web UI: files by name, and the application's page for every path that is one of its own.

Invariant: what belongs to the API is never answered with a page, known or not.
"""

from collections.abc import Callable, Mapping

import msgspec
import structlog
from aiohttp import web

from fairlead.api_server.extensions.scripts import Scripts, listed
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.ui.assets import Asset
from fairlead.api_server.ui.page import ABSENT, INDEX, TERMINAL, based, extended
from fairlead.api_server.ui.policy import Policy
from fairlead.api_server.ui.send import send

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


class Ui(msgspec.Struct, frozen=True, kw_only=True):
    """What is served: no assets when the UI was not built. `path` and `is_packed` are those of `Served`;
    `scripts` are those that an operator adds to the pages."""

    assets: Mapping[str, Asset] = {}
    policy: Policy = Policy()
    path: str = ""
    is_packed: bool = True
    scripts: Scripts | None = None
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
                policy = ui.policy.of_page()
                return await send(request, asset, policy, is_kept=asset.is_immutable, is_packed=ui.is_packed)
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
    text = based(content.decode(), ui.path)
    scripts = {} if is_terminal or ui.scripts is None else await ui.scripts.found()
    return web.Response(
        text=extended(text, listed(scripts)) if scripts else text,
        content_type="text/html",
        headers={
            "Cache-Control": NEVER_KEPT,
            "Content-Security-Policy": policy.of_terminal() if is_terminal else policy.of_page(ui.css_url()),
            "X-Frame-Options": policy.terminal_frame_options if is_terminal else policy.frame_options,
            "Referrer-Policy": "same-origin",
        },
    )
