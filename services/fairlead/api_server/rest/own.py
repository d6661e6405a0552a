"""Handlers of Fairlead's own routes, and their streams, which may be gone on with.

The invariant: a field of the query that is not known is refused, so that nobody takes what is not narrowed
for what is.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from aiohttp import web

from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.outcome import refusal_of
from fairlead.api_server.calls.told import Told
from fairlead.api_server.encoded import Tagged, json_of
from fairlead.api_server.methods.ask import asked
from fairlead.api_server.methods.own import Own
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest import identify
from fairlead.api_server.rest.bind import bound_body
from fairlead.api_server.rest.errors import JSON, response_of
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.outlet import Outlet
from fairlead.api_server.rest.question import Question
from fairlead.api_server.rest.served import Served
from fairlead.api_server.rest.stream import Stream, Streams
from fairlead.api_server.rest.writer import EVENT_STREAM, Writer
from fairlead.auth import cookies
from fairlead.process import body
from fairlead.process.body import Budget

LAST_EVENT_ID = "Last-Event-ID"
RETRY = b"retry: 2000\n\n"
"""Milliseconds after which a browser that lost an event stream comes back."""


class Resumable(Writer):
    """Writes events with their ids; in JSON lines the id stands beside the result."""

    def __init__(self, asked: Question, outlet: Outlet) -> None:
        super().__init__(asked, outlet)
        self._is_events = EVENT_STREAM in asked.headers.get("Accept", "")

    @property
    def headers(self) -> dict[str, str]:
        """What is said of the stream before its first byte."""
        return super().headers | {"X-Accel-Buffering": "no"}

    async def open(self) -> None:
        """Begin, and say how soon to come back."""
        await super().open()
        if self._is_events:
            await self._write(RETRY)

    async def result(self, item: Any) -> None:
        """Send one event."""
        told: Told = item
        if not self._is_events:
            name = msgspec.json.encode(told.id)
            await self._write(b'{"id":%b,"result":%b}\n' % (name, told.data))
            return
        head = f"id: {told.id}\n".encode() if told.id else b""
        await self._write(b"%bdata: %b\n\n" % (head, told.data))


def bound(request: Question, kind: type[msgspec.Struct]) -> Any:
    """The typed request of a query. Raises INVALID_ARGUMENT."""
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    found: dict[str, Any] = {}
    for key in dict.fromkeys(request.query):
        if key not in known:
            raise RefusalError(Code.INVALID_ARGUMENT, f"the query has no field {key[:60]!r}")
        values = request.query.getall(key)
        found[key] = values if isinstance(known[key].default, tuple) else values[-1]
    if "lastEventId" in known and request.headers.get(LAST_EVENT_ID):
        found["lastEventId"] = request.headers[LAST_EVENT_ID]
    return asked(found, kind)


def handler_of(backend: Backend, row: Own, budget: Budget, served: Served) -> Handler:
    """The handler of a row whose answer ends."""

    async def ask(request: web.Request, caller: Caller) -> object:
        if row.verb == "GET":
            async with asyncio.timeout(row.seconds):
                return await row.run(backend, caller, bound(request, row.ask))
        for key in request.query:
            raise RefusalError(Code.INVALID_ARGUMENT, f"the query has no field {key[:60]!r}")
        async with body.received(request, row.body_bytes, budget) as raw:
            asked_for = bound_body(raw, row.ask)
            async with asyncio.timeout(row.seconds):
                return await row.run(backend, caller, asked_for)

    async def handle(request: web.Request) -> web.StreamResponse:
        call = Call(row.label, "rest")
        try:
            caller = await identify.caller_of(request, backend.identities, is_public=False)
            call.of(caller)
            response = await _written(request, await ask(request, caller), served)
        except Exception as error:
            refusal = refusal_of(error)
            call.refused(refusal)
            return response_of(refusal)
        call.answered()
        token = request.get(identify.RENEWED, "")
        for value in cookies.cut(token, path=served.path, secure=served.secure) if token else ():
            response.headers.add("Set-Cookie", value)
        return response

    return handle


async def _written(request: web.Request, answer: object, served: Served) -> web.Response:
    if not isinstance(answer, Tagged):
        return await served.response(request, json_of(answer), JSON)
    headers = {"ETag": f'"{answer.tag}"', "Cache-Control": "private, no-cache"}
    if answer.tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    response = await served.response(request, answer.json, JSON)
    response.headers.update(headers)
    return response


def stream_handler_of(backend: Backend, row: Own, streams: Streams) -> Handler:
    """The handler of a row that goes on."""

    def begin(question: Question, caller: Caller) -> AsyncGenerator[Any, None]:
        items: AsyncGenerator[Any, None] = row.run(backend, caller, bound(question, row.ask))
        return items

    return streams.serving(row.path, Stream(row.label, begin, Resumable))
