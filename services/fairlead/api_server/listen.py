"""The port of the API: looks at a connection's first bytes before anybody speaks on it.

Why: one port is reached in several ways, and only its first bytes tell which. The bytes are looked at, not
taken, so whoever serves the connection reads them itself. Invariant: a stranger holds one of a stated number
of places, none for longer than `FIRST_BYTES` without sending something, and none that somebody else needs.
"""

import asyncio
import asyncio.sslproto
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

import structlog
from aiohttp import web

from fairlead.api_server.grpc.connection import Http2
from fairlead.api_server.rest.connection import Server
from fairlead.api_server.strangers import CONNECTIONS_OF_ONE, Strangers
from fairlead.metrics import Counter

log = structlog.get_logger(__name__)

BACKLOG = 512
"""Connections that may wait to be accepted."""
CONNECTIONS = 2048
"""Connections that may be open; a further one takes the place of a stranger's, or is closed at once. Over TLS
one that asks nothing yet holds about 80 KiB, so that all of them fit into the memory the chart gives."""
TLS_BUFFER = 32 * 1024
"""Bytes that a connection over TLS is read in; asyncio's own 256 KiB are held by each, idle ones as well."""
FIRST_BYTES = 10.0
"""Seconds from a connection to its first bytes, and again to the end of its TLS handshake."""
ACCEPT_AGAIN = 0.2
"""Seconds until connections are accepted again after the machine refused one."""
MAX_HEADER_BYTES = 8 * 1024
"""Of a request that is only sent elsewhere."""
SENT_ELSEWHERE = 10.0
"""Seconds that such a connection stays."""
LAST_CALL = 2.0
"""Seconds that calls over HTTP/2 are given when the process ends."""
PREFACE = b"PRI "
"""How every connection of HTTP/2 begins; no method of HTTP/1.1 does."""
_TLS_HANDSHAKE = 0x16

asyncio.sslproto.SSLProtocol.max_size = TLS_BUFFER

REFUSED = Counter("fairlead_api_connections_refused", "Connections closed unserved", ["reason"])


Makes = Callable[[], asyncio.Protocol]


def strangers() -> Strangers:
    """The connections of a server on which nobody is known."""
    return Strangers("connection", of_one=CONNECTIONS_OF_ONE, in_all=CONNECTIONS)


class Opening(asyncio.Protocol):
    """A connection of which it is not known yet which HTTP it speaks: what TLS agreed on says it, or else its
    first bytes, since clients of HTTP/2 that know whom they meet begin with a preface. `arrived` is what it
    was among strangers until now."""

    def __init__(
        self,
        http: Makes,
        http2: Makes | None,
        waiting: "set[Opening]",
        strangers: Strangers,
        arrived: object,
    ) -> None:
        self._arrived = arrived
        self._http = http
        self._http2 = http2
        self._waiting = waiting
        self._strangers = strangers
        self._head = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by their class
        self._waiting.add(self)
        peer = transport.get_extra_info("peername")
        self._strangers.left(self._arrived)
        self._strangers.came(transport, str(peer[0]) if peer else "", self._transport.abort)
        secured = transport.get_extra_info("ssl_object")
        agreed = secured.selected_alpn_protocol() if secured is not None else None
        if agreed is not None:
            self._become((self._http2 if agreed == "h2" else None) or self._http)
        elif self._http2 is None:
            self._become(self._http)
        else:
            self._timer = asyncio.get_running_loop().call_later(FIRST_BYTES, self.close)

    def data_received(self, data: bytes) -> None:
        """Look at the first bytes, and hand them on."""
        self._head += data
        if not PREFACE.startswith(self._head[: len(PREFACE)]):
            self._become(self._http)
        elif len(self._head) >= len(PREFACE):
            self._become(self._http2 or self._http)

    def connection_lost(self, exc: BaseException | None) -> None:
        """It ended before it was known."""
        self._forget()
        self._strangers.left(self._transport)

    def close(self) -> None:
        """End it."""
        REFUSED.labels("silent").inc()
        self._transport.close()

    def _become(self, make: Makes) -> None:
        self._forget()
        protocol = make()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        if self._head:
            protocol.data_received(self._head)

    def _forget(self) -> None:
        self._waiting.discard(self)
        if self._timer is not None:
            self._timer.cancel()


class Listener:
    """Accepts connections for `server` and `http2`, over TLS with `context`, else in plain text."""

    def __init__(
        self,
        server: web.Server,
        http2: Http2 | None,
        context: ssl.SSLContext | None,
        strangers: Strangers,
    ) -> None:
        self._server = server
        self._http2 = http2
        self._context = context
        self._strangers = strangers
        self._opening: set[Opening] = set()
        self._elsewhere = Server(
            _to_https,
            strangers=strangers,
            access_log=None,
            keepalive_timeout=SENT_ELSEWHERE,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )
        self._beginning: set[asyncio.Task[None]] = set()

    async def run(self, listening: socket.socket) -> None:
        """Accept for ever."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(listening)
            except OSError as error:  # out of file descriptors, mostly
                log.warning("api.accept.failed", error=str(error))
                await asyncio.sleep(ACCEPT_AGAIN)
                continue
            if self._open >= CONNECTIONS and not self._strangers.make_room():
                REFUSED.labels("full").inc()
                connection.close()
                continue
            task = asyncio.create_task(self._begin(connection))
            self._beginning.add(task)
            self._strangers.came(task, str(peer[0]) if peer else "", task.cancel)
            task.add_done_callback(self._begun)

    def _begun(self, task: "asyncio.Task[None]") -> None:
        self._beginning.discard(task)
        self._strangers.left(task)

    async def close(self) -> None:
        """End connections on which nothing was served yet, and those that are only sent elsewhere."""
        for task in self._beginning:
            task.cancel()
        await asyncio.gather(*self._beginning, return_exceptions=True)
        for opening in list(self._opening):
            opening.close()
        await self._elsewhere.shutdown(0)
        if self._http2 is not None:
            await self._http2.shutdown(LAST_CALL)

    @property
    def _open(self) -> int:
        served = len(self._server.connections) + len(self._elsewhere.connections)
        served += len(self._http2.connections) if self._http2 is not None else 0
        return served + len(self._beginning) + len(self._opening)

    async def _begin(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            async with asyncio.timeout(FIRST_BYTES):
                first = await _peek(connection)
        except (TimeoutError, OSError):
            REFUSED.labels("silent").inc()
            connection.close()
            return
        except asyncio.CancelledError:
            connection.close()
            raise
        await self._hand_over(connection, first)

    async def _hand_over(self, connection: socket.socket, first: bytes) -> None:
        is_tls = first[:1] == bytes([_TLS_HANDSHAKE])
        if not first or (is_tls and self._context is None):
            REFUSED.labels("not HTTP").inc()
            connection.close()
            return
        loop = asyncio.get_running_loop()
        is_served = is_tls or self._context is None
        http, http2 = (self._server, self._http2) if is_served else (self._elsewhere, None)
        opening = partial(
            Opening, http, http2, self._opening, self._strangers, arrived=asyncio.current_task()
        )
        try:
            if is_tls:
                await loop.connect_accepted_socket(
                    opening, connection, ssl=self._context, ssl_handshake_timeout=FIRST_BYTES
                )
            else:
                await loop.connect_accepted_socket(opening, connection)
        except (OSError, ssl.SSLError, TimeoutError):  # it went away, or its handshake failed
            REFUSED.labels("handshake").inc()


@asynccontextmanager
async def listening(
    runner: web.AppRunner,
    context: ssl.SSLContext | None,
    *,
    address: str,
    port: int,
    http2: Http2 | None = None,
    known_by: Strangers | None = None,
) -> AsyncIterator[None]:
    """Serve a runner, which is set up, and HTTP/2 on a port while the block runs. Both tell `known_by` of
    connections on which somebody is known."""
    server = runner.server
    if server is None:
        raise RuntimeError("the runner was not set up")
    sock = await asyncio.to_thread(_bound, address, port)
    listener = Listener(server, http2, context, strangers() if known_by is None else known_by)
    accepting = asyncio.create_task(listener.run(sock))
    try:
        yield
    finally:
        accepting.cancel()
        await asyncio.gather(accepting, return_exceptions=True)
        sock.close()
        await listener.close()


def _bound(address: str, port: int) -> socket.socket:
    family, kind, protocol, _, place = socket.getaddrinfo(
        address or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(place)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


async def _peek(connection: socket.socket) -> bytes:
    """The first byte, left where it is; empty when the other side has closed."""
    loop = asyncio.get_running_loop()
    readable = loop.create_future()

    def is_readable() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(connection.fileno(), is_readable)
    try:
        await readable
    finally:
        loop.remove_reader(connection.fileno())
    return connection.recv(1, socket.MSG_PEEK)


async def _to_https(request: web.BaseRequest) -> web.StreamResponse:
    """Plain HTTP on a port of TLS is sent to the same address over TLS (contract 14)."""
    if request.headers.get("Host"):
        answer = web.Response(status=307, headers={"Location": f"https://{request.host}{request.path_qs}"})
    else:
        answer = web.Response(status=400, text="a request has to name its Host\n")
    answer.force_close()
    return answer
