"""Answers that go on: JSON lines, or server-sent events for those who ask for them (contract 14).

The invariant: a stream lives no longer than the session it was opened with.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from aiohttp import ClientConnectionResetError, web

from fairlead.api_server.counts import STREAMS_OPEN
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest import identify
from fairlead.api_server.rest.bind import bound
from fairlead.api_server.rest.call import Call
from fairlead.api_server.rest.errors import JSON, refusal_of, response_of, stream_error
from fairlead.api_server.rest.fields import Selection
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.pump import Pump
from fairlead.api_server.rest.table import StreamRoute

MAX_STREAMS = 512
"""Streams open at once."""
MAX_STREAMS_OF_ONE = 32
"""Streams one account may have open; a browser has a few for each tab."""
KEEP_ALIVE = 15.0
"""Seconds between the comments of a quiet event stream."""
LAST_WORDS = 2.0
"""Seconds a client is given to read why its stream ends."""
EVENT_STREAM = "text/event-stream"


class Streams:
    """Makes handlers of streams, and bounds how many are open, in all and of one account."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._open: Counter[tuple[str, str]] = Counter()

    def handler_of(self, route: StreamRoute) -> Handler:
        """The handler of a row."""

        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call("GET", route.path)
            try:
                caller = await identify.caller_of(request, self._backend.identities, is_public=False)
                call.of(caller)
                with self._place(caller), STREAMS_OPEN.track_inprogress():
                    return await self._serve(request, route, call)
            except Exception as error:
                refusal = refusal_of(error)
                call.refused(refusal)
                return response_of(refusal)

        return handle

    @contextmanager
    def _place(self, caller: Caller) -> Iterator[None]:
        who = (caller.issuer, caller.username)
        if self._open.total() >= MAX_STREAMS or self._open[who] >= MAX_STREAMS_OF_ONE:
            raise RefusalError(Code.FAILED_PRECONDITION, "too many streams are open; close some")
        self._open[who] += 1
        try:
            yield
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]

    async def _serve(self, request: web.Request, route: StreamRoute, call: Call) -> web.StreamResponse:
        caller = call.caller
        asked = bound(request, route.request, "")
        items = route.operation(self._backend, caller, asked)
        await anext(items)
        writer = _Writer(request)
        await writer.open()
        call.started()
        pump = Pump(writer, lambda: self._backend.identities.require(caller))
        try:
            await pump.run(items)
        except ClientConnectionResetError:
            call.answered()
        except Exception as error:
            refusal = refusal_of(error)
            call.refused(refusal)
            await writer.fail(refusal)
        else:
            call.answered()
        return writer.response


class _Writer:
    """Writes one stream in the form its client asked for."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._is_events = request.headers.get("Accept") == EVENT_STREAM
        fields = request.query.get("fields", "")
        self._selection = Selection(fields) if fields else None
        content = EVENT_STREAM if self._is_events else JSON
        self.response = web.StreamResponse(headers={"Content-Type": content, "Cache-Control": "no-store"})
        self._written = time.monotonic()

    async def open(self) -> None:
        """Send the headers."""
        await self.response.prepare(self._request)

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""
        transport = self._request.transport
        return transport is None or transport.is_closing()

    async def result(self, item: msgspec.Raw) -> None:
        """Send one object."""
        body = b'{"result":' + bytes(item) + b"}"
        if self._selection is not None:
            body = msgspec.json.encode(self._selection.of(msgspec.json.decode(body)))
        await self._send(body)

    async def fail(self, refusal: RefusalError) -> None:
        """Send an error, the last thing of a stream; whoever does not read it is cut off without."""
        transport = self._request.transport
        if transport is None or self.is_gone:
            return
        try:
            async with asyncio.timeout(LAST_WORDS):
                await self._send(stream_error(refusal))
                await self.response.write_eof()
        except TimeoutError:
            transport.abort()

    async def beat(self) -> None:
        """Keep a quiet event stream open."""
        if self._is_events and time.monotonic() - self._written >= KEEP_ALIVE:
            await self._write(b":\n\n")

    async def _send(self, body: bytes) -> None:
        await self._write(b"data: " + body + b"\n\n" if self._is_events else body + b"\n")

    async def _write(self, data: bytes) -> None:
        self._written = time.monotonic()
        await self.response.write(data)
