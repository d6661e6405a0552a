"""A running controller for each test, in namespaces of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from tests.integration.app_controller.lab import Lab, running


@pytest_asyncio.fixture(loop_scope="session")
async def lab(
    control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> AsyncIterator[Lab]:
    async with running(control_plane, nats_server, redis_server) as started:
        yield started
