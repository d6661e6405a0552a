"""Connections through one proxy that is encrypted itself, or speaks SOCKS.

Why: aiohttp opens tunnels through plain HTTP proxies only, and takes the server's authorities for the
proxy's. Invariant: the proxy is connected to at an address that was checked, unless the operator chose it.

Sources: RFC 1928 and 1929 (SOCKS 5), RFC 9110 §9.3.6 (CONNECT).
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler

from fairlead.matching.networks import Networks
from fairlead.outbound.errors import OutboundTransientError
from fairlead.outbound.names import reachable

CONNECT_SECONDS = 15.0
"""Seconds until a connection through the proxy stands."""
MAX_HEAD = 16 << 10
"""Bytes of a proxy's answer to CONNECT."""
_SOCKS = frozenset({"socks5", "socks5h"})
_NOTHING, _PASSWORD = 0, 2
"""Ways in which a SOCKS server is shown who we are."""


class Tunnels(aiohttp.TCPConnector):
    """A connector whose connections all go through `proxy`; `networks` None lets it be anywhere."""

    def __init__(
        self, proxy: str, networks: Networks | None, context: ssl.SSLContext, *, idle: float
    ) -> None:
        super().__init__(resolver=_ByName(), use_dns_cache=False, keepalive_timeout=idle, limit=0)
        parts = urlsplit(proxy)
        self._scheme = parts.scheme
        self._place = (parts.hostname or "", parts.port or 0)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._networks = networks
        self._context = context

    async def _wrap_create_connection(
        self, *_: Any, addr_infos: list[Any], req: aiohttp.ClientRequest, **more: Any
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        host, port = addr_infos[0][4][:2]
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await self._opened()
            try:
                speak = self._socks if self._scheme in _SOCKS else self._connect
                await speak(reader, writer, host, port)
                if (context := more.get("ssl")) is not None:
                    await writer.start_tls(context, server_hostname=host)
            except BaseException:
                writer.transport.abort()
                raise
        protocol = _Held(self._loop, writer)
        writer.transport.set_protocol(protocol)
        protocol.connection_made(writer.transport)
        return cast(asyncio.Transport, writer.transport), protocol

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._place
        address = (await reachable(host, port, self._networks))[0] if self._networks is not None else host
        if self._scheme == "https":
            return await asyncio.open_connection(
                address, port, ssl=self._context, server_hostname=host, limit=MAX_HEAD
            )
        return await asyncio.open_connection(address, port, limit=MAX_HEAD)

    async def _connect(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
    ) -> None:
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
        if self._user or self._password:
            shown = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
            lines.append(f"Proxy-Authorization: Basic {shown}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await writer.drain()
        try:
            status = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError) as error:
            raise self._refusal("its answer is not understood") from error
        if not status.startswith(b"2"):
            raise self._refusal(f"status {status[:3].decode('ascii', 'replace')}")

    async def _socks(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
    ) -> None:
        offers = bytes([_NOTHING, _PASSWORD]) if self._user else bytes([_NOTHING])
        try:
            writer.write(bytes([5, len(offers)]) + offers)
            version, chosen = await reader.readexactly(2)
            if version != 5 or chosen not in offers:
                raise self._refusal("it does not take us for who we are")
            if chosen == _PASSWORD:
                user, password = self._user.encode()[:255], self._password.encode()[:255]
                writer.write(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
                if (await reader.readexactly(2))[1] != 0:
                    raise self._refusal("it does not take us for who we are")
            writer.write(b"\x05\x01\x00" + _address(host) + port.to_bytes(2, "big"))
            _, reply, _, kind = await reader.readexactly(4)
            if reply != 0:
                raise self._refusal(f"it cannot reach {host}, code {reply}")
            length = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
            await reader.readexactly(length + 2)
        except asyncio.IncompleteReadError as error:
            raise self._refusal("its answer breaks off") from error

    def _refusal(self, why: str) -> OutboundTransientError:
        return OutboundTransientError(f"the proxy {self._place[0]} does not let us through: {why}")


class _Held(ResponseHandler):
    """Keeps the stream alive that its transport came from: it would close the transport with itself."""

    def __init__(self, loop: asyncio.AbstractEventLoop, writer: asyncio.StreamWriter) -> None:
        super().__init__(loop)
        self._held_writer = writer


class _ByName(AbstractResolver):
    """Leaves names to the proxy."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=host, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        return None


def _address(host: str) -> bytes:
    """A host as SOCKS writes one."""
    try:
        packed = ip_address(host).packed
    except ValueError:
        name = host.encode("idna")[:255]
        return bytes([3, len(name)]) + name
    return (b"\x01" if len(packed) == 4 else b"\x04") + packed
