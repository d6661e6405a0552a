"""One handler for every row of the table."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.session import SessionToken
from fairlead.api_server.rest import body, identify
from fairlead.api_server.rest.bind import bound
from fairlead.api_server.rest.body import Budgets
from fairlead.api_server.rest.call import Call
from fairlead.api_server.rest.errors import JSON, refusal_of, response_of
from fairlead.api_server.rest.fields import Selection
from fairlead.api_server.rest.table import Route
from fairlead.auth import cookies

MAX_ON_LOOP = 1 << 18
"""Bytes of an answer up to which fields are selected at once, in about 2 ms."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def handler_of(backend: Backend, route: Route, budgets: Budgets, *, secure: bool) -> Handler:
    """The handler of a row: who, what, do, write."""

    budget = budgets.before_login if route.is_public else budgets.after_login

    async def ask(request: web.Request, caller: Caller) -> object:
        if not route.body:
            asked = bound(request, route.request, "")
            async with asyncio.timeout(route.seconds):
                return await route.operation(backend, caller, asked)
        async with body.received(request, route.body_bytes, budget) as raw:
            asked = bound(request, route.request, route.body, raw)
            async with asyncio.timeout(route.seconds):
                return await route.operation(backend, caller, asked)

    async def handle(request: web.Request) -> web.StreamResponse:
        call = Call(request.method, route.path)
        try:
            caller = await identify.caller_of(request, backend.identities, is_public=route.is_public)
            call.of(caller)
            answer = await ask(request, caller)
            response = await _written(request, answer, secure=secure)
        except Exception as error:
            refusal = refusal_of(error)
            call.refused(refusal)
            return response_of(refusal)
        call.answered()
        return response

    return handle


async def unserved(request: web.Request) -> web.StreamResponse:
    """Answer for an operation that this version does not have."""
    words = f"{request.method} {request.path} is not served by this version"
    return response_of(RefusalError(Code.UNIMPLEMENTED, words))


async def _written(request: web.Request, answer: object, *, secure: bool) -> web.Response:
    body = msgspec.json.encode(answer)
    fields = request.query.get("fields")
    if fields:
        body = await _selected(Selection(fields), body)
    response = web.Response(body=body, content_type=JSON)
    token = answer.token if isinstance(answer, SessionToken) else request.get("renewed", "")
    if token:
        for value in cookies.cut(token, path="", secure=secure):
            response.headers.add("Set-Cookie", value)
    return response


async def _selected(selection: Selection, body: bytes) -> bytes:
    def select() -> bytes:
        return msgspec.json.encode(selection.of(msgspec.json.decode(body)))

    return await asyncio.to_thread(select) if len(body) > MAX_ON_LOOP else select()
