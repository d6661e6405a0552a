"""One stage for all tests of this folder: a namespace, a receiver of messages, and the service on demand."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from fairlead.bus import Bus, BusConfig
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.builds import render_engine_binary
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.suite.install import install_namespace
from tests.integration.notifications.stage import NAMESPACE, Receiver, Stage


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(kinds: ControlPlane, nats_server: NatsServer) -> AsyncIterator[Stage]:
    """Nothing runs on it yet."""
    binary = await asyncio.to_thread(render_engine_binary)
    owner = await Bus.connect(BusConfig(url=nats_server.url, service="app-controller"))
    async with KubeClient(from_kubeconfig(kinds.kubeconfig)) as client, Receiver() as receiver:
        await install_namespace(client, NAMESPACE)
        made = Stage(
            client,
            kubeconfig=str(kinds.kubeconfig),
            nats_url=nats_server.url,
            binary=binary,
            receiver=receiver,
            bus=owner,
        )
        yield made
        await made.stop()
        await made.clean()
    await owner.close()
