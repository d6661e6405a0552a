"""Connections to the backends of extensions: as many are kept as is configured, and none of what was."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from fairlead.api_server.extensions.backends import Backends
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.settings.proxy_extensions import ExtensionService, ProxyExtension


class Counting:
    """A backend that knows its open connections, and answers together."""

    def __init__(self) -> None:
        self.port = choose_port()
        self.open: set[asyncio.BaseTransport] = set()
        self.waiting = 0
        self.wanted = 1
        self.all_there = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        self.open.add(request.transport)
        self.waiting += 1
        if self.waiting >= self.wanted:
            self.all_there.set()
        await self.all_there.wait()
        return web.Response(text="ok")

    @property
    def kept(self) -> int:
        return sum(not one.is_closing() for one in self.open)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Counting"]:
        app = web.Application()
        app.router.add_get("/", self.answer)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, self.port).start()
        yield self
        await runner.cleanup()


def extension(port: int, max_idle: int) -> ProxyExtension:
    service = ExtensionService(url=f"http://{LOOPBACK}:{port}")
    return ProxyExtension(name="counted", max_idle=max_idle, services=(service,))


async def ask(backends: Backends, one: ProxyExtension, configured: tuple[ProxyExtension, ...]) -> None:
    async with backends.lent(one, configured) as lent:
        headers = {"Connection": "close"} if lent.is_last else {}
        async with lent.session.get(one.services[0].url, headers=headers) as answer:
            assert await answer.text() == "ok"


async def test_no_more_connections_are_kept_than_is_configured_and_they_are_used_again() -> None:
    backends = Backends()
    async with Counting().serving() as backend:
        one = extension(backend.port, 3)
        backend.wanted = 8
        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(ask(backends, one, (one,)))
        async with asyncio.timeout(30):
            while backend.kept > 3:
                await asyncio.sleep(0.01)
        assert (backend.kept, len(backend.open)) == (3, 8)
        await ask(backends, one, (one,))
        assert len(backend.open) == 8
        await backends.close()


async def test_connections_of_a_former_configuration_end_with_their_last_request() -> None:
    backends = Backends()
    async with Counting().serving() as backend:
        before, after = extension(backend.port, 3), extension(backend.port, 4)
        backend.wanted = 2
        held = asyncio.create_task(ask(backends, before, (after,)))
        async with asyncio.timeout(30):
            while not backend.waiting:
                await asyncio.sleep(0.01)
            await ask(backends, after, (after,))
            await held
            while backend.kept > 1:
                await asyncio.sleep(0.01)
        assert backend.kept == 1
        await backends.close()
        async with asyncio.timeout(30):
            while backend.kept:
                await asyncio.sleep(0.01)
