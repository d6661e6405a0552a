"""Servers for tests of the repo-server.

`suite` is lent: NATS, Redis and the repo-server are the same for all tests of a process, and empty for each
(`lending`). Whoever kills, restarts or looks into one of them has servers of his own with the marker
`own_servers`; whoever starts the repo-server with other flags asks for `unserved`.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fairlead.local.builds import render_engine_binary
from fairlead.local.git_server import GitServer
from tests.integration.repo_server.lending import Lending
from tests.integration.repo_server.suite import Suite, running


def pytest_configure(config: pytest.Config) -> None:
    """What tests say of their servers."""
    config.addinivalue_line(
        "markers", "own_servers: this test kills or looks into NATS, Redis, a repo-server"
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine() -> Path:
    """The built render engine."""
    return await asyncio.to_thread(render_engine_binary)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lending(tmp_path_factory: pytest.TempPathFactory, engine: Path) -> AsyncIterator[Lending]:
    """What tests are lent."""
    lending = Lending(tmp_path_factory.mktemp("lent"), engine)
    yield lending
    await lending.close()


@pytest_asyncio.fixture(loop_scope="session")
async def suite(
    request: pytest.FixtureRequest, tmp_path: Path, engine: Path, lending: Lending
) -> AsyncIterator[Suite]:
    """A repo-server with NATS and Redis, and a Git server of the test's own."""
    own = request.node.get_closest_marker("own_servers") is not None
    async with (
        GitServer(tmp_path / "git", apart=True) as git,
        running(tmp_path, git, engine) if own else lending.lent(tmp_path, git) as lent,
    ):
        yield lent


@pytest_asyncio.fixture(loop_scope="session")
async def unserved(tmp_path: Path, engine: Path) -> AsyncIterator[Suite]:
    """NATS, Redis and a Git server of the test's own; it starts the repo-server: `suite.serve(…)`."""
    async with GitServer(tmp_path / "git") as git, running(tmp_path, git, engine, serves=False) as own:
        yield own
