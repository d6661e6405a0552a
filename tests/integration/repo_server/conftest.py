"""A fresh suite for each test: what one test breaks, no other sees."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from fairlead.local.builds import render_engine_binary
from fairlead.local.git_server import GitServer
from tests.integration.repo_server.suite import Suite, running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine() -> Path:
    """The built render engine."""
    return await asyncio.to_thread(render_engine_binary)


@pytest_asyncio.fixture(loop_scope="session")
async def suite(tmp_path: Path, engine: Path) -> AsyncIterator[Suite]:
    """A repo-server on its own NATS, Redis and Git server."""
    async with GitServer(tmp_path / "git") as git, running(tmp_path, git, engine) as started:
        await started.ready()  # what is wanted before is looked at once more when the start is over
        yield started
