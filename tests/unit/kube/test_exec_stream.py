"""What an exec's messages mean, channel by channel."""

import aiohttp
import msgspec
import pytest

from fairlead.kube.errors import UnreachableError
from fairlead.kube.exec_stream import ExecStream, query_of

CLOSED = aiohttp.WSMessage(aiohttp.WSMsgType.CLOSED, None, None)


class Line:
    """A WebSocket that says what it was given."""

    def __init__(self, *said: bytes) -> None:
        self.said = [aiohttp.WSMessage(aiohttp.WSMsgType.BINARY, each, None) for each in said]
        self.sent: list[bytes] = []
        self.is_closed = False

    async def receive(self) -> aiohttp.WSMessage:
        return self.said.pop(0) if self.said else CLOSED

    async def send_bytes(self, data: bytes, compress: int | None = None) -> None:
        if self.is_closed:
            raise aiohttp.ClientConnectionResetError("closed")
        self.sent.append(data)

    async def close(self) -> bool:
        self.is_closed = True
        return True


def failure(message: str, reason: str = "InternalError") -> bytes:
    return b"\x03" + msgspec.json.encode({"status": "Failure", "message": message, "reason": reason})


async def test_output_and_errors_of_a_terminal_are_one_and_empty_messages_are_none() -> None:
    stream = ExecStream(Line(b"\x01", b"\x01one", b"\x02two", b'\x03{"status":"Success"}'))
    assert [await stream.output() for _ in range(3)] == [b"one", b"two", b""]
    assert stream.problem == ""


async def test_why_nothing_ran_is_told_in_the_servers_words() -> None:
    stream = ExecStream(Line(failure("no such file")))
    assert await stream.output() == b""
    assert stream.problem == "no such file"
    stream = ExecStream(Line(b"\x03exec failed"))
    assert await stream.output() == b""
    assert stream.problem == "exec failed"


async def test_a_connection_that_ends_without_a_word_broke() -> None:
    stream = ExecStream(Line(b"\x01one"))
    assert await stream.output() == b"one"
    with pytest.raises(UnreachableError):
        await stream.output()


async def test_input_and_sizes_go_on_channels_of_their_own() -> None:
    line = Line()
    stream = ExecStream(line)
    await stream.write(b"ls\r")
    await stream.resize(24, 80)
    assert line.sent == [b"\x00ls\r", b'\x04{"Width":80,"Height":24}']
    await stream.close()
    with pytest.raises(UnreachableError):
        await stream.write(b"more")


def test_the_query_asks_for_a_terminal_with_one_output() -> None:
    assert query_of("main", ["sh", "-c", "a b"]) == (
        "container=main&stdin=true&stdout=true&tty=true&command=sh&command=-c&command=a+b"
    )
