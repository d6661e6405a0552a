"""One running controller for all tests of a module, each with a repository of its own."""

import itertools
from collections.abc import AsyncIterator

import pytest_asyncio

from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from tests.integration.app_controller.lab import Lab, running

_numbers = itertools.count(1)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def shared(
    control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> AsyncIterator[Lab]:
    async with running(control_plane, nats_server, redis_server) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def lab(shared: Lab) -> AsyncIterator[Lab]:
    shared.repo = f"https://git.example/team/shared-{shared.namespace}-{next(_numbers)}.git"
    yield shared
    await shared.clean()
    await shared.eventually(lambda: shared.controller is not None and not len(shared.controller.book))
