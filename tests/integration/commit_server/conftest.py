"""One set of servers for all tests, each of which has repositories of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from fairlead.bus.permissions import server_authorization
from fairlead.commit_server.wiring import serve
from fairlead.local.builds import render_engine_binary
from fairlead.local.git_server import GitServer
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.process.run import Stop
from tests.integration.commit_server.lab import SECRET, Lab, closing, controller_bus


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def quiet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """The servers without a commit server."""
    folder = tmp_path_factory.mktemp("commit-server")
    users = server_authorization(dict.fromkeys(("app-controller", "commit-server"), SECRET))
    engine = await asyncio.to_thread(render_engine_binary)
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(NatsServer(folder / "nats", users=users))
        redis = await stack.enter_async_context(RedisServer(folder / "redis"))
        git = await stack.enter_async_context(GitServer(folder / "git"))
        bus = await stack.enter_async_context(closing(await controller_bus(nats)))
        lab = Lab(nats, redis, git, engine, bus)
        stack.push_async_callback(lab.cache.close)
        handing = asyncio.create_task(lab.handing.run())
        yield lab
        handing.cancel()
        await asyncio.gather(handing, return_exceptions=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lab(quiet: Lab, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """The servers with one commit server, which runs in this process."""
    stop = Stop()
    folder: Path = tmp_path_factory.mktemp("data")
    running = asyncio.create_task(serve(quiet.config(folder), stop))
    yield quiet
    stop.set()
    await running
