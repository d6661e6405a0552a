"""What may lie between a browser and its server: it lets no WebSocket through, cuts, or falls silent."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from playwright.async_api import Page

STREAMS = re.compile(r"/api/v1/streams$")
REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HEAD = 64 << 10


async def fetched_only(page: Page) -> None:
    """Let no WebSocket through: streams are fetched, and a test may answer in their stead."""
    await page.route_web_socket(STREAMS, lambda line: line.close())


class Gate:
    """Passes connections on to a server; `refuses` is whether WebSockets are refused, `asked` counts them."""

    def __init__(self, server: str) -> None:
        self._server = urlsplit(server)
        self.address = ""
        self.refuses = False
        self.asked = 0
        self.carried = 0
        """Of those, the ones that are open."""
        self.fetched = 0
        """Streams that were asked for without one."""
        self._passing = asyncio.Event()
        self._passing.set()
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """End all connections."""
        for writer in self._writers:
            writer.transport.abort()

    def hold(self) -> None:
        """Nothing that the server says comes through any more, and nobody is told."""
        self._passing.clear()

    def release(self) -> None:
        """It does again."""
        self._passing.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a browser."""
        first = await reader.read(HEAD)
        is_socket = b"upgrade: websocket" in first.lower()
        self.asked += is_socket
        if is_socket and self.refuses:
            writer.write(REFUSED)
        elif first:
            self.carried += is_socket
            await self._pass(first, reader, writer)
            self.carried -= is_socket
        with suppress(OSError):
            writer.close()

    async def _pass(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(self._server.hostname, self._server.port)
        ends = {writer, forth}
        self._writers |= ends
        self._count(first)
        forth.write(first)
        both = [asyncio.create_task(self._up(reader, forth)), asyncio.create_task(self._down(back, writer))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            self._writers -= ends
            for one in ends:
                one.transport.abort()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(HEAD):
            self._count(data)
            writer.write(data)
            await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(HEAD):
            await self._passing.wait()
            writer.write(data)
            await writer.drain()

    def _count(self, data: bytes) -> None:
        self.fetched += data.startswith(b"GET /") and b"\r\nAccept: text/event-stream\r\n" in data


@asynccontextmanager
async def gate(server: str) -> AsyncIterator[Gate]:
    """A gate before a server, at an address of the same host, while the block runs."""
    found = Gate(server)
    host = urlsplit(server).hostname or ""
    listening = await asyncio.start_server(found.serve, host, 0)
    found.address = f"http://{host}:{listening.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        listening.close()
        found.release()
        found.cut()
