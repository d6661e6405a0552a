"""The streams beside the store that NATS is given: they fit what the topology asks for, or it is said."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fairlead.bus import Bus, BusConfig, topology
from fairlead.bus.permissions import server_authorization
from fairlead.local.nats_server import NatsServer

PASSWORDS = {grant.service: f"{grant.service}-password" for grant in topology.GRANTS}
GIBIBYTE = 1 << 30


def config(server: NatsServer) -> BusConfig:
    service = topology.CONTROLLER
    return BusConfig(url=server.url, service=service, user=service, password=PASSWORDS[service])


async def test_all_streams_fit_the_store_that_the_topology_asks_for(tmp_path: Path) -> None:
    users = server_authorization(PASSWORDS)
    async with NatsServer(tmp_path, users=users, max_file_bytes=topology.file_store_bytes()) as server:
        bus = await Bus.connect(config(server))
        for stream in topology.STREAMS:
            assert (await bus.jetstream.stream_info(stream.name)).config.max_bytes == stream.max_bytes
        await bus.close()


def test_a_volume_of_two_gibibytes_holds_the_store() -> None:
    assert topology.file_store_bytes() < topology.volume_bytes() <= 2 * GIBIBYTE


async def test_a_store_that_is_too_small_is_said_in_words_and_waited_for(tmp_path: Path) -> None:
    users = server_authorization(PASSWORDS)
    async with NatsServer(tmp_path, users=users, max_file_bytes=GIBIBYTE // 4) as server:
        with capture_logs() as lines:
            bus = await Bus.opening(config(server))
            async with asyncio.timeout(60):
                while not any(line["event"] == "bus.streams.missing" for line in lines):
                    await asyncio.sleep(0.05)
        words = next(str(line["error"]) for line in lines if line["event"] == "bus.streams.missing")
        assert "which reserves" in words
        assert f"max_file_store has to be {topology.file_store_bytes() >> 20} MiB" in words
        await bus.close()


async def test_a_bus_that_is_still_opening_says_that_nats_is_away(tmp_path: Path) -> None:
    server = NatsServer(tmp_path, users=server_authorization(PASSWORDS))
    bus = await Bus.opening(config(server))
    assert not bus.is_connected
    async with server:
        async with asyncio.timeout(60):
            while not bus.is_connected:
                await asyncio.sleep(0.05)
        await bus.close()


@pytest.mark.parametrize("stream", topology.STREAMS, ids=lambda stream: stream.name)
def test_every_stream_reserves_a_stated_number_of_bytes(stream: topology.Stream) -> None:
    assert stream.max_bytes > 0
