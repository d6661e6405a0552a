"""Writing a stream in the form that its client asked for: JSON lines, or server-sent events."""

import time
from typing import Any

import msgspec

from fairlead.api_server.encoded import ApplicationEvents, json_of
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.api_server.rest.errors import JSON, stream_error
from fairlead.api_server.rest.fields import Selection
from fairlead.api_server.rest.outlet import Outlet
from fairlead.api_server.rest.pace import last_words
from fairlead.api_server.rest.question import Question

KEEP_ALIVE = 15.0
"""Seconds between the comments of a quiet event stream."""
LAST_WORDS = 2.0
"""Seconds a client is given to read why its stream ends."""
EVENT_STREAM = "text/event-stream"


class Writer:
    """Writes one stream in the form its client asked for."""

    def __init__(self, asked: Question, outlet: Outlet) -> None:
        self._asked = asked
        self._outlet = outlet
        self._is_events = asked.headers.get("Accept") == EVENT_STREAM
        self._fields = asked.query.get("fields", "")
        self._selection = Selection(self._fields) if self._fields else None
        self._written = time.monotonic()

    @property
    def headers(self) -> dict[str, str]:
        """What is said of the stream before its first byte."""
        return {"Content-Type": EVENT_STREAM if self._is_events else JSON, "Cache-Control": "no-store"}

    async def open(self) -> None:
        """Begin."""
        await self._outlet.open(self.headers)

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""
        return self._outlet.is_gone

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
        if self.is_gone:
            return
        await last_words(self._end(stream_error(refusal)), self._outlet.abort, seconds=LAST_WORDS)

    async def _end(self, body: bytes) -> None:
        await self._write(self._line(body))
        await self._outlet.end()

    async def beat(self) -> None:
        """Keep a quiet event stream open."""
        if self._is_events and time.monotonic() - self._written >= KEEP_ALIVE:
            await self._write(b":\n\n")

    def _line(self, body: bytes) -> bytes:
        return b"data: " + body + b"\n\n" if self._is_events else body + b"\n"

    async def _write(self, data: bytes) -> None:
        self._written = time.monotonic()
        await self._outlet.write(data)
