"""A namespace for each test, with a controller that the test begins itself."""

from collections.abc import AsyncIterator

import pytest_asyncio

from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from tests.integration.applicationset_controller.lab import Lab, prepared


@pytest_asyncio.fixture(loop_scope="session")
async def lab(kinds: ControlPlane, nats_server: NatsServer) -> AsyncIterator[Lab]:
    async with prepared(kinds, nats_server) as ready:
        yield ready
