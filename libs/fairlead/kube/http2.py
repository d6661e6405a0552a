"""One HTTP/2 connection that carries many endless answers: what the watches of a whole cluster need.

Why: over HTTP/1.1 each watch is a connection of its own, with its handshake, its buffers and its descriptor
on both sides; a cluster of a hundred kinds costs a hundred. The frames are h2's affair; here is who gets
what arrived, how much may arrive, and when a silent connection counts as dead.

Invariant: a stream ends exactly once, by its answer's end or with an error; when the connection ends, all of
its streams do.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final, cast

import msgspec
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings

from fairlead.kube.errors import RequestTimeoutError, UnreachableError

STREAM_BYTES: Final = 1024 * 1024
"""What may have arrived of one answer before its reader took it."""
CONNECTION_BYTES: Final = 16 * 1024 * 1024
"""The same of all answers; given back as they arrive, so that a reader that is slow holds up only itself."""
FRAME_BYTES: Final = 64 * 1024
PING_SECONDS: Final = 30.0
"""A connection on which nothing came for so long is asked whether it is there."""
PING_PATIENCE: Final = 15.0
IDLE_SECONDS: Final = 75.0
"""How long a connection without streams is kept."""

Headers = Sequence[tuple[str, str]]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The beginning of an answer; `length` in bytes where it is told, `is_packed` with gzip."""

    status: int
    retry_after: str | None = None
    length: int | None = None
    is_packed: bool = False


class Stream:
    """One answer on its way."""

    def __init__(self, taken: Callable[[int], None]) -> None:
        self._taken = taken
        self._chunks: deque[bytes] = deque()
        self._head: Head | None = None
        self._is_over = False
        self.was_cut = False
        self._error: Exception | None = None
        self._news: asyncio.Future[None] | None = None

    async def head(self, seconds: float) -> Head:
        """How the answer begins. Raises UnreachableError, RequestTimeoutError."""
        while self._head is None:
            if self._is_over:
                raise self._error or UnreachableError("the answer ended before it began")
            await self._wait(seconds)
        return self._head

    async def chunks(self, seconds: float) -> AsyncGenerator[bytes, None]:
        """What follows, until it ends. Raises as `head` does, after what had arrived."""
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._taken(len(chunk))
                yield chunk
            if self._is_over:
                if self._error is not None:
                    raise self._error
                return
            await self._wait(seconds)

    def begun(self, head: Head) -> None:
        self._head = head
        self._tell()

    def arrived(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._tell()

    def ended(self, error: Exception | None = None, *, cut: bool = False) -> None:
        """Nothing more comes; `cut` where the server had more to say, and wishes to say it elsewhere."""
        if not self._is_over:
            self._is_over, self._error, self.was_cut = True, error, cut
            self._tell()

    async def _wait(self, seconds: float) -> None:
        self._news = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._news
        except TimeoutError as error:
            raise RequestTimeoutError(f"no answer within {seconds:g} s") from error
        finally:
            self._news = None

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)


class Line(asyncio.Protocol):
    """One connection, from its first byte to its last."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._h2 = _connection()
        self._streams: dict[int, Stream] = {}
        self._owed: dict[int, int] = {}
        self._owed_in_all = 0
        self._lost: UnreachableError | None = None
        self._heard = self._used = 0.0
        self._pinged = False
        self._alarm: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = self._loop.create_future()

    @property
    def has_room(self) -> bool:
        """Whether one more stream can be opened."""
        most = self._h2.remote_settings.max_concurrent_streams
        return self._lost is None and len(self._streams) < most

    @property
    def is_gone(self) -> bool:
        return self._lost is not None

    def open(self, headers: Headers) -> tuple[int, Stream]:
        """Ask; `close` it in the end, whatever comes. Raises UnreachableError."""
        if not self.has_room:
            raise self._lost or UnreachableError(f"{self._server}: the connection takes no more", sent=False)
        try:
            number = self._h2.get_next_available_stream_id()
            self._h2.send_headers(number, headers, end_stream=True)
        except H2Error as error:
            raise UnreachableError(f"{self._server}: {error}", sent=False) from error
        stream = self._streams[number] = Stream(lambda size: self._took(number, size))
        self._flush()
        return number, stream

    def close(self, number: int) -> None:
        """No more of it is wanted."""
        self._used = self._loop.time()
        self._owed.pop(number, None)
        if self._streams.pop(number, None) is not None and self._lost is None:
            try:
                self._h2.reset_stream(number, ErrorCodes.CANCEL)
            except H2Error:
                return
            self._flush()

    def end(self) -> None:
        """Close the connection and all that runs over it."""
        self._lose(UnreachableError(f"{self._server}: the connection was closed"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's over TLS is one by its methods alone
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(CONNECTION_BYTES)
        self._flush()
        self._heard = self._used = self._loop.time()
        self._alarm = self._loop.call_later(PING_SECONDS, self._look)

    def data_received(self, data: bytes) -> None:
        self._heard, self._pinged = self._loop.time(), False
        try:
            events = self._h2.receive_data(data)
            for event in events:
                self._take(event)
            if self._lost is None and self._owed_in_all >= CONNECTION_BYTES // 4:
                self._h2.increment_flow_control_window(self._owed_in_all)
                self._owed_in_all = 0
        except H2Error as error:
            self._lose(UnreachableError(f"{self._server}: the connection broke: {error}"))
            return
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(UnreachableError(f"{self._server}: the connection broke: {exc or 'it was closed'}"))

    def _take(self, event: Event) -> None:
        if isinstance(event, DataReceived):
            size, data = event.flow_controlled_length or 0, event.data or b""
            self._owed_in_all += size
            stream = self._streams.get(event.stream_id)
            if stream is not None and data:
                stream.arrived(data)
            if size > len(data):
                self._took(event.stream_id, size - len(data))
        elif isinstance(event, ResponseReceived):
            stream = self._streams.get(event.stream_id)
            if stream is not None:
                stream.begun(_head(event))
        elif isinstance(event, StreamEnded):
            self._over(event.stream_id, None)
        elif isinstance(event, StreamReset):
            code = getattr(event.error_code, "name", event.error_code)
            self._over(event.stream_id, UnreachableError(f"{self._server}: the answer was cut: {code}"))
        elif isinstance(event, RemoteSettingsChanged):
            if not self.ready.done():
                self.ready.set_result(None)
        elif isinstance(event, ConnectionTerminated):
            self._dismissed(event.last_stream_id or 0)

    def _over(self, number: int, error: Exception | None, *, cut: bool = False) -> None:
        stream = self._streams.pop(number, None)
        self._owed.pop(number, None)
        if stream is not None:
            stream.ended(error, cut=cut)

    def _dismissed(self, last: int) -> None:
        """The server wants another connection instead, which is no failure: answers that had begun end here,
        cut, and those it never saw may be asked for again."""
        for number in list(self._streams):
            unseen = UnreachableError(f"{self._server}: the server closed the connection", sent=False)
            self._over(number, unseen if number > last else None, cut=True)
        self._lose(UnreachableError(f"{self._server}: the server closed the connection"))

    def _took(self, number: int, size: int) -> None:
        """A reader took so much of a stream: as much more may come."""
        if number not in self._streams:
            return
        owed = self._owed.get(number, 0) + size
        if owed < STREAM_BYTES // 2:
            self._owed[number] = owed
            return
        self._owed[number] = 0
        try:
            self._h2.increment_flow_control_window(owed, number)
        except H2Error:
            return
        self._flush()

    def _look(self) -> None:
        """Ask a silent connection for a sign of life, and close one that gives none or serves nobody."""
        if self._lost is not None:
            return
        now = self._loop.time()
        silent = now - self._heard
        if not self._streams and now - self._used >= IDLE_SECONDS:
            self.end()
            return
        if self._pinged and silent >= PING_SECONDS + PING_PATIENCE:
            self._lose(UnreachableError(f"{self._server}: the connection is dead: no answer to a ping"))
            return
        if silent >= PING_SECONDS and not self._pinged:
            self._pinged = True
            self._h2.ping(b"fairlead")
            self._flush()
        wait = PING_PATIENCE if self._pinged else max(PING_SECONDS - silent, 1.0)
        self._alarm = self._loop.call_later(wait, self._look)

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and self._lost is None:
            self._transport.write(data)

    def _lose(self, error: UnreachableError) -> None:
        if self._lost is not None:
            return
        self._lost = error
        if self._alarm is not None:
            self._alarm.cancel()
        if not self.ready.done():
            self.ready.set_exception(error)
            self.ready.exception()
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.ended(error)
        self._transport.close()


def _connection() -> H2Connection:
    connection = H2Connection(H2Configuration(client_side=True, header_encoding=None))
    connection.local_settings = Settings(
        client=True,
        initial_values={
            SettingCodes.ENABLE_PUSH: 0,
            SettingCodes.INITIAL_WINDOW_SIZE: STREAM_BYTES,
            SettingCodes.MAX_FRAME_SIZE: FRAME_BYTES,
        },
    )
    connection.max_inbound_frame_size = FRAME_BYTES
    return connection


def _head(event: ResponseReceived) -> Head:
    found = {bytes(name): bytes(value).decode(errors="replace") for name, value in event.headers or ()}
    length = found.get(b"content-length", "")
    return Head(
        status=int(found.get(b":status", "0")),
        retry_after=found.get(b"retry-after"),
        length=int(length) if length.isdecimal() else None,
        is_packed=found.get(b"content-encoding") == "gzip",
    )
