"""Writing a stream in the form that its client asked for: JSON lines, or server-sent events."""

import asyncio
import time
from typing import Any

import msgspec
from aiohttp import web

from fairlead.api_server.encoded import ApplicationEvents, json_of
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.api_server.rest.errors import JSON, stream_error
from fairlead.api_server.rest.fields import Selection

KEEP_ALIVE = 15.0
"""Seconds between the comments of a quiet event stream."""
LAST_WORDS = 2.0
"""Seconds a client is given to read why its stream ends."""
EVENT_STREAM = "text/event-stream"


class Writer:
    """Writes one stream in the form its client asked for."""

    def __init__(self, request: web.Request) -> None:
        self.request = request
        self._is_events = request.headers.get("Accept") == EVENT_STREAM
        self._fields = request.query.get("fields", "")
        self._selection = Selection(self._fields) if self._fields else None
        content = EVENT_STREAM if self._is_events else JSON
        self.response = web.StreamResponse(headers={"Content-Type": content, "Cache-Control": "no-store"})
        self._written = time.monotonic()

    async def open(self) -> None:
        """Send the headers."""
        await self.response.prepare(self.request)

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""
        transport = self.request.transport
        return transport is None or transport.is_closing()

    async def result(self, item: Any) -> None:
        """Send one object, or events that are told together."""
        if isinstance(item, ApplicationEvents):
            await self._write(item.form((self._is_events, self._fields), self._framed))
        else:
            await self._write(self._framed(item))

    def _framed(self, item: object) -> bytes:
        body = b'{"result":' + json_of(item) + b"}"
        if self._selection is not None:
            body = msgspec.json.encode(self._selection.of(msgspec.json.decode(body)))
        return self._line(body)

    async def fail(self, refusal: RefusalError) -> None:
        """Send an error, the last thing of a stream; whoever does not read it is cut off without."""
        transport = self.request.transport
        if transport is None or self.is_gone:
            return
        try:
            async with asyncio.timeout(LAST_WORDS):
                await self._write(self._line(stream_error(refusal)))
                await self.response.write_eof()
        except TimeoutError:
            transport.abort()

    async def beat(self) -> None:
        """Keep a quiet event stream open."""
        if self._is_events and time.monotonic() - self._written >= KEEP_ALIVE:
            await self._write(b":\n\n")

    def _line(self, body: bytes) -> bytes:
        return b"data: " + body + b"\n\n" if self._is_events else body + b"\n"

    async def _write(self, data: bytes) -> None:
        self._written = time.monotonic()
        await self.response.write(data)
