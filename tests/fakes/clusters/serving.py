"""Many clusters of one process, each at a port of its own.

Invariant: over TLS a client that offers HTTP/2 gets it where it was switched on; without TLS one that begins
with its preface does.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from typing import cast

from fairlead.local.pki import Pki
from fairlead.local.ports import LOOPBACK
from tests.fakes.clusters.cluster import Cluster
from tests.fakes.clusters.http1 import Http1
from tests.fakes.clusters.http2 import Http2
from tests.fakes.clusters.population import Population
from tests.fakes.clusters.watching import BOOKMARK_SECONDS, Watches

PREFACE = b"PRI * HTTP/2.0"


class _First(asyncio.Protocol):
    """A connection whose protocol is not known yet."""

    def __init__(self, cluster: Cluster, *, http2: bool) -> None:
        self._cluster, self._http2 = cluster, http2
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        secure = self._transport.get_extra_info("ssl_object")
        if secure is not None:
            self._become(is_second=secure.selected_alpn_protocol() == "h2")
        elif not self._http2:
            self._become(is_second=False)

    def data_received(self, data: bytes) -> None:
        self._become(is_second=data.startswith(PREFACE)).data_received(data)

    def _become(self, *, is_second: bool) -> Http1 | Http2:
        protocol = Http2(self._cluster) if is_second else Http1(self._cluster)
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        return protocol


class Served:
    """Clusters that are being served; `ports` in their order."""

    def __init__(self, clusters: Sequence[Cluster], servers: Sequence[asyncio.Server]) -> None:
        self.clusters = clusters
        self.ports = [server.sockets[0].getsockname()[1] for server in servers]


@contextlib.asynccontextmanager
async def serving(
    numbers: Sequence[int],
    population: Population,
    *,
    pki: Pki | None = None,
    http2: bool = False,
    bookmark_seconds: float = BOOKMARK_SECONDS,
) -> AsyncIterator[Served]:
    """Clusters of these numbers; over TLS with the certificate of `pki`."""
    watches = Watches(bookmark_seconds)
    clusters = [Cluster(number, population, watches) for number in numbers]
    context = _context(pki, http2=http2) if pki is not None else None
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(_factory(cluster, http2=http2), LOOPBACK, 0, ssl=context, backlog=256)
        for cluster in clusters
    ]
    try:
        yield Served(clusters, servers)
    finally:
        watches.close()
        for server in servers:
            server.close()


def _factory(cluster: Cluster, *, http2: bool):  # type: ignore[no-untyped-def]
    return lambda: _First(cluster, http2=http2)


def _context(pki: Pki, *, http2: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.server.certificate, pki.server.key)
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    return context
