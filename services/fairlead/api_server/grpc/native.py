"""The calls of one HTTP/2 connection: headers, who asks, the request, the answer, a status at the end.

Invariant: of a call that is refused by its headers no byte of the body is kept; each call ends with a status
or with its stream, whatever goes wrong in it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from grpclib.protocol import AbstractHandler, Stream
from h2.exceptions import ProtocolError

from fairlead.api_server.calls.outcome import refusal_of
from fairlead.api_server.grpc.frames import ENDED_WITHIN, HEAD, escaped, head_of_next, seconds_of
from fairlead.api_server.grpc.inflate import ACCEPTED, inflated, require_encoding
from fairlead.api_server.grpc.invoke import Invoker
from fairlead.api_server.grpc.version import require_client
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest.identify import token_of_headers
from fairlead.api_server.strangers import CALLS_OF_CONNECTION
from fairlead.events.trace import HEADER as TRACE
from fairlead.events.trace import Trace, following
from fairlead.process.body import MIN_RATE, SECONDS, BusyError, Held, TooSlowError

CONTENT = "application/grpc"
PIECE = 64 << 10
"""Bytes of a message that are waited for at a time; each is counted before it is asked for."""
WINDOW = 1 << 20
"""Bytes that a caller who is known may have on their way beyond what strangers may."""
_OK = 0

RawHeaders = list[tuple[bytes | str, bytes | str]]


class Calls(AbstractHandler):
    """The calls of one connection from `address`; `is_known` is told when it is known whose it is."""

    def __init__(self, invoker: Invoker, address: Callable[[], str], is_known: Callable[[], None]) -> None:
        self._invoker = invoker
        self._address = address
        self._is_known = is_known
        self._unknown: set[object] = set()
        self._tasks: dict[Stream, asyncio.Task[None]] = {}

    @property
    def open(self) -> int:
        """Calls that are being answered."""
        return len(self._tasks)

    def accept(self, stream: Stream, headers: Any, release_stream: Callable[[], Any]) -> None:
        """A call begins."""
        task = asyncio.create_task(self._serve(stream, _read(headers), release_stream))
        self._tasks[stream] = task
        task.add_done_callback(lambda _: self._tasks.pop(stream, None))

    def cancel(self, stream: Stream) -> None:
        """Its client has gone away from it."""
        task = self._tasks.get(stream)
        if task is not None:
            task.cancel()

    def close(self) -> None:
        """The connection is lost."""
        for task in list(self._tasks.values()):
            task.cancel()

    async def finished(self, seconds: float) -> None:
        """Return when all calls have ended, or after so long; those that have not are cut off."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=seconds)
        self.close()

    async def _serve(self, stream: Stream, headers: dict[str, str], release: Callable[[], Any]) -> None:
        outlet = _Outlet(stream)
        try:
            with following(Trace.parse(headers.get(TRACE))):
                refusal = await self._answered(stream, headers, outlet)
            await outlet.end(refusal)
        except (ProtocolError, ConnectionError):
            pass  # the stream or its connection ended meanwhile
        finally:
            with contextlib.suppress(KeyError, ProtocolError, AttributeError):
                release()

    async def _answered(
        self, stream: Stream, headers: dict[str, str], outlet: "_Outlet"
    ) -> RefusalError | None:
        path = headers.get(":path", "")
        call = self._invoker.call(path, "grpc", self._address())
        try:
            _require_grpc(headers)
            method = self._invoker.method(path)
            require_client(headers.get("user-agent", ""))
            encoding = require_encoding(headers.get("grpc-encoding", ""))
            seconds = seconds_of(headers.get("grpc-timeout", ""))
            async with self._unknown_until() as is_known:
                found = await self._invoker.identify(method, token_of_headers(headers), self._address())
                call.of(found.caller)
                outlet.renewed = found.renewed
                if found.caller.is_trusted:
                    is_known()
                    self._is_known()
                if not method.is_public:
                    _widen(stream)
                with Held(self._invoker.budget(method)) as held:
                    messages = _followed(_messages(stream, method.body_bytes, held, encoding), is_known)
                    await self._invoker.run(method, call, messages, outlet, seconds=seconds)
        except (ProtocolError, ConnectionError, asyncio.CancelledError):
            call.dropped()
            raise
        except Exception as error:
            refusal = refusal_of(error)
            call.refused(refusal)
            return refusal
        call.answered()
        return None

    @asynccontextmanager
    async def _unknown_until(self) -> AsyncIterator[Callable[[], None]]:
        """Run a call of whom nobody is known until it is said that it is, or that its request is whole; until
        then others may make it end. Raises BusyError."""
        if len(self._unknown) >= CALLS_OF_CONNECTION:
            raise BusyError
        call, loop = object(), asyncio.get_running_loop()

        def is_known() -> None:
            self._unknown.discard(call)
            self._invoker.strangers.left(call)

        try:
            async with asyncio.timeout(None) as patience:
                self._unknown.add(call)
                self._invoker.strangers.came(call, self._address(), lambda: patience.reschedule(loop.time()))
                yield is_known
        except TimeoutError:
            if patience.expired():
                raise BusyError from None
            raise
        finally:
            is_known()


async def _followed(messages: AsyncIterator[bytes], done: Callable[[], None]) -> AsyncIterator[bytes]:
    """The same, and a word once all are there."""
    async for message in messages:
        yield message
    done()


def _read(headers: RawHeaders) -> dict[str, str]:
    """Headers as text; of those that come again the first counts."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("latin-1") if isinstance(name, bytes) else name
        found.setdefault(key, value.decode("latin-1") if isinstance(value, bytes) else value)
    return found


def _require_grpc(headers: dict[str, str]) -> None:
    content = headers.get("content-type", "")
    if headers.get(":method") != "POST" or content.partition(";")[0].partition("+")[0] != CONTENT:
        raise RefusalError(Code.INVALID_ARGUMENT, f"invalid gRPC request content-type {content[:100]!r}")


def _widen(stream: Stream) -> None:
    """Let a caller who is known send faster."""
    h2 = stream._h2_connection
    with contextlib.suppress(ProtocolError):
        if h2.inbound_flow_control_window < WINDOW:
            h2.increment_flow_control_window(WINDOW)
        h2.increment_flow_control_window(WINDOW, stream.id)
        stream.connection.flush()


async def _messages(stream: Stream, limit: int, held: Held, encoding: str) -> AsyncIterator[bytes]:
    """The messages of a request, together at most `limit` bytes, the frames of all but the last included, and
    of a compressed one both what came and what it becomes.

    Raises BodyError, RefusalError.
    """
    heads = 0
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def read(size: int) -> bytes:
        try:
            async with asyncio.timeout_at(started + SECONDS + held.size / MIN_RATE):
                return await stream.recv_data(size)
        except TimeoutError:
            raise TooSlowError from None
        except AssertionError:
            raise RefusalError(Code.INVALID_ARGUMENT, ENDED_WITHIN) from None

    while (head := await head_of_next(read, limit - held.size - heads, encoding)) is not None:
        heads += HEAD.size
        message = bytearray()
        while len(message) < head.size:
            piece = min(PIECE, head.size - len(message))
            held.take(piece)
            came = await read(piece)
            if not came:
                raise RefusalError(Code.INVALID_ARGUMENT, ENDED_WITHIN)
            message += came
        data = bytes(message)
        yield await inflated(data, limit - held.size - heads, held.take) if head.is_compressed else data


class _Outlet:
    """Answers one call on its stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._is_open = False
        self.renewed = ""

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""
        return not self._stream.closable

    @property
    def left(self) -> None:
        """The call is cancelled when the client leaves."""

    async def frames(self, data: bytes) -> None:
        """Send messages that are framed, headers first."""
        await self.beat()
        await self._stream.send_data(data)

    async def beat(self) -> None:
        """Send headers once."""
        if not self._is_open:
            self._is_open = True
            await self._stream.send_headers(self._head())

    async def end(self, refusal: RefusalError | None) -> None:
        """Send the status, alone when nothing was sent."""
        code, words = (int(refusal.code), refusal.message) if refusal else (_OK, "")
        status = [("grpc-status", str(code)), *([("grpc-message", escaped(words))] if words else [])]
        if not self._stream.closable:
            return
        await self._stream.send_headers(
            status if self._is_open else [*self._head(), *status], end_stream=True
        )
        if self._stream.closable:
            self._stream.reset_nowait()

    def _head(self) -> list[tuple[str, str]]:
        head = [(":status", "200"), ("content-type", CONTENT), ("grpc-accept-encoding", ACCEPTED)]
        return [*head, ("renew-token", self.renewed)] if self.renewed else head
