"""A stream's clock is its own."""

import asyncio
from collections.abc import AsyncGenerator

import msgspec
import pytest

from fairlead.api_server.calls.pump import Pump
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.auth.errors import InvalidSessionError

ITEM = msgspec.Raw(b"{}")


class Client:
    """Where the stream goes; `reads` is unset for one that does not."""

    def __init__(self) -> None:
        self.is_gone = False
        self.got = 0
        self.beats = 0
        self.reads = asyncio.Event()
        self.reads.set()

    async def result(self, _: msgspec.Raw) -> None:
        await self.reads.wait()
        self.got += 1

    async def beat(self) -> None:
        self.beats += 1


class Stream:
    """Items without a pause, or none at all."""

    def __init__(self, *, busy: bool) -> None:
        self.busy = busy
        self.ended = False

    async def items(self) -> AsyncGenerator[msgspec.Raw | None, None]:
        try:
            while True:
                await asyncio.sleep(0.001 if self.busy else 3600)
                yield ITEM
        finally:
            self.ended = True


async def nothing() -> None:
    """The session holds."""


@pytest.mark.parametrize("busy", [True, False])
async def test_a_stream_ends_with_its_session_however_much_flows(busy: bool) -> None:
    looks = 0

    async def require() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise InvalidSessionError("it was revoked")

    client, stream = Client(), Stream(busy=busy)
    async with asyncio.timeout(120):
        with pytest.raises(InvalidSessionError):
            await Pump(client, require, beat=0.05).run(stream.items())
    assert stream.ended
    assert client.beats == 2
    assert bool(client.got) is busy


@pytest.mark.parametrize("busy", [True, False])
async def test_a_client_that_left_is_noticed_however_much_flows(busy: bool) -> None:
    client, stream = Client(), Stream(busy=busy)
    pumping = asyncio.create_task(Pump(client, nothing, beat=0.05).run(stream.items()))
    await asyncio.sleep(0.1)
    client.is_gone = True
    async with asyncio.timeout(120):
        await pumping
    assert stream.ended


async def test_a_connection_that_ended_ends_its_stream_without_waiting_for_the_clock() -> None:
    client, stream, left = Client(), Stream(busy=False), asyncio.Event()
    pumping = asyncio.create_task(Pump(client, nothing, beat=3600, left=left).run(stream.items()))
    await asyncio.sleep(0.1)
    left.set()
    async with asyncio.timeout(120):
        await pumping
    assert stream.ended


async def test_a_client_that_does_not_read_is_cut_off_and_told_why() -> None:
    client, stream = Client(), Stream(busy=True)
    client.reads.clear()
    async with asyncio.timeout(120):
        with pytest.raises(RefusalError, match="too slow") as raised:
            await Pump(client, nothing, beat=0.05, stall=0.2).run(stream.items())
    assert raised.value.code is Code.OUT_OF_RANGE
    assert stream.ended


async def test_what_the_stream_itself_raises_is_passed_on() -> None:
    async def items() -> AsyncGenerator[msgspec.Raw | None, None]:
        yield ITEM
        raise RefusalError(Code.UNKNOWN, "words")

    with pytest.raises(RefusalError, match="words"):
        await Pump(Client(), nothing).run(items())
