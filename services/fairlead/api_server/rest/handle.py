"""One handler for every row of the table."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.session import SessionToken
from fairlead.api_server.rest import identify
from fairlead.api_server.rest.bind import bound
from fairlead.api_server.rest.errors import JSON, refusal_of, response_of
from fairlead.api_server.rest.fields import Selection
from fairlead.api_server.rest.table import Route
from fairlead.auth import cookies

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def handler_of(backend: Backend, route: Route, *, secure: bool) -> Handler:
    """The handler of a row: who, what, do, write."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            caller = await identify.caller_of(request, backend.sessions, is_public=route.is_public)
            asked = await bound(request, route.request, route.body)
            async with asyncio.timeout(route.seconds):
                answer = await route.operation(backend, caller, asked)
        except Exception as error:
            return response_of(refusal_of(error))
        return _written(request, answer, secure=secure)

    return handle


async def unserved(request: web.Request) -> web.StreamResponse:
    """Answer for an operation that this version does not have."""
    words = f"{request.method} {request.path} is not served by this version"
    return response_of(RefusalError(Code.UNIMPLEMENTED, words))


def _written(request: web.Request, answer: object, *, secure: bool) -> web.Response:
    body = msgspec.json.encode(answer)
    fields = request.query.get("fields")
    if fields:
        body = msgspec.json.encode(Selection(fields).of(msgspec.json.decode(body)))
    response = web.Response(body=body, content_type=JSON)
    token = answer.token if isinstance(answer, SessionToken) else request.get("renewed", "")
    if token:
        for value in cookies.cut(token, path="", secure=secure):
            response.headers.add("Set-Cookie", value)
    return response
