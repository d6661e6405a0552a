"""The real control plane and a played cluster, asked the same."""

import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fairlead.kube.connection import Connection
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.local.control_plane import ControlPlane
from tests.fakes.clusters.population import Population
from tests.fakes.clusters.serving import serving
from tests.integration.kube.cluster import NAMESPACES
from tests.unit.kube.objects import anything

REAL, PLAYED = "the real control plane", "a played cluster"
_numbers = itertools.count()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def played() -> AsyncIterator[Connection]:
    """A played cluster with some objects of its own."""
    async with serving([7], Population(60, 2), bookmark_seconds=3.0) as served:
        yield Connection(server=f"http://127.0.0.1:{served.ports[0]}")


@pytest.fixture(params=[REAL, PLAYED])
def connection(request: pytest.FixtureRequest, control_plane: ControlPlane, played: Connection) -> Connection:
    return from_kubeconfig(control_plane.kubeconfig) if request.param == REAL else played


@pytest.fixture
async def client(connection: Connection) -> AsyncIterator[KubeClient]:
    async with KubeClient(connection) as opened:
        yield opened


@pytest.fixture
def writer(client: KubeClient) -> ClusterWriter:
    return ClusterWriter(client, fence=lambda: True, gate=anything)


@pytest.fixture
async def namespace(client: KubeClient) -> str:
    name = f"like-{next(_numbers)}"
    await client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return name
