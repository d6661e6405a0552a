"""Connections to the backends of extensions: as many and as long as is configured.

Invariant: connections are those of one configuration of one extension; those of a former one end with the
last request that uses them.
"""

import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp

from fairlead.settings.proxy_extensions import ProxyExtension

MAX_CONNECTIONS = 64
"""Of one extension at once; further requests wait."""


class Lent(NamedTuple):
    """A session, and whether the connection is to be closed after its request."""

    session: aiohttp.ClientSession
    is_last: bool


class _Pool:
    def __init__(self, extension: ProxyExtension) -> None:
        self.in_flight = 0
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=MAX_CONNECTIONS,
                keepalive_timeout=extension.idle_seconds,
                socket_factory=_probed(extension.keep_alive_seconds),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=extension.connect_seconds),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            trust_env=False,
        )


class Backends:
    """The connections of this process."""

    def __init__(self) -> None:
        self._pools: dict[ProxyExtension, _Pool] = {}

    @asynccontextmanager
    async def lent(
        self, extension: ProxyExtension, configured: Collection[ProxyExtension]
    ) -> AsyncIterator[Lent]:
        """A session for one request; connections of what is configured no longer are closed by the way."""
        pool = self._pools.get(extension)
        if pool is None:
            pool = self._pools[extension] = _Pool(extension)
        pool.in_flight += 1
        try:
            yield Lent(pool.session, pool.in_flight > extension.max_idle)
        finally:
            pool.in_flight -= 1
            await self._tidy(configured)

    async def _tidy(self, configured: Collection[ProxyExtension]) -> None:
        gone = [
            known for known, pool in self._pools.items() if known not in configured and not pool.in_flight
        ]
        for pool in [self._pools.pop(known) for known in gone]:
            await pool.session.close()

    async def close(self) -> None:
        """End all connections."""
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.session.close()


def _probed(seconds: float) -> Any:
    """Makes sockets whose idle connections are probed every so many seconds."""

    def made(address: Any) -> socket.socket:
        family, kind, protocol, *_ = address
        one = socket.socket(family, kind, protocol)
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):
            option = getattr(socket, name, None)
            if option is not None:
                one.setsockopt(socket.IPPROTO_TCP, option, max(1, round(seconds)))
        return one

    return made
