"""Answers that go on: JSON lines, or server-sent events for those who ask for them (contract 14).

The invariant: a stream lives no longer than the session it was opened with.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec
from aiohttp import ClientConnectionResetError, web

from fairlead.api_server.counts import STREAMS_OPEN
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest import identify
from fairlead.api_server.rest.bind import bound
from fairlead.api_server.rest.errors import JSON, refusal_of, response_of, stream_error
from fairlead.api_server.rest.fields import Selection
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.table import StreamRoute

MAX_STREAMS = 512
"""Streams open at once."""
KEEP_ALIVE = 15.0
"""Seconds between the comments of a quiet event stream."""
EVENT_STREAM = "text/event-stream"


class Streams:
    """Makes handlers of streams, and bounds how many are open."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._open = 0

    def handler_of(self, route: StreamRoute) -> Handler:
        """The handler of a row."""

        async def handle(request: web.Request) -> web.StreamResponse:
            if self._open >= MAX_STREAMS:
                return response_of(RefusalError(Code.RESOURCE_EXHAUSTED, "too many streams are open"))
            self._open += 1
            try:
                with STREAMS_OPEN.track_inprogress():
                    return await self._serve(request, route)
            finally:
                self._open -= 1

        return handle

    async def _serve(self, request: web.Request, route: StreamRoute) -> web.StreamResponse:
        try:
            caller = await identify.caller_of(request, self._backend.sessions, is_public=False)
            asked = await bound(request, route.request, "")
            items = route.operation(self._backend, caller, asked)
            await anext(items)
        except Exception as error:
            return response_of(refusal_of(error))
        writer = _Writer(request)
        await writer.open()
        try:
            async with aclosing(items):
                await self._copy(items, writer, caller)
        except ClientConnectionResetError:
            pass
        except Exception as error:
            await writer.fail(refusal_of(error))
        return writer.response

    async def _copy(
        self, items: AsyncGenerator[msgspec.Raw | None, None], writer: "_Writer", caller: Caller
    ) -> None:
        async for item in items:
            if writer.is_gone:
                return
            if item is None:
                await self._backend.sessions.authenticate(caller.token)
                await writer.beat()
            else:
                await writer.result(item)


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
        """Send an error, the last thing of a stream."""
        if not self.is_gone:
            await self._send(stream_error(refusal))

    async def beat(self) -> None:
        """Keep a quiet event stream open."""
        if self._is_events and time.monotonic() - self._written >= KEEP_ALIVE:
            await self._write(b":\n\n")

    async def _send(self, body: bytes) -> None:
        await self._write(b"data: " + body + b"\n\n" if self._is_events else body + b"\n")

    async def _write(self, data: bytes) -> None:
        self._written = time.monotonic()
        await self.response.write(data)
