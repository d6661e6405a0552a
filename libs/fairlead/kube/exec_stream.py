"""A program that runs in a container, as its terminal meets it: the API server's exec over a WebSocket.

Each message begins with a byte that says which channel it is of: v4.channel.k8s.io, or v5, which is the same
beside a message that ends the program's input.
Invariant: what the program says is read only as fast as it is asked for.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import aiohttp
import msgspec

from fairlead.kube.errors import UnreachableError

PROTOCOLS: Final = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, RESIZE = range(5)
_OUTPUT = (STDOUT, STDERR)


class Message(Protocol):
    """One message of it."""

    @property
    def type(self) -> aiohttp.WSMsgType: ...

    @property
    def data(self) -> Any: ...


class Line(Protocol):
    """The WebSocket beneath."""

    async def receive(self) -> Message: ...

    async def send_bytes(self, data: bytes, compress: int | None = None) -> None: ...

    async def close(self) -> bool: ...


class _Status(msgspec.Struct, frozen=True):
    status: str = ""
    message: str = ""
    reason: str = ""


class ExecStream:
    """One run of a program. `problem` is known once its output has ended: "" when it ended well."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._status: _Status | None = None

    async def output(self) -> bytes:
        """What it says next; b"" once it has ended. Raises KubeError when the connection breaks before."""
        while True:
            message = await self._line.receive()
            if message.type is aiohttp.WSMsgType.BINARY:
                channel, data = message.data[0] if message.data else STDIN, message.data[1:]
                if channel in _OUTPUT and data:
                    return bytes(data)
                if channel == ERROR and data:
                    self._status = _status(data)
            elif self._status is not None:
                return b""
            elif message.type is not aiohttp.WSMsgType.TEXT:
                raise UnreachableError("the connection to the container broke", sent=True)

    @property
    def problem(self) -> str:
        """Why the program did not run, or how it ended, in the API server's words."""
        status = self._status
        if status is None or status.status == "Success":
            return ""
        return status.message or status.reason or "it failed"

    async def write(self, data: bytes) -> None:
        """Give it input. Raises KubeError."""
        await self._send(STDIN, data)

    async def resize(self, rows: int, columns: int) -> None:
        """Tell it the size of its terminal. Raises KubeError."""
        await self._send(RESIZE, msgspec.json.encode({"Width": columns, "Height": rows}))

    async def close(self) -> None:
        """Leave it: the API server ends it."""
        await self._line.close()

    async def _send(self, channel: int, data: bytes) -> None:
        try:
            await self._line.send_bytes(bytes([channel]) + data)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise UnreachableError("the connection to the container broke", sent=True) from error


def query_of(container: str, command: Sequence[str]) -> str:
    """The query of an exec with a terminal, which has one output for both."""
    fixed = [("container", container), ("stdin", "true"), ("stdout", "true"), ("tty", "true")]
    return urlencode([*fixed, *(("command", word) for word in command)])


def _status(data: bytes) -> _Status:
    try:
        return msgspec.json.decode(data, type=_Status)
    except msgspec.DecodeError:
        return _Status(status="Failure", message=data.decode(errors="replace")[:1024])
