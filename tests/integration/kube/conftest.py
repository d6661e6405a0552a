"""Clients of the shared control plane, a namespace for each test, and a proxy that misbehaves."""

import itertools
from collections.abc import AsyncIterator

import pytest

from fairlead.kube.connection import Connection
from fairlead.kube.discovery import Discovery
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.local.control_plane import ControlPlane
from tests.integration.kube.cluster import NAMESPACES
from tests.integration.kube.fault_proxy import FaultProxy
from tests.unit.kube.objects import anything

_numbers = itertools.count()


@pytest.fixture
def connection(control_plane: ControlPlane) -> Connection:
    return from_kubeconfig(control_plane.kubeconfig)


@pytest.fixture
async def client(connection: Connection) -> AsyncIterator[KubeClient]:
    async with KubeClient(connection) as opened:
        yield opened


@pytest.fixture
async def discovery(client: KubeClient) -> Discovery:
    found = Discovery(client)
    await found.refresh()
    return found


@pytest.fixture
def writer(client: KubeClient) -> ClusterWriter:
    return ClusterWriter(client, fence=lambda: True, gate=anything)


@pytest.fixture
async def namespace(client: KubeClient) -> str:
    name = f"kube-{next(_numbers)}"
    await client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return name


@pytest.fixture
async def proxy(connection: Connection) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(connection) as running:
        yield running
