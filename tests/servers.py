"""The real servers as fixtures, one of each for the whole run.

Why: what Fairlead does to a cluster, a broker, a cache and a repository is only known by doing it. Invariant:
they are shared, so a test uses names of its own and leaves them running; a test that breaks one starts its
own.
"""

import asyncio
from collections.abc import AsyncIterator
from weakref import WeakSet

import pytest
import pytest_asyncio

from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.git_server import GitServer
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.local.registry import RegistryServer
from fairlead.local.suite.install import install_kinds
from fairlead.model.crds import DEFINITIONS

SERVED_SECONDS = 120.0
_knowing: WeakSet[ControlPlane] = WeakSet()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def control_plane(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ControlPlane]:
    """A Kubernetes control plane with two nodes, which writes down what service accounts ask for."""
    async with ControlPlane(tmp_path_factory.mktemp("control-plane"), audit=True) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kinds(control_plane: ControlPlane) -> ControlPlane:
    """The same control plane once it serves our kinds."""
    await with_kinds(control_plane)
    return control_plane


async def with_kinds(control_plane: ControlPlane) -> None:
    """Have a control plane serve our kinds, once: their definitions cost seconds of a core."""
    if control_plane in _knowing:
        return
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        await install_kinds(client)
    async with asyncio.timeout(SERVED_SECONDS):
        while len(await _served(control_plane)) < len(DEFINITIONS):
            await asyncio.sleep(0.1)
    _knowing.add(control_plane)


async def _served(control_plane: ControlPlane) -> list[str]:
    listed = await control_plane.kubectl("api-resources", "--api-group=argoproj.io", "-o", "name")
    return listed.split()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def nats_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    """NATS with JetStream, and no users: anybody may do anything."""
    async with NatsServer(tmp_path_factory.mktemp("nats")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def redis_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisServer]:
    """Redis, with a password that its `url` holds."""
    async with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def git_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GitServer]:
    """A Git server over HTTP, without repositories."""
    async with GitServer(tmp_path_factory.mktemp("git")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def oci_registry(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RegistryServer]:
    """A registry of artifacts over http, open to everybody."""
    async with RegistryServer(tmp_path_factory.mktemp("registry")) as running:
        yield running
