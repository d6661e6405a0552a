"""`/api/v1/streams`: all streams of a page over one WebSocket.

Why: over HTTP/1.1 browsers open six connections to a host, and a stream holds one for as long as it lives, so
that the seventh tab waits for ever; WebSockets are not counted among these. The invariant: what is carried is
what the stream's own address would answer as server-sent events, to the same caller, within the same bounds;
and a connection lives no longer than the session it was opened with. Messages are in docs/api.md.
"""

import asyncio
import sys
import time
from contextlib import suppress

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from yarl import URL

from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.outcome import refusal_of
from fairlead.api_server.calls.places import Places
from fairlead.api_server.calls.pump import BEAT
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest import identify, origin
from fairlead.api_server.rest.carried import Carried
from fairlead.api_server.rest.errors import response_of, status_of
from fairlead.api_server.rest.pace import Pace
from fairlead.api_server.rest.question import Asked
from fairlead.api_server.rest.stream import Stream, Streams
from fairlead.api_server.rest.writer import EVENT_STREAM

PATH = "/api/v1/streams"
METHOD = "/fairlead.StreamService/Carry"
"""What records and counts call a connection; what it carries has records of its own."""
MAX_CARRIERS = 512
"""Connections open at once."""
MAX_CARRIERS_OF_ONE = 128
"""Connections that one account may have open; a browser has one for each tab that is seen."""
MAX_OF_CARRIER = 32
"""Streams of one connection."""
MAX_FRAME = 16 << 10
"""Bytes of one message of a client, as of the line of a request."""
IDLE = 60.0
"""Seconds that a connection without a stream is kept."""
CLOSE_SECONDS = 2.0
CLOSED = 4000
"""A connection that is refused to go on is closed with this and an HTTP status."""
MAX_REASON = 120
"""Bytes of the reason of a close."""
HELLO = b'{"hello":1}'
"""The first message: that messages come through, which a handshake does not say of what is in between."""


class _Said(msgspec.Struct, frozen=True):
    """A message of a client: open a stream by this number, or close it."""

    open: int = 0
    close: int = 0
    address: str = ""


_SAID = msgspec.json.Decoder(_Said)


class Carriers:
    """All such connections."""

    def __init__(self, backend: Backend, streams: Streams) -> None:
        self._backend = backend
        self._streams = streams
        self._places = Places(MAX_CARRIERS, MAX_CARRIERS_OF_ONE, what="connections for streams", gauge=None)
        self._lines: set[web.WebSocketResponse] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one."""
        call = Call(METHOD, "websocket")
        line = _line()
        try:
            caller = await self._let_in(request, line)
            call.of(caller)
            with self._places.taken(caller):
                await line.prepare(request)
                call.started()
                self._lines.add(line)
                try:
                    await _Carrier(self._backend, self._streams, caller, line, request).run()
                finally:
                    self._lines.discard(line)
        except ConnectionError:
            call.dropped()
            return web.Response()
        except Exception as error:
            refusal = refusal_of(error)
            call.refused(refusal)
            return response_of(refusal)
        call.answered()
        return line

    async def _let_in(self, request: web.Request, line: web.WebSocketResponse) -> Caller:
        """Who asks. Raises RefusalError."""
        if not origin.is_our_page(request, self._backend.control.settings.login.urls):
            raise RefusalError(Code.PERMISSION_DENIED, origin.REFUSED)
        caller = await identify.caller_of(request, self._backend.identities, is_public=False)
        if not line.can_prepare(request):
            raise RefusalError(Code.INVALID_ARGUMENT, "streams are carried over a WebSocket")
        return caller

    async def close(self, _: web.Application) -> None:
        """The process ends: tell all of them, so that they come back to another."""
        going = [asyncio.create_task(_close(line, WSCloseCode.GOING_AWAY)) for line in self._lines]
        if going:
            await asyncio.wait(going)


class _Carrier:
    """One connection, with its streams by the numbers that the client gave them."""

    def __init__(
        self,
        backend: Backend,
        streams: Streams,
        caller: Caller,
        line: web.WebSocketResponse,
        request: web.Request,
    ) -> None:
        self._backend = backend
        self._streams = streams
        self._caller = caller
        self._line = line
        self._request = request
        self._pace = Pace(request)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._used = time.monotonic()

    async def run(self) -> None:
        """Return when either side has ended it."""
        with suppress(ConnectionError):
            await self._line.send_frame(HELLO, WSMsgType.TEXT)
        listening = asyncio.create_task(self._listen())
        code, reason = int(WSCloseCode.OK), b""
        try:
            while not listening.done():
                await asyncio.wait({listening}, timeout=BEAT)
                if not listening.done() and not await self._is_wanted():
                    break
            if listening.done():
                listening.result()
        except Exception as error:
            refusal = refusal_of(error)
            code, reason = CLOSED + status_of(refusal), refusal.message.encode()
        finally:
            tasks = [listening, *self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not await _close(self._line, code, reason):
            self._pace.cut()

    async def _is_wanted(self) -> bool:
        """Whether it has had a stream lately. Raises RefusalError once the session has ended."""
        await self._backend.identities.require(self._caller)
        if self._tasks:
            self._used = time.monotonic()
        return time.monotonic() - self._used < IDLE

    async def _listen(self) -> None:
        """Take messages, no more than are answered to a client that reads what it asked for."""
        async for message in self._line:
            await self._pace.room()
            if message.type is WSMsgType.PING:
                await self._line.pong(message.data)
            if message.type in {WSMsgType.PING, WSMsgType.PONG}:
                continue
            said = _read(message.data) if message.type is WSMsgType.TEXT else None
            if said is None or said.open in self._tasks:
                raise RefusalError(Code.INVALID_ARGUMENT, "a message cannot be read")
            if said.open:
                self._open(said.open, said.address)
            elif said.close in self._tasks:
                self._tasks[said.close].cancel()

    def _open(self, number: int, address: str) -> None:
        is_full = len(self._tasks) >= MAX_OF_CARRIER
        self._tasks[number] = task = asyncio.create_task(self._stream(number, address, is_full=is_full))
        task.add_done_callback(lambda _: self._tasks.pop(number, None))

    async def _stream(self, number: int, address: str, *, is_full: bool) -> None:
        outlet = Carried(self._line, self._request, self._pace, number)
        call = Call(METHOD, "websocket")
        call.of(self._caller)
        try:
            stream, asked = self._found(address, is_full=is_full)
            call = Call(stream.name, "websocket")
            call.of(self._caller)
            await self._streams.carry(stream, asked, outlet, call)
            await outlet.end()
        except (ConnectionError, asyncio.CancelledError):
            call.dropped()
            outlet.forget()
        except Exception as error:
            refusal = refusal_of(error)
            call.refused(refusal)
            with suppress(ConnectionError):
                await outlet.refuse(refusal)

    def _found(self, address: str, *, is_full: bool) -> tuple[Stream, Asked]:
        if is_full:
            raise RefusalError(Code.FAILED_PRECONDITION, "too many streams are open; close some")
        try:
            url = URL(address, encoded=True)
            found = None if url.absolute else self._streams.at(url.path_safe)
        except ValueError:
            found = None
        if found is None or url.query.get("download"):
            raise RefusalError(Code.NOT_FOUND, "there is no stream that can be carried at this address")
        stream, places = found
        return stream, Asked(url, places, {"Accept": EVENT_STREAM})


def _read(text: str) -> _Said | None:
    try:
        said = _SAID.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return said if (said.open > 0) != (said.close > 0) else None


def _line() -> web.WebSocketResponse:
    """It writes at once what it is given; whoever gives it something waits for `Pace.room` before."""
    return web.WebSocketResponse(
        timeout=CLOSE_SECONDS,
        autoping=False,
        max_msg_size=MAX_FRAME,
        compress=False,
        writer_limit=sys.maxsize,
    )


async def _close(line: web.WebSocketResponse, code: int, reason: bytes = b"") -> bool:
    """Whether the client took it within a time."""
    message = reason[:MAX_REASON].decode(errors="ignore").encode()
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await line.close(code=code, message=message)
    except (ConnectionError, TimeoutError):
        return False
    return True
