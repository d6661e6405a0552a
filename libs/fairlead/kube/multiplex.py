"""The HTTP/2 connections to one API server: as few as its limit of streams allows, opened as they are needed.

A server, or what stands before it, that does not speak HTTP/2 is found out by the handshake: then nothing was
asked yet, and whoever wanted a stream takes a connection of HTTP/1.1 instead.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohappyeyeballs import start_connection

from fairlead.kube.connection import Connection, ssl_context
from fairlead.kube.errors import UnreachableError
from fairlead.kube.http2 import Headers, Line, Stream
from fairlead.kube.reach import guarded_socket

HTTP2, HTTP1 = "h2", "http/1.1"
HTTPS_PORT = 443
NEXT_ADDRESS_SECONDS = 0.25
"""After which the next address of a host is tried beside one that has not answered."""


class NoHttp2Error(Exception):
    """The server speaks HTTP/1.1 only."""


class Multiplex:
    """Streams to one server under one trust. All methods belong to one loop."""

    def __init__(self, connection: Connection, connect_seconds: float) -> None:
        self._connection = connection
        self._seconds = connect_seconds
        self._tls: ssl.SSLContext | None = None
        self._lines: list[Line] = []
        self._coming: asyncio.Task[None] | None = None
        self._speaks = connection.server.startswith("https://") and not connection.proxy_url
        address = urlsplit(connection.server)
        self._authority, self._root = address.netloc.rpartition("@")[2], address.path.rstrip("/")
        self._is_closed = False

    @property
    def may_speak(self) -> bool:
        """Whether the server is known, or believed, to speak HTTP/2. Through a proxy it is not asked."""
        return self._speaks

    @asynccontextmanager
    async def get(self, path: str, headers: Headers) -> AsyncGenerator[Stream, None]:
        """The answer to one question. Raises UnreachableError, and NoHttp2Error before anything was asked."""
        line = await self._line()
        asked = [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", self._authority),
            (":path", self._root + path),
            *((name.lower(), value) for name, value in headers),
        ]
        number, stream = line.open(asked)
        try:
            yield stream
        finally:
            line.close(number)

    def close(self) -> None:
        """End all of them, for good; who waits for one is told so."""
        self._is_closed = True
        if self._coming is not None:
            self._coming.cancel()
        for line in self._lines:
            line.end()

    async def _line(self) -> Line:
        """One with room. Of many who need another, one opens it, and its failure is that of all of them."""
        while not self._is_closed:
            self._lines = [line for line in self._lines if not line.is_gone]
            for line in self._lines:
                if line.has_room:
                    return line
            if self._coming is None:
                self._coming = asyncio.create_task(self._come())
            coming = self._coming
            await asyncio.wait({coming})
            if coming.cancelled():
                break
            coming.result()
        raise UnreachableError(f"{self._connection.server}: the client is closed", sent=False)

    async def _come(self) -> None:
        try:
            line = await self._opened()
            self._lines.append(line)  # the list of now: those who wait have put another in its place
        finally:
            self._coming = None

    async def _opened(self) -> Line:
        server = self._connection.server
        try:
            async with asyncio.timeout(self._seconds):
                line = await self._handshake()
                await _readied(line)
        except TimeoutError as error:
            raise UnreachableError(f"{server}: no connection in time", sent=False) from error
        except OSError as error:
            raise UnreachableError(f"{server}: {error}", sent=False) from error
        if not line.has_room:
            line.end()
            raise UnreachableError(f"{server}: a new connection takes no stream", sent=False)
        return line

    async def _handshake(self) -> Line:
        """The socket is the loop's from the moment it is handed over, whatever comes of it: closed here, its
        number would soon be another connection's, and what the loop still does with it done to that."""
        loop, server = asyncio.get_running_loop(), urlsplit(self._connection.server)
        if self._tls is None:
            self._tls = ssl_context(self._connection)
            self._tls.set_alpn_protocols([HTTP2, HTTP1])
        connected = await start_connection(
            await loop.getaddrinfo(server.hostname, server.port or HTTPS_PORT, type=socket.SOCK_STREAM),
            happy_eyeballs_delay=NEXT_ADDRESS_SECONDS,
            socket_factory=guarded_socket if self._connection.is_declared else None,
        )
        transport, line = await loop.create_connection(
            lambda: Line(self._connection.server),
            sock=connected,
            ssl=self._tls,
            server_hostname=self._connection.server_name or server.hostname,
        )
        chosen = transport.get_extra_info("ssl_object").selected_alpn_protocol()
        if chosen != HTTP2:
            self._speaks = False
            line.end()
            raise NoHttp2Error
        return line


async def _readied(line: Line) -> None:
    """Until the server said what it takes; a connection on which that does not come is ended."""
    try:
        await line.ready
    except BaseException:
        line.end()
        raise
