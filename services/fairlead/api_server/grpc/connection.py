"""One HTTP/2 connection, within bounds that hold before anybody is known.

Invariants: what is read is taken in slices, and others have their turn before the next when a few took long;
frames that make us work and carry nothing are paid for; a connection on which nothing is asked is closed.
Streams, headers and windows are bounded by the settings that the client is told. A server that ends says
which call was the last it takes, answers those up to it, and does nothing for a later one, which its client
then asks elsewhere.
"""

import asyncio
import contextlib
from typing import cast

from grpclib.config import Configuration
from grpclib.protocol import H2Protocol
from h2.config import H2Configuration
from h2.errors import ErrorCodes
from h2.events import RequestReceived
from h2.exceptions import ProtocolError

from fairlead.api_server.grpc.allowance import Allowance, FloodError
from fairlead.api_server.grpc.invoke import Invoker
from fairlead.api_server.grpc.native import Calls
from fairlead.api_server.strangers import Strangers
from fairlead.metrics import Counter

SLICE = 512
"""Bytes that are taken at once: the heads of 34 calls at most, about 10 ms."""
TURN = 0.005
"""Seconds after which others have their turn before the next slice."""
MAX_HELD = 64 << 10
"""Bytes of a frame, or of a head in several, that is not whole yet; a frame has at most 16 KiB."""
IDLE = 300.0
"""Seconds a connection stays on which nothing is asked."""
SILENT = 60.0
"""Seconds a connection stays on which nothing was ever asked."""
LOOK_AGAIN = 15.0
FAREWELL = 1.0
"""Seconds a connection has to close once the server ends."""
KEEP_ALIVE = 30.0
"""Seconds between pings of ours to a client that has a stream open."""
KEEP_ALIVE_TIMEOUT = 20.0

CUT = Counter("fairlead_api_http2_cut", "HTTP/2 connections ended by us", ["reason"])

_WINDOW = (1 << 16) - 1
_CONFIG = Configuration(
    _keepalive_time=KEEP_ALIVE,
    _keepalive_timeout=KEEP_ALIVE_TIMEOUT,
    _http2_max_pings_without_data=0,
    _http2_min_sent_ping_interval_without_data=KEEP_ALIVE / 2,
    http2_connection_window_size=_WINDOW,
    http2_stream_window_size=_WINDOW,
).__for_server__()


class Http2:
    """Makes connections, and ends them all together. Tells `strangers` on which of them somebody is known."""

    def __init__(self, invoker: Invoker, strangers: Strangers | None = None) -> None:
        self.invoker = invoker
        self.strangers = strangers
        self.connections: set[Connection] = set()

    def __call__(self) -> "Connection":
        """The protocol of a new connection."""
        return Connection(self)

    async def shutdown(self, seconds: float) -> None:
        """Tell all clients to go elsewhere, and give calls that run so long to end."""
        await asyncio.gather(*(connection.finish(seconds) for connection in list(self.connections)))


class Connection(H2Protocol):
    """One connection."""

    def __init__(self, owner: Http2) -> None:
        self._calls = Calls(owner.invoker, self._address, self._is_known)
        super().__init__(self._calls, _CONFIG, H2Configuration(client_side=False, header_encoding=None))
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._gone = asyncio.Event()
        self._waiting = bytearray()
        self._is_behind = False
        self._timer: asyncio.TimerHandle | None = None
        self._last_call: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by their class
        self._owner.connections.add(self)
        self._asked = asyncio.get_running_loop().time()
        super().connection_made(transport)
        self._allowance = Allowance(self.connection)
        self._look()

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that others would have to wait for too long are taken later, in their order."""
        self._waiting += data
        if not self._is_behind:
            self._work()

    def _work(self) -> None:
        loop = asyncio.get_running_loop()
        until, at = loop.time() + TURN, 0
        while at < len(self._waiting) and self._is_open:
            self._take(bytes(self._waiting[at : at + SLICE]))
            at += SLICE
            if loop.time() >= until:
                break
        del self._waiting[:at]
        was_behind, self._is_behind = self._is_behind, bool(self._waiting) and self._is_open
        if self._transport is None or not self._is_open:
            self._waiting.clear()
        elif self._is_behind:
            loop.call_soon(self._work)
            if not was_behind:
                self._transport.pause_reading()
        elif was_behind:
            self._transport.resume_reading()

    @property
    def _is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def _take(self, data: bytes) -> None:
        try:
            events = self.connection.feed(data)
        except FloodError:
            self._cut("flood", None)
            return
        except ProtocolError:
            self._cut("protocol", None)
            return
        if self._held() > MAX_HELD:
            self._cut("large", ErrorCodes.FRAME_SIZE_ERROR)
            return
        for event in events:
            if isinstance(event, RequestReceived) and self._is_too_late(event):
                continue
            with contextlib.suppress(NotImplementedError):  # an event that says nothing to us
                self.processor.process(event)
        if not self.connection.is_closing():
            self.connection.flush()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        self._is_known()
        self._owner.connections.discard(self)
        self._gone.set()
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    async def finish(self, seconds: float) -> None:
        """Take no more calls, let those that run end, and be gone."""
        self._take_no_more()
        await self._calls.finished(seconds)
        self.processor.close("the server ends")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await self._gone.wait()
        if self._transport is not None:
            self._transport.abort()

    def _take_no_more(self) -> None:
        """Name the last call that is taken. To h2 a goodbye is the end, after which it sends no answer."""
        with contextlib.suppress(AttributeError):  # it was closed already
            inner = self.connection._connection
            self._last_call = inner.highest_inbound_stream_id
            state = inner.state_machine.state
            self._say_goodbye(ErrorCodes.NO_ERROR)
            inner.state_machine.state = state

    def _is_too_late(self, event: RequestReceived) -> bool:
        if self._last_call is None or event.stream_id <= self._last_call:
            return False
        with contextlib.suppress(ProtocolError):
            self.connection._connection.reset_stream(event.stream_id, ErrorCodes.REFUSED_STREAM)
        return True

    def _held(self) -> int:
        """Bytes of a frame or a head that is not whole yet; h2 itself waits for all of them, up to 16 MiB."""
        incoming = self.connection._connection.incoming_buffer
        return len(incoming._data) + sum(len(frame.data) for frame in incoming._headers_buffer)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._calls.open:
            self._asked = now
        if now - self._asked >= (IDLE if self.connection.streams_started else SILENT):
            self._cut("idle", ErrorCodes.NO_ERROR)
        else:
            self._timer = loop.call_later(LOOK_AGAIN, self._look)

    def _cut(self, reason: str, code: ErrorCodes | None) -> None:
        CUT.labels(reason).inc()
        if code is None:
            self.connection.flush()  # what h2 has to say about it
        else:
            self._say_goodbye(code)
        self.processor.close(reason)

    def _say_goodbye(self, code: ErrorCodes) -> None:
        with contextlib.suppress(ProtocolError, AttributeError):
            self.connection._connection.close_connection(error_code=code)
            self.connection.flush()

    def _is_known(self) -> None:
        """It is a stranger's no longer."""
        if self._owner.strangers is not None:
            self._owner.strangers.left(self._transport)

    def _address(self) -> str:
        peer = self._transport.get_extra_info("peername") if self._transport is not None else None
        return str(peer[0]) if peer else ""
