"""Floods of frames: each costs its sender the connection, and nobody else a turn of the loop."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import Event, StreamEnded

from fairlead.api_server.grpc import allowance
from fairlead.api_server.strangers import CALLS_OF_CONNECTION, CALLS_OF_ONE
from fairlead.local.ports import LOOPBACK
from tests.integration.api_server.conftest import Door
from tests.integration.api_server.test_http2 import (
    DEADLINE,
    HEADERS,
    VERSION,
    Raw,
    port_of,
    still_answers,
)
from tests.lag import Lag

HELD = 0.05
"""Seconds of processor time that one turn of the loop may take."""
ATTEMPTS = 3
"""A collection of garbage may fall into one turn; what holds the loop holds it each time."""
MANY = 20_000
ASK_VERSION = [(key, VERSION if key == ":path" else value) for key, value in HEADERS]
DATA, HEAD, PRIORITY, RESET, SETTINGS, PUSH, PING, AWAY, WINDOW, CONTINUED = range(10)


def frame(kind: int, content: bytes = b"", *, flags: int = 0, stream: int = 0) -> bytes:
    """A frame of HTTP/2."""
    return struct.pack("!I", len(content))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + content


FLOODS = {
    "windows of the connection": (frame(WINDOW, struct.pack("!I", 1)), 0),
    "windows of a stream": (frame(WINDOW, struct.pack("!I", 1), stream=1), 0),
    "kinds that nobody knows": (frame(0x77), 0),
    "answers to settings": (frame(SETTINGS, flags=1), 0),
    "answers to pings": (frame(PING, bytes(8), flags=1), 0),
    "ends of a stream that ended": (frame(RESET, bytes(4), stream=1), 0),
    "alternatives": (frame(0x0A, bytes(2)), 0),
    "data of one byte": (frame(DATA, b"\x00", stream=1), 0),
    "data of a stream that was taken back": (frame(DATA, b"x", stream=1), 1),
    "trailers of a stream that was taken back": (frame(HEAD, b"\x82", flags=5, stream=1), 1),
}


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_ends_its_connection_and_holds_nobody_up(name: str, door: Door) -> None:
    one, is_taken_back = FLOODS[name]
    longest = []
    for _ in range(ATTEMPTS):
        async with Lag() as lag:
            async with Raw(port_of(door)) as raw:
                raw.h2.send_headers(1, ASK_VERSION)
                await raw.flush(frame(RESET, struct.pack("!I", 8), stream=1) if is_taken_back else b"")
                with contextlib.suppress(ConnectionError):
                    await raw.flush(one * MANY)
                await raw.read()
                assert raw.goodbye in (
                    ErrorCodes.ENHANCE_YOUR_CALM,
                    ErrorCodes.FLOW_CONTROL_ERROR,
                    ErrorCodes.STREAM_CLOSED,
                    ErrorCodes.PROTOCOL_ERROR,
                    None,
                )
            longest.append(lag.taken())
        if longest[-1] < HELD:
            break
    assert min(longest) < HELD, longest
    await still_answers(door)


def burst(port: int, calls: int) -> int:
    """How many of so many calls, whose heads come in one piece, are answered; asked beside the loop."""
    h2 = H2Connection(H2Configuration(client_side=True))
    h2.initiate_connection()
    for number in range(calls):
        h2.send_headers(2 * number + 1, ASK_VERSION, end_stream=True)
    ended = 0
    with socket.create_connection((LOOPBACK, port), timeout=DEADLINE) as connection:
        connection.sendall(h2.data_to_send())
        while ended < calls and (data := connection.recv(1 << 16)):
            ended += sum(isinstance(event, StreamEnded) for event in h2.receive_data(data))
    return ended


async def test_heads_of_many_calls_in_one_piece_are_taken_with_others_in_between(door: Door) -> None:
    longest = []
    for _ in range(ATTEMPTS):
        async with Lag() as lag:
            assert await asyncio.to_thread(burst, port_of(door), 90) == 90
        longest.append(lag.longest)
        if longest[-1] < HELD:
            break
    assert min(longest) < HELD, longest


async def test_a_client_that_opens_windows_as_it_reads_is_no_flood(door: Door) -> None:
    """The stock client opens a window for each quarter of it that it has read."""
    async with Raw(port_of(door)) as raw:
        headers = [(k, "/application.ApplicationService/List" if k == ":path" else v) for k, v in HEADERS]
        for number in range(3 * int(allowance.AT_ONCE)):
            stream = 2 * number + 1
            raw.h2.send_headers(stream, [*headers, ("token", door.token)])
            raw.h2.send_data(stream, bytes(5), end_stream=True)
            await raw.flush()
            ended: Callable[[Event], bool] = (  # noqa: E731
                lambda event, stream=stream: (
                    type(event).__name__ == "StreamEnded" and event.stream_id == stream
                )
            )
            await raw.read(ended)
            if number % 5 == 0:
                raw.h2.increment_flow_control_window(100)
            assert raw.goodbye is None


@asynccontextmanager
async def waiting(door: Door, calls: int) -> AsyncIterator[list[Raw]]:
    """Connections with calls of strangers whose requests do not come."""
    async with AsyncExitStack() as stack:
        found = []
        while calls > 0:
            raw = await stack.enter_async_context(Raw(port_of(door)))
            for number in range(min(calls, CALLS_OF_CONNECTION)):
                raw.h2.send_headers(2 * number + 1, ASK_VERSION)
            await raw.flush()
            calls -= CALLS_OF_CONNECTION
            found.append(raw)
        yield found


def answered(raw: Raw) -> dict[int, str]:
    """The status of each call of a connection that has one."""
    return {
        event.stream_id: dict(event.headers)["grpc-status"]
        for event in raw.events
        if "grpc-status" in dict(getattr(event, "headers", None) or ())
    }


async def test_a_connection_has_few_calls_of_whom_nobody_is_known(door: Door) -> None:
    async with waiting(door, CALLS_OF_CONNECTION) as [raw]:
        raw.h2.send_headers(201, ASK_VERSION)
        await raw.flush()
        await raw.read(lambda event: getattr(event, "stream_id", 0) == 201)
        assert answered(raw) == {201: "14"}
    await still_answers(door)


async def test_the_stranger_who_waits_longest_gives_way_and_a_new_one_is_answered(door: Door) -> None:
    async with asyncio.timeout(DEADLINE), waiting(door, CALLS_OF_ONE) as connections:
        async with Raw(port_of(door)) as raw:
            raw.h2.send_headers(1, ASK_VERSION)
            raw.h2.send_data(1, bytes(5), end_stream=True)
            await raw.flush()
            await raw.read(lambda event: type(event).__name__ == "TrailersReceived")
            assert answered(raw) == {1: "0"}
        first = connections[0]
        await first.read(lambda event: getattr(event, "stream_id", 0) == 1)
        assert answered(first) == {1: "14"}
