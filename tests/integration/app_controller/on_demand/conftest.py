"""A controller that can run scripts, and somebody who asks it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fairlead.bus import Bus, BusConfig
from fairlead.local.builds import render_engine_binary
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from tests.integration.app_controller.lab import SECRET, Lab, running
from tests.integration.app_controller.on_demand.asking import Asking


@pytest_asyncio.fixture(loop_scope="session")
async def lab(
    control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> AsyncIterator[Lab]:
    """A controller that can run scripts."""
    engine = await asyncio.to_thread(render_engine_binary)
    async with running(control_plane, nats_server, redis_server, render_engine=engine) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def bus(lab: Lab) -> AsyncIterator[Bus]:
    connected = await Bus.connect(BusConfig(url=lab.nats.url, service="api-server", secret=SECRET.encode()))
    yield connected
    await connected.close()


@pytest.fixture
def asking(bus: Bus, lab: Lab) -> Asking:
    return Asking(bus, lab)
