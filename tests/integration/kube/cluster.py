"""What the tests of a live cluster share: resources, small objects, and waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fairlead.kube.connection import Connection
from fairlead.kube.discovery import Discovery
from fairlead.kube.live_state import LiveState
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.manifest.tracking import owner_of

PATIENCE_SECONDS = 120
NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)
CONFIG_MAPS = Resource(
    group="",
    version="v1",
    plural="configmaps",
    kind="ConfigMap",
    namespaced=True,
    verbs=frozenset({"list", "watch"}),
)


def config_map(name: str, **data: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


async def until(condition: Callable[[], object]) -> None:
    """Waits for a condition; fails after a minute."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(live: LiveState) -> AsyncIterator[LiveState]:
    """A live state that is being followed, and synced."""
    task = asyncio.create_task(live.run())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await live.wait_synced()
        yield live
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def live_through(connection: Connection) -> AsyncIterator[LiveState]:
    """The live state of a cluster as seen through one connection."""
    async with (
        KubeClient(connection) as client,
        running(LiveState(client, Discovery(client), owner_of=owner_of)) as live,
    ):
        yield live
