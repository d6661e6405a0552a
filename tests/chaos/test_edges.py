"""The edges do what they say, or a run that breaks nothing would prove nothing."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError, TransientError
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.ports import LOOPBACK
from tests.chaos.edge import Edge
from tests.chaos.kube_edge import KubeEdge, kubeconfig_through
from tests.chaos.recording import Recording, Write
from tests.e2e.world import CONFIG_MAPS

NAME = "edge"


@pytest_asyncio.fixture(loop_scope="session")
async def echo() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_an_edge_passes_bytes_both_ways_until_it_is_cut(echo: int) -> None:
    async with Edge(NAME, echo) as edge:
        reader, writer = await asyncio.open_connection(LOOPBACK, edge.port)
        writer.write(b"there and back")
        assert await reader.readexactly(14) == b"there and back"
        edge.cut()
        assert await _ended(reader)
        writer.close()


async def test_a_stalled_edge_keeps_bytes_back_until_it_is_healed(echo: int) -> None:
    async with Edge(NAME, echo) as edge:
        reader, writer = await asyncio.open_connection(LOOPBACK, edge.port)
        edge.stall()
        writer.write(b"late")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await reader.readexactly(4)
        edge.heal()
        assert await reader.readexactly(4) == b"late"
        writer.close()


async def test_a_refusing_edge_resets_whoever_comes(echo: int) -> None:
    async with Edge(NAME, echo) as edge:
        edge.refuse()
        reader, writer = await asyncio.open_connection(LOOPBACK, edge.port)
        assert await _ended(reader)
        writer.close()


async def test_the_cluster_is_reached_through_an_edge_and_writes_are_recorded(
    through: tuple[KubeEdge, Recording, KubeClient],
) -> None:
    edge, recording, client = through
    await client.create(CONFIG_MAPS, _object("recorded"), "default")
    await client.delete(CONFIG_MAPS, "recorded", "default")
    assert [(w.by, w.method, w.status, w.parts) for w in recording.effects()] == [
        (edge.name, "POST", 201, ("configmaps", "default", "", "")),
        (edge.name, "DELETE", 200, ("configmaps", "default", "recorded", "")),
    ]


async def test_a_lost_answer_is_an_effect_that_nobody_was_told_of(
    through: tuple[KubeEdge, Recording, KubeClient],
) -> None:
    edge, recording, client = through
    edge.lost = 1.0
    with pytest.raises(KubeError):
        await client.create(CONFIG_MAPS, _object("lost"), "default")
    edge.heal()
    assert await client.find(CONFIG_MAPS, "lost", "default") is not None
    assert not next(recording.effects()).told
    await client.delete(CONFIG_MAPS, "lost", "default")


async def test_a_refused_share_of_requests_never_reaches_the_cluster(
    through: tuple[KubeEdge, Recording, KubeClient],
) -> None:
    edge, recording, client = through
    edge.refused = {503: 1.0}
    with pytest.raises(TransientError):
        await client.create(CONFIG_MAPS, _object("refused"), "default")
    assert not list(recording.effects())


async def test_whoever_watches_the_recording_is_told_before_and_after(
    through: tuple[KubeEdge, Recording, KubeClient],
) -> None:
    _, recording, client = through
    told = []

    async def watcher(write: Write, stage: str) -> None:
        told.append((stage, write.status))

    recording.watchers.append(watcher)
    await client.create(CONFIG_MAPS, _object("watched"), "default")
    await client.delete(CONFIG_MAPS, "watched", "default")
    assert told == [("before", 0), ("after", 201), ("before", 0), ("after", 200)]


@pytest_asyncio.fixture(loop_scope="session")
async def through(
    control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[KubeEdge, Recording, KubeClient]]:
    recording = Recording()
    layout = control_plane.layout
    chance = random.Random(1)  # noqa: S311
    async with KubeEdge(NAME, layout.url, layout.pki, recording, chance=chance, client="admin") as edge:
        file = tmp_path_factory.mktemp("edge") / "kubeconfig"
        connection: Connection = from_kubeconfig(
            kubeconfig_through(edge, control_plane.kubeconfig, file), None
        )
        async with KubeClient(connection) as client:
            yield edge, recording, client


async def _ended(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(120):
        try:
            return await reader.read(1) == b""
        except ConnectionError:
            return True


def _object(name: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
