"""The aiohttp application: every row of the table, the webhook, probes; and the limits of the server."""

from collections.abc import Mapping

from aiohttp import web

from fairlead.api_server.extensions.routes import add_proxies, add_scripts
from fairlead.api_server.grpc import web as grpc_web
from fairlead.api_server.grpc.invoke import Invoker
from fairlead.api_server.methods.own import ROWS
from fairlead.api_server.methods.table import METHODS
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest import (
    badge,
    carrier,
    command,
    dex,
    guard,
    logout,
    oauth,
    openapi,
    own,
    terminal,
)
from fairlead.api_server.rest.carrier import Carriers
from fairlead.api_server.rest.connection import MAX_HEADERS, Answers, Runner
from fairlead.api_server.rest.handle import Handler, handler_of, unserved_handler_of
from fairlead.api_server.rest.routes import RestRoute, routes
from fairlead.api_server.rest.served import Served
from fairlead.api_server.rest.stream import Streams
from fairlead.api_server.strangers import Strangers
from fairlead.api_server.ui.serve import Ui
from fairlead.api_server.ui.serve import add_routes as add_pages
from fairlead.process.body import Budgets

WEBHOOK = "/api/webhook"
MAX_HEADER_BYTES = 16 * 1024
"""Of one header or the request line; twenty cookies of 4 KiB arrive as one header, so far fewer fit."""
KEEP_ALIVE = 75.0
"""Seconds an idle connection stays open."""
LAST_CALL = 2.0
"""Seconds that open streams and requests are given when the process ends."""


def build(
    backend: Backend, webhook: Handler, invoker: Invoker, served: Served, ui: Ui | None = None
) -> web.Application:
    """The application."""
    app = web.Application(middlewares=[guard.guarded])
    app.on_response_prepare.append(guard.add_headers)
    router = app.router
    router.add_get("/healthz", _healthz(backend))
    router.add_route("*", "/auth/logout", logout.handler_of(backend, served))
    router.add_get("/auth/login", oauth.login_handler_of(backend, served))
    router.add_get("/auth/callback", oauth.callback_handler_of(backend, served))
    budgets = invoker.budgets
    router.add_route("*", "/api/dex/{rest:.*}", dex.handler_of(backend, budgets))
    router.add_route("*", WEBHOOK, webhook)
    router.add_get("/api/badge", badge.handler_of(backend))
    router.add_get("/terminal", terminal.handler_of(backend, served))
    streams = Streams(backend, invoker.places)
    for row in ROWS:
        stream = own.stream_handler_of(backend, row, streams) if row.is_stream else None
        handler = stream or own.handler_of(backend, row, budgets.after_login, served)
        router.add_route(row.verb, row.path, handler)
    for route in routes(METHODS):
        router.add_route(route.route.verb, route.pattern, _handler(backend, route, streams, budgets, served))
    carriers = Carriers(backend, streams)
    app.on_shutdown.append(carriers.close)
    router.add_get(carrier.PATH, carriers.handle)
    openapi.add_routes(router, has_page=served.has_page)
    router.add_get(command.PATTERN, command.handler_of(backend))
    add_proxies(app, backend, served)
    router.add_post(grpc_web.PATTERN, grpc_web.handler_of(invoker))
    ui = ui or Ui(path=served.path)
    if ui.scripts is not None:
        add_scripts(router, ui.scripts, ui.policy)
    add_pages(router, ui)
    return app


def _handler(
    backend: Backend, route: RestRoute, streams: Streams, budgets: Budgets, served: Served
) -> Handler:
    if route.method is None:
        return unserved_handler_of(route)
    if route.rpc.kind == "server-stream":
        return streams.handler_of(route, route.method)
    return handler_of(backend, route, route.method, budgets, served)


def runner(
    app: web.Application,
    root: str = "",
    doors: Mapping[str, Answers] | None = None,
    strangers: Strangers | None = None,
) -> web.AppRunner:
    """A server of the application below a root path, with its limits and its doors; it tells `strangers` of
    connections on which somebody is known. Bodies are taken as they are: what is compressed has no size until
    it is too late."""
    return Runner(
        app,
        root=root,
        doors=doors or {},
        strangers=strangers,
        access_log=None,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE,
        shutdown_timeout=LAST_CALL,
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        max_headers=MAX_HEADERS,
        auto_decompress=False,
    )


def _healthz(backend: Backend) -> Handler:
    async def healthz(request: web.Request) -> web.StreamResponse:
        mirrors = backend.mirrors
        ready = mirrors.applications.is_ready
        if request.query.get("full") == "true":  # what clusters there are is known, too (contract 14)
            ready = ready and mirrors.secrets.is_ready and mirrors.config_maps.is_ready
        return web.Response(text="ok") if ready else web.Response(status=503)

    return healthz
