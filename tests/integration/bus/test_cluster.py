"""The bus on a cluster of three real servers, any of which may go."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
import pytest_asyncio

from fairlead.bus import Bus, BusConfig, Message, topology
from fairlead.bus.copies import BEHIND, UNANSWERED, Copies
from fairlead.bus.permissions import server_authorization
from fairlead.events import Cause, RenderRequested, subjects
from fairlead.local.nats_cluster import FIRST, NatsCluster

PASSWORDS = {grant.service: f"{grant.service}-password" for grant in topology.GRANTS}
LOOKER = {"user": "looker", "password": "looker"}
"""Sees consumers, which no service has to."""
PATIENCE = 60.0
REQUESTS = topology.RENDERS.name
ALL = (*(stream.name for stream in topology.STREAMS), *(bucket.stream for bucket in topology.BUCKETS))


def users() -> str:
    """The services', and the looker's."""
    blocks = json.loads(server_authorization(PASSWORDS).removeprefix("accounts: "))
    blocks["FAIRLEAD"]["users"].append(LOOKER)
    return f"accounts: {json.dumps(blocks)}\n"


@asynccontextmanager
async def connected(url: str, service: str, *, copies: int = 3) -> AsyncIterator[Bus]:
    bus = await Bus.connect(
        BusConfig(
            url=url,
            service=service,
            user=service,
            password=PASSWORDS[service],
            copies=Copies(number=copies, first=FIRST),
        )
    )
    try:
        yield bus
    finally:
        await bus.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsCluster]:
    async with NatsCluster(tmp_path_factory.mktemp("cluster"), users=users()) as running:
        yield running


async def copies_of(bus: Bus, stream: str) -> tuple[str, list[str]]:
    """Who leads a stream, and who else holds it up to date."""
    info = await bus.jetstream.stream_info(stream)
    assert info.cluster is not None
    others = [each.name for each in info.cluster.replicas or () if each.current and not each.offline]
    return info.cluster.leader or "", sorted(others)


async def until_copied(bus: Bus, number: int, names: tuple[str, ...] = ALL) -> None:
    async with asyncio.timeout(PATIENCE):
        for name in names:
            while True:
                leader, others = await copies_of(bus, name)
                if leader and len(others) == number - 1:
                    break
                bus.look_at_copies()
                await asyncio.sleep(0.1)


async def until_consumer_is_copied(cluster: NatsCluster) -> None:
    """A moment after its stream."""
    looker = await nats.connect(cluster.url.split(","), **LOOKER)
    async with asyncio.timeout(PATIENCE):
        while True:
            info = await looker.jetstream().consumer_info(REQUESTS, topology.repo_renders("0").name)
            others = [each for each in info.cluster.replicas or () if each.current] if info.cluster else []
            if len(others) == 2:
                break
            await asyncio.sleep(0.1)
    await looker.close()


async def ask(bus: Bus, name: str) -> None:
    request = RenderRequested(namespace="argocd", name=name, cause=Cause.REFRESH)
    await bus.publish(subjects.render_requested("0", "argocd", name), request)


async def test_when_the_leader_of_all_is_killed_what_is_published_arrives_and_buckets_go_on(
    cluster: NatsCluster,
) -> None:
    """Streams begin on the first server, which therefore leads them, and their consumers."""
    arrived: set[str] = set()

    async def handle(message: Message) -> None:
        arrived.add(message.event(RenderRequested).name)

    controller, repo = connected(cluster.url, "app-controller"), connected(cluster.url, "repo-server")
    async with controller as bus, repo as reader, connected(cluster.url, "api-server"):
        await until_copied(bus, 3)
        await until_consumer_is_copied(cluster)
        working = asyncio.create_task(reader.consume(topology.repo_renders("0"), handle))
        bucket = bus.key_value(topology.SETTINGS_BUCKET)
        server = cluster.servers[0]
        assert {(await copies_of(bus, name))[0] for name in (REQUESTS, "KV_settings")} == {server.title}
        sent = {f"{server.title}-{number}" for number in range(5)}
        await server.kill()
        for name in sorted(sent):
            await ask(bus, name)
            await bucket.put(server.title, name.encode())
        async with asyncio.timeout(PATIENCE):
            while not sent <= arrived:
                await asyncio.sleep(0.02)
        entry = await reader.key_value(topology.SETTINGS_BUCKET).get(server.title)
        assert entry is not None
        assert entry.value == max(sent).encode()
        await server.start()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_without_a_majority_it_is_counted_and_with_one_it_goes_on(cluster: NatsCluster) -> None:
    async with connected(cluster.url, "app-controller") as bus:
        await until_copied(bus, 3)
        gone = cluster.servers[1:]
        for server in gone:
            await server.kill()
        async with asyncio.timeout(PATIENCE):
            while not _value(UNANSWERED):
                bus.look_at_copies()
                await asyncio.sleep(0.2)
        await asyncio.gather(*(server.start() for server in gone))
        await ask(bus, "after")
        await until_copied(bus, 3, (REQUESTS,))
        async with asyncio.timeout(PATIENCE):
            while _value(UNANSWERED) or _value(BEHIND):
                bus.look_at_copies()
                await asyncio.sleep(0.2)


async def test_a_server_alone_becomes_three_and_one_again_and_nothing_is_lost(tmp_path: Path) -> None:
    cluster = NatsCluster(tmp_path, users=users())
    first = cluster.servers[0]
    routes, first.routes = first.routes, ()
    put: dict[str, bytes] = {}

    async def kept(bus: Bus) -> None:
        """What was put is there, and so is one request that nobody took."""
        entries = await bus.key_value(topology.DRIFT_BUCKET).all()
        assert {entry.key: entry.value for entry in entries} == put
        assert (await bus.jetstream.stream_info(REQUESTS)).state.messages == 1

    async def put_one(bus: Bus) -> None:
        key = f"k{len(put)}"
        put[key] = key.encode()
        await bus.key_value(topology.DRIFT_BUCKET).put(key, put[key])

    async with first:
        async with connected(first.url, "app-controller", copies=1) as bus:
            await ask(bus, "web")
            await put_one(bus)
            await kept(bus)
        await first.stop()
        first.routes = routes
        await asyncio.gather(*(server.start() for server in cluster.servers))
        async with (
            connected(cluster.url, "app-controller") as bus,
            connected(cluster.url, "api-server"),
        ):
            await until_copied(bus, 3)
            await kept(bus)
            await put_one(bus)
        async with connected(cluster.url, "app-controller", copies=1) as bus:
            await until_copied(bus, 1)
            async with asyncio.timeout(PATIENCE):
                while {(await copies_of(bus, name))[0] for name in ALL} != {first.title}:
                    bus.look_at_copies()
                    await asyncio.sleep(0.2)
            await kept(bus)
            await put_one(bus)
        async with connected(cluster.url, "app-controller") as bus:
            await until_copied(bus, 3)
        for server in cluster.servers:
            await server.stop()
        first.routes = ()
        await first.start()
        async with connected(first.url, "app-controller", copies=1) as bus:
            await kept(bus)
            await put_one(bus)
            await kept(bus)


def _value(gauge: object) -> float:
    return float(gauge._value.get())  # type: ignore[attr-defined]
