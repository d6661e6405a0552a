"""NATS and Redis as they are started here: with their limits, over restarts, wiped or not."""

import asyncio
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError
from redis.asyncio import Redis

from fairlead.local.errors import ServerStartError
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import LOOPBACK
from fairlead.local.redis_server import RedisServer

USERS = 'authorization { users: [ {user: "one", password: "pw", permissions: {publish: "mine.>"}} ] }'


async def connected(server: NatsServer, *, user: str | None = None, password: str | None = None) -> Client:
    client = Client()
    await client.connect(server.url, allow_reconnect=False, user=user, password=password)
    return client


async def make_stream(server: NatsServer) -> None:
    client = await connected(server)
    await client.jetstream().add_stream(StreamConfig(name="KEPT", subjects=["kept.>"]))
    await client.jetstream().publish("kept.one", b"1")
    await client.close()


async def count_messages(server: NatsServer) -> int:
    client = await connected(server)
    try:
        return (await client.jetstream().stream_info("KEPT")).state.messages
    finally:
        await client.close()


async def ask(port: int, line: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(line)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_streams_outlive_a_restart_and_a_crash_but_not_a_wipe(tmp_path: Path) -> None:
    async with NatsServer(tmp_path / "nats") as server:
        await make_stream(server)
        await server.restart()
        assert await count_messages(server) == 1
        await server.kill()
        await server.start()
        assert await count_messages(server) == 1
        await server.restart(wipe=True)
        with pytest.raises(NotFoundError):
            await count_messages(server)


async def test_users_of_the_caller_are_enforced(tmp_path: Path) -> None:
    async with NatsServer(tmp_path / "nats", users=USERS) as server:
        assert b"Authorization Violation" in await ask(server.port, b"CONNECT {}\r\nPING\r\n")
        client = await connected(server, user="one", password="pw")
        await client.close()


async def test_a_broken_configuration_is_told_with_the_servers_words(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match="nats ended while starting"):
        await NatsServer(tmp_path / "nats", users="authorization {").start()


async def test_redis_wants_its_password_and_forgets_over_a_restart(tmp_path: Path) -> None:
    async with RedisServer(tmp_path / "redis") as server:
        async with Redis.from_url(server.url) as client:
            await client.set("key", "value")
        assert (await ask(server.port, b"PING\r\n")).startswith(b"-NOAUTH")
        await server.restart()
        async with Redis.from_url(server.url) as client:
            assert await client.get("key") is None
