"""A forward proxy as companies have one: CONNECT, and whole addresses for what is not encrypted.

What serves is real: sockets, and TLS with `ssl`. Who connects where is written down.
"""

import asyncio
import base64
import contextlib
import ssl
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_WANTED = (
    b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n'
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)


class ForwardProxy:
    """Listens on loopback. With `user` and `password` it wants them. `names` are known to it alone: the host
    and port behind a name and port."""

    def __init__(
        self,
        *,
        user: str = "",
        password: str = "",
        names: dict[tuple[str, int], tuple[str, int]] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.asked: list[str] = []
        self.headers: list[str] = []
        self._wanted = base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""
        self._names = names or {}
        self._tls = tls
        self._server: asyncio.Server
        self.port = 0
        self._serving: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._serving:
            writer.transport.abort()
        await asyncio.sleep(0.01)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """SOCKS 5 with a password or without, by name alone."""
        offers = await reader.readexactly((await reader.readexactly(1))[0])
        chosen = 2 if self._wanted else 0
        writer.write(bytes([5, chosen if chosen in offers else 255]))
        if chosen == 2 and 2 in offers:
            _, size = await reader.readexactly(2)
            user = await reader.readexactly(size)
            password = await reader.readexactly((await reader.readexactly(1))[0])
            is_right = base64.b64encode(user + b":" + password).decode() == self._wanted
            writer.write(bytes([1, 0 if is_right else 1]))
            if not is_right:
                return
        *_, kind, size = await reader.readexactly(5)
        host = (await reader.readexactly(size)).decode() if kind == 3 else "an address"
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append(f"SOCKS {host}:{port}")
        inward, outward = await asyncio.open_connection(*self._names.get((host, port), (host, port)))
        self._serving.add(outward)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        try:
            await asyncio.gather(_copy(reader, outward), _copy(inward, writer))
        finally:
            outward.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(writer)
        await self._speak(reader, writer)
        self._serving.discard(writer)
        writer.close()

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            first = await reader.readexactly(1)
            if first == b"\x05":
                await self._socks(reader, writer)
                return
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
            self.headers.append(head)
            line, *headers = head.split("\r\n")
            method, place, _ = line.split(" ")
            self.asked.append(f"{method} {place}")
            if self._wanted and f"Basic {self._wanted}\r\n" not in head:
                writer.write(_WANTED)
                await writer.drain()
            else:
                await self._carry(method, place, headers, reader, writer)

    async def _carry(
        self,
        method: str,
        place: str,
        headers: list[str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        parts = urlsplit(f"//{place}" if method == "CONNECT" else place)
        host, port = parts.hostname or "", parts.port or 80
        inward, outward = await asyncio.open_connection(*self._names.get((host, port), (host, port)))
        self._serving.add(outward)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
        else:
            kept = [line for line in headers if not line.lower().startswith(("proxy-", "connection"))]
            path = parts._replace(scheme="", netloc="").geturl() or "/"
            outward.write("\r\n".join([f"{method} {path} HTTP/1.1", "Connection: close", *kept]).encode())
        try:
            await asyncio.gather(_copy(reader, outward), _copy(inward, writer))
        finally:
            outward.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.close()
