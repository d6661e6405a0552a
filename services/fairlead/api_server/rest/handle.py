"""One handler for every route whose answer ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from aiohttp import web

from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.outcome import refusal_of, unserved
from fairlead.api_server.encoded import json_of
from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.session import SessionToken
from fairlead.api_server.rest import identify
from fairlead.api_server.rest.bind import bound, bound_lines
from fairlead.api_server.rest.errors import JSON, response_of
from fairlead.api_server.rest.fields import Selection
from fairlead.api_server.rest.routes import RestRoute
from fairlead.api_server.rest.served import Served
from fairlead.auth import cookies
from fairlead.process import body
from fairlead.process.body import Budgets

MAX_ON_LOOP = 1 << 18
"""Bytes of an answer up to which fields are selected at once, in about 2 ms."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def handler_of(
    backend: Backend, route: RestRoute, method: Method, budgets: Budgets, served: Served
) -> Handler:
    """The handler of a route: who, what, do, write."""

    budget = budgets.before_login if method.is_public else budgets.after_login

    async def ask(request: web.Request, caller: Caller, call: Call) -> object:
        if not route.route.body:
            asked = bound(request, route, method.ask)
            call.asks(asked)
            async with asyncio.timeout(method.seconds):
                return await method.run(backend, caller, asked)
        async with body.received(request, method.body_bytes, budget) as raw:
            if route.rpc.kind == "client-stream":
                asked = _each(bound_lines(raw, method.ask))
            else:
                asked = bound(request, route, method.ask, raw)
                call.asks(asked)
            async with asyncio.timeout(method.seconds):
                return await method.run(backend, caller, asked)

    async def handle(request: web.Request) -> web.StreamResponse:
        call = Call(method.rpc, "rest", auditor=backend.auditor, address=request.remote or "")
        try:
            caller = await identify.caller_of(request, backend.identities, is_public=method.is_public)
            call.of(caller)
            call.counted.received()
            answer = await ask(request, caller, call)
            response = await _written(request, answer, served)
        except Exception as error:
            refusal = refusal_of(error)
            call.refused(refusal)
            return response_of(refusal)
        call.counted.sent()
        call.answered()
        return response

    return handle


def unserved_handler_of(route: RestRoute) -> Handler:
    """Answer for an RPC that has no row."""

    async def handle(_: web.Request) -> web.StreamResponse:
        refusal = unserved(route.rpc.path)
        Call(route.rpc.path, "rest").refused(refusal)
        return response_of(refusal)

    return handle


async def _each(items: list[object]) -> AsyncIterator[object]:
    for item in items:
        yield item


async def _written(request: web.Request, answer: object, served: Served) -> web.Response:
    body = json_of(answer)
    fields = request.query.get("fields")
    if fields:
        body = await _selected(Selection(fields), body)
    response = await served.response(request, body, JSON)
    token = answer.token if isinstance(answer, SessionToken) else request.get(identify.RENEWED, "")
    if token:
        for value in cookies.cut(token, path=served.path, secure=served.secure):
            response.headers.add("Set-Cookie", value)
    return response


async def _selected(selection: Selection, body: bytes) -> bytes:
    def select() -> bytes:
        return msgspec.json.encode(selection.of(msgspec.json.decode(body)))

    return await asyncio.to_thread(select) if len(body) > MAX_ON_LOOP else select()
