"""The edge to NATS loses, repeats, holds back and sends again single messages, and breaks nothing else."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import nats
import pytest
import pytest_asyncio
import redis.asyncio
import redis.exceptions
from nats.aio.client import Client
from nats.aio.msg import Msg

from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import LOOPBACK
from fairlead.local.redis_server import RedisServer
from tests.chaos.effects import Effect, Watchers
from tests.chaos.framing import NatsFraming, RedisFraming
from tests.chaos.nats_edge import NatsEdge, Shares
from tests.chaos.redis_edge import RedisEdge

SECONDS = 60.0
Connect = Callable[[int], Awaitable[Client]]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_messages_are_found_however_their_bytes_come(size: int) -> None:
    said = (
        b'CONNECT {"verbose":false}\r\nPING\r\nPUB a.b 5\r\nhe\r\no\r\n'
        b"HPUB c _INBOX.1 12 14\r\nNATS/1.0\r\n\r\nhi\r\npub d 0\r\n\r\nMSG e 1 0\r\n\r\n"
    )
    framing = NatsFraming()
    units = [unit for start in range(0, len(said), size) for unit in framing.feed(said[start : start + size])]
    assert b"".join(unit.raw for unit in units) == said
    assert [unit.subject for unit in units] == ["", "", "a.b", "c", "d", "e"]


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_commands_are_found_however_their_bytes_come(size: int) -> None:
    said = b"*2\r\n$3\r\nget\r\n$1\r\nk\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\r\n\r\n\r\n"
    framing = RedisFraming()
    commands = [
        command for start in range(0, len(said), size) for command in framing.feed(said[start : start + size])
    ]
    assert b"".join(command.raw for command in commands) == said
    assert [command.name for command in commands] == ["GET", "SET"]


@pytest_asyncio.fixture(loop_scope="session")
async def connect() -> AsyncIterator[Connect]:
    clients: list[Client] = []

    async def made(port: int) -> Client:
        clients.append(await nats.connect(f"nats://{LOOPBACK}:{port}"))
        return clients[-1]

    yield made
    for client in clients:
        await client.close()


@pytest_asyncio.fixture(loop_scope="session")
async def edge(nats_server: NatsServer) -> AsyncIterator[NatsEdge]:
    async with NatsEdge("one", nats_server.port, chance=random.Random(3)) as made:  # noqa: S311
        yield made


class Heard:
    """What a client hears of a subject, straight from NATS."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def take(self, message: Msg) -> None:
        self.bodies.append(message.data)

    async def until(self, is_there: Callable[[list[bytes]], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not is_there(self.bodies):
                await asyncio.sleep(0.01)


async def _heard(connect: Connect, server: NatsServer, subject: str) -> Heard:
    client, heard = await connect(server.port), Heard()
    await client.subscribe(subject, cb=heard.take)
    await client.flush()
    return heard


async def test_single_messages_are_lost_and_the_connection_lives(
    edge: NatsEdge, nats_server: NatsServer, connect: Connect
) -> None:
    heard, client = await _heard(connect, nats_server, "lost.>"), await connect(edge.port)
    edge.upset(Shares(lost=0.5))
    for number in range(100):
        await client.publish("lost.message", b"%d" % number)
    await client.flush()
    edge.heal()
    await client.publish("lost.message", b"last")
    await heard.until(lambda bodies: b"last" in bodies)
    lost = edge.counts["lost"]
    assert 20 < lost < 80 and len(heard.bodies) == 101 - lost
    assert heard.bodies == [*sorted(heard.bodies[:-1], key=int), b"last"]


async def test_single_messages_come_twice(edge: NatsEdge, nats_server: NatsServer, connect: Connect) -> None:
    heard, client = await _heard(connect, nats_server, "twice.>"), await connect(edge.port)
    edge.upset(Shares(repeated=1.0))
    for number in range(20):
        await client.publish("twice.message", b"%d" % number)
    await client.flush()
    await heard.until(lambda bodies: len(bodies) == 40)
    assert all(heard.bodies.count(b"%d" % number) == 2 for number in range(20))


async def test_messages_that_are_held_back_come_after_later_ones(
    edge: NatsEdge, nats_server: NatsServer, connect: Connect
) -> None:
    heard, client = await _heard(connect, nats_server, "late.>"), await connect(edge.port)
    edge.upset(Shares(late=0.5))
    for number in range(40):
        await client.publish("late.message", b"%d" % number)
    await client.flush()
    await heard.until(lambda bodies: len(bodies) == 40)
    assert heard.bodies != sorted(heard.bodies, key=int)
    assert edge.counts["late"] >= 10


async def test_a_delivery_to_a_client_is_lost_like_one_from_it(
    edge: NatsEdge, nats_server: NatsServer, connect: Connect
) -> None:
    client, other, heard = await connect(edge.port), await connect(nats_server.port), Heard()
    await client.subscribe("back.>", cb=heard.take)
    await client.flush()
    edge.upset(Shares(lost=1.0))
    await other.publish("back.message", b"lost")
    await other.flush()
    async with asyncio.timeout(SECONDS):
        while not edge.counts["lost"]:
            await asyncio.sleep(0.01)
    edge.heal()
    await other.publish("back.message", b"came")
    await heard.until(lambda bodies: bodies == [b"came"])


async def test_a_lost_message_to_a_stream_is_published_again_and_one_sent_twice_is_kept_once(
    edge: NatsEdge, connect: Connect
) -> None:
    client = await connect(edge.port)
    stream = client.jetstream(timeout=2)
    await stream.add_stream(name="edge-kept", subjects=["kept.>"])
    edge.upset(Shares(lost=1.0))
    with pytest.raises(nats.errors.TimeoutError):
        await stream.publish("kept.message", b"1", headers={"Nats-Msg-Id": "one"}, timeout=0.2)
    edge.upset(Shares(repeated=1.0))
    await stream.publish("kept.message", b"1", headers={"Nats-Msg-Id": "one"}, timeout=SECONDS)
    edge.heal()
    last = await stream.publish("kept.message", b"2", headers={"Nats-Msg-Id": "two"}, timeout=SECONDS)
    assert last.seq == 2
    await stream.delete_stream("edge-kept")


async def test_an_old_message_is_published_again_under_its_own_id_or_another(
    edge: NatsEdge, nats_server: NatsServer, connect: Connect
) -> None:
    subject = "manifests.rendered.edge.a"
    heard, client = await _heard(connect, nats_server, subject), await connect(edge.port)
    ids = {"Nats-Msg-Id": "an-id"}
    await client.publish(subject, b"old", headers=ids)
    await client.publish("not.remembered", b"never", headers=ids)
    await client.publish(subject, b"new", headers=ids)
    await client.flush()
    await heard.until(lambda bodies: len(bodies) == 2)
    for _ in range(10):
        assert edge.publish_again(1) == 1
    await heard.until(lambda bodies: len(bodies) == 12)
    assert set(heard.bodies[2:]) == {b"old", b"new"}
    assert edge.counts["old"] == 10


async def test_whoever_watches_holds_a_message_back_or_sees_it_gone(
    nats_server: NatsServer, connect: Connect
) -> None:
    told, watchers = list[tuple[str, str]](), Watchers()

    async def watch(effect: Effect, stage: str) -> None:
        told.append((effect.name, stage))
        if effect.name == "nats watched.no":
            raise ConnectionAbortedError

    watchers.add(watch)
    heard = await _heard(connect, nats_server, "watched.>")
    async with NatsEdge("one", nats_server.port, chance=random.Random(3), watchers=watchers) as edge:  # noqa: S311
        client = await connect(edge.port)
        await client.publish("watched.yes.a", b"yes")
        await heard.until(lambda bodies: bodies == [b"yes"])
        await client.publish("watched.no.a", b"no")
        async with asyncio.timeout(SECONDS):
            while len(told) < 3:
                await asyncio.sleep(0.01)
        assert told == [
            ("nats watched.yes", "before"),
            ("nats watched.yes", "after"),
            ("nats watched.no", "before"),
        ]
        await client.close()
    assert heard.bodies == [b"yes"]


async def test_commands_that_change_something_in_redis_are_told(redis_server: RedisServer) -> None:
    told, heard, watchers = list[tuple[str, str]](), list[bytes](), Watchers()

    async def watch(effect: Effect, stage: str) -> None:
        told.append((effect.name, stage))

    watchers.add(watch)

    def hear(_: str, content: bytes) -> None:
        heard.append(content)

    async with RedisEdge("one", redis_server.port, watchers=watchers, hear=hear) as edge:
        url = redis_server.url.replace(f":{redis_server.port}/", f":{edge.port}/")
        async with redis.asyncio.Redis.from_url(url) as client:
            await client.set("edge-key", "word" * 50000)
            assert await client.get("edge-key") == b"word" * 50000
            await client.delete("edge-key")
    assert told == [(f"redis {name}", stage) for name in ("SET", "DEL") for stage in ("before", "after")]
    assert heard and not any(redis_server.password.encode() in content for content in heard)
