"""The routes of extensions: scripts for pages, and requests for backends."""

from aiohttp import web

from fairlead.api_server.extensions import proxy, switched_off
from fairlead.api_server.extensions.backends import Backends
from fairlead.api_server.extensions.scripts import ALL, Scripts
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.served import Served
from fairlead.api_server.ui.policy import Policy
from fairlead.api_server.ui.send import send


def add_scripts(router: web.UrlDispatcher, scripts: Scripts, policy: Policy) -> None:
    """`/extensions.js`: all scripts after one another, or the one that `file` names."""
    router.add_get(f"/{ALL}", _scripts(scripts, policy))


def add_proxies(app: web.Application, backend: Backend, served: Served) -> None:
    """Every verb below `/extensions/<name>`."""
    handler: Handler = switched_off.answer
    if served.has_proxy_extensions:
        backends = Backends()

        async def close(_: web.Application) -> None:
            await backends.close()

        app.on_cleanup.append(close)
        handler = proxy.handler_of(backend, served, backends)
    app.router.add_route("*", f"{proxy.PREFIX}{{extension:[^/]+}}", handler)
    app.router.add_route("*", f"{proxy.PREFIX}{{extension:[^/]+}}/{{rest:.*}}", handler)


def _scripts(scripts: Scripts, policy: Policy) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        name = request.query.get("file")
        if name is None:
            return await send(request, await scripts.whole(), policy.of_page(), is_kept=False)
        found = (await scripts.found()).get(name)
        if found is None:
            raise web.HTTPNotFound(text="there is no such script")
        is_kept = request.query.get("v") == found.version
        return await send(request, found, policy.of_page(), is_kept=is_kept)

    return handle
