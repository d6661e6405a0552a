"""Answers that go on: JSON lines, or server-sent events for those who ask for them (contract 14).

The invariant: a stream lives no longer than the session it was opened with.
"""

import asyncio
import time
from typing import Any

import msgspec
from aiohttp import ClientConnectionResetError, web

from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.opened import opened
from fairlead.api_server.calls.outcome import refusal_of
from fairlead.api_server.calls.places import Places
from fairlead.api_server.calls.pump import Pump
from fairlead.api_server.encoded import json_of
from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.api_server.rest import identify
from fairlead.api_server.rest.bind import bound
from fairlead.api_server.rest.errors import JSON, response_of, stream_error
from fairlead.api_server.rest.fields import Selection
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.routes import RestRoute

KEEP_ALIVE = 15.0
"""Seconds between the comments of a quiet event stream."""
LAST_WORDS = 2.0
"""Seconds a client is given to read why its stream ends."""
EVENT_STREAM = "text/event-stream"


class Streams:
    """Makes handlers of streams."""

    def __init__(self, backend: Backend, places: Places) -> None:
        self._backend = backend
        self._places = places

    def handler_of(self, route: RestRoute, method: Method) -> Handler:
        """The handler of a route."""

        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call(method.rpc, "rest")
            try:
                caller = await identify.caller_of(request, self._backend.identities, is_public=False)
                call.of(caller)
                with self._places.taken(caller):
                    return await self._serve(request, route, method, call)
            except Exception as error:
                refusal = refusal_of(error)
                call.refused(refusal)
                return response_of(refusal)

        return handle

    async def _serve(
        self, request: web.Request, route: RestRoute, method: Method, call: Call
    ) -> web.StreamResponse:
        caller = call.caller
        asked = bound(request, route, method.ask)
        items = await opened(method.run(self._backend, caller, asked))
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

    async def result(self, item: Any) -> None:
        """Send one object."""
        body = b'{"result":' + json_of(item) + b"}"
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
