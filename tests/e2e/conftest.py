"""One running suite for all end-to-end tests."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fairlead.kube.rest import KubeClient
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.suite import Suite, SuiteConfig
from tests.e2e.world import World

POLL_SECONDS = 5.0
"""Short, so that a push whose webhook was lost is found while a test waits for it."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A suite with everything of its own, and a Git server that tells it of pushes."""
    folder = tmp_path_factory.mktemp("world")
    config = SuiteConfig(
        data_dir=folder / "suite",
        port=0,
        insecure=True,
        log_format="json",
        poll_seconds=POLL_SECONDS,
        previews=True,
        replicas={"preview": 2},
    )
    async with (
        Suite(config) as suite,
        GitServer(folder / "git") as git,
        KubeClient(suite.connection) as client,
    ):
        git.webhooks.append(Webhook(url=f"{suite.api_url}/api/webhook"))
        yield World(suite, git, client, folder / "work")
