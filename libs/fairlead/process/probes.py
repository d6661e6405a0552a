"""`/healthz` for liveness, `/readyz` for readiness, `/metrics` for Prometheus.

The invariant: alive means that the event loop turns, whatever else is away; a process that has not said yet
what it needs is not ready.
"""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from fairlead.metrics import CONTENT_TYPE, Exposition, say_version
from fairlead.model.release import version


class Probes:
    """What a process says of itself: each named check returns whether that part is ready."""

    def __init__(self) -> None:
        self._checks: dict[str, Callable[[], bool]] = {}
        self.metrics = Exposition()
        self.pages: dict[str, Callable[[], bytes]] = {}
        """What else is told there as JSON, by path; to whoever reaches the port."""

    def add(self, name: str, check: Callable[[], bool]) -> None:
        """Readiness needs this check as well."""
        self._checks[name] = check

    def failing(self) -> list[str]:
        """Names of the parts that are not ready; `start` before any part was named."""
        if not self._checks:
            return ["start"]
        return [name for name, check in self._checks.items() if not check()]


@asynccontextmanager
async def serve_probes(
    probes: Probes, *, address: str, port: int, listener: socket.socket | None = None
) -> AsyncIterator[None]:
    """Serve the probes while the block runs, on `listener` where one is given; port 0 serves none."""
    if port == 0 and listener is None:
        yield
        return
    app = web.Application()
    app.router.add_get("/healthz", _healthz)
    say_version(version())

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await probes.metrics.written(), headers={"Content-Type": CONTENT_TYPE})

    app.router.add_get("/metrics", metrics)

    async def told(request: web.Request) -> web.Response:
        page = probes.pages.get(request.path)
        if page is None:
            raise web.HTTPNotFound
        return web.Response(body=page(), content_type="application/json")

    app.router.add_get("/{page}", told)

    async def readyz(_: web.Request) -> web.Response:
        failing = probes.failing()
        return web.Response(text=", ".join(failing) or "ok", status=503 if failing else 200)

    app.router.add_get("/readyz", readyz)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, address, port) if listener is None else web.SockSite(runner, listener)
        await site.start()
        yield
    finally:
        await runner.cleanup()


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok")
