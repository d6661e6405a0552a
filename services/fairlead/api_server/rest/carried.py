"""One stream of several over a WebSocket.

The invariant: a client that does not read makes a stream hold `PIECE` bytes and one item, and nothing more.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import msgspec
from aiohttp import WSMsgType, web

from fairlead.api_server.operations.refusal import RefusalError
from fairlead.api_server.rest.connection import left
from fairlead.api_server.rest.errors import body_of, status_of
from fairlead.api_server.rest.pace import Pace

PIECE = 32 << 10
"""Bytes that are gathered into one message at most, unless a single item is longer."""


class Carried:
    """Sends the bytes of the stream that the client numbered so. What is written within one turn of the loop
    goes in one message: a log tells many lines at once, and a browser takes its time for each message."""

    def __init__(self, line: web.WebSocketResponse, request: web.Request, pace: Pace, number: int) -> None:
        self._line = line
        self._request = request
        self._pace = pace
        self._number = number
        self._gathered: list[bytes] = []
        self._size = 0
        self._sending = asyncio.Lock()
        self._soon: asyncio.Task[None] | None = None
        self._is_over = False
        self.left = left(request)

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""
        transport = self._request.transport
        return self._line.closed or transport is None or transport.is_closing()

    async def open(self, _: Mapping[str, str]) -> None:
        """Say that it was let begin."""
        await self._tell(status=200)

    async def write(self, data: bytes) -> None:
        """Send some."""
        self._gathered.append(data)
        self._size += len(data)
        if self._size >= PIECE:
            await self._send()
        elif self._soon is None:
            self._soon = asyncio.create_task(self._send_soon())

    async def end(self) -> None:
        """Say that nothing more will come."""
        if not self._is_over:
            self._is_over = True
            await self._send()
            await self._tell(end=True)

    async def refuse(self, refusal: RefusalError) -> None:
        """Say why it was not let begin."""
        self._is_over = True
        await self._tell(status=status_of(refusal), body=body_of(refusal).decode())

    def forget(self) -> None:
        """Nobody wants what was not sent yet."""
        self._is_over = True
        self._gathered.clear()

    def abort(self) -> None:
        """Cut the connection, and with it all that it carries."""
        self._pace.cut()

    async def _send_soon(self) -> None:
        with suppress(ConnectionError):
            while self._gathered:
                await self._send()
        self._soon = None

    async def _send(self) -> None:
        async with self._sending:
            await self._pace.room()
            found, self._gathered, self._size = self._gathered, [], 0
            if found:
                await self._line.send_frame(b"".join((b"%d\n" % self._number, *found)), WSMsgType.TEXT)

    async def _tell(self, **said: object) -> None:
        await self._pace.room()
        await self._line.send_frame(msgspec.json.encode({"stream": self._number, **said}), WSMsgType.TEXT)
