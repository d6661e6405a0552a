"""gRPC-Web as a route of HTTP/1.1: one message in, frames out.

Invariants: a cookie is no way in, so that no page can use a browser's session; what goes wrong before the
first message is in the headers, where the stock client looks for it, and the last frame is always there.
"""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import ClientConnectionResetError, web

from fairlead.api_server.calls.outcome import refusal_of
from fairlead.api_server.calls.pump import MAX_STALL
from fairlead.api_server.grpc.frames import (
    ENDED_WITHIN,
    HEAD,
    ended,
    escaped,
    head_of_next,
    seconds_of,
)
from fairlead.api_server.grpc.inflate import inflated, require_encoding
from fairlead.api_server.grpc.invoke import Invoker
from fairlead.api_server.grpc.version import require_client
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest.connection import is_known, left
from fairlead.api_server.rest.guard import GRPC_WEB as CONTENT
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.identify import token_of_headers
from fairlead.api_server.rest.pace import last_words
from fairlead.process.body import Held, received

PATTERN = "/{service:[A-Za-z0-9_.]+}/{method:[A-Za-z0-9_]+}"
_OK = 0


def handler_of(invoker: Invoker) -> Handler:
    """The handler of the route."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Content-Type", "") != CONTENT:
            return web.Response(status=404, text="404: Not Found")
        outlet = _Outlet(request)
        try:
            refusal = await _answered(invoker, request, outlet)
            await last_words(outlet.end(refusal), outlet.abort, seconds=MAX_STALL)
        except (ClientConnectionResetError, ConnectionResetError):
            pass
        return outlet.response

    return handle


async def _answered(invoker: Invoker, request: web.Request, outlet: "_Outlet") -> RefusalError | None:
    call = invoker.call(request.path, "grpc-web", request.remote or "")
    try:
        method = invoker.method(request.path)
        require_client(request.headers.get("User-Agent", ""))
        encoding = require_encoding(request.headers.get("Grpc-Encoding", ""))
        seconds = seconds_of(request.headers.get("Grpc-Timeout", ""))
        found = await invoker.identify(method, token_of_headers(request.headers), request.remote or "")
        call.of(found.caller)
        outlet.renewed = found.renewed
        if found.caller.is_trusted:
            is_known(request)
        limit = method.body_bytes
        budget = invoker.budget(method)
        async with received(request, limit + HEAD.size, budget) as body:
            with Held(budget) as held:
                messages = _messages(body, limit, held, encoding)
                await invoker.run(method, call, messages, outlet, seconds=seconds)
    except (ClientConnectionResetError, ConnectionResetError):
        call.dropped()
        raise
    except Exception as error:
        refusal = refusal_of(error)
        call.refused(refusal)
        return refusal
    call.answered()
    return None


async def _messages(body: bytearray, limit: int, held: Held, encoding: str) -> AsyncIterator[bytes]:
    """The messages of a body; `held` counts what compressed ones become."""
    at = 0

    async def read(size: int) -> bytes:
        nonlocal at
        piece = bytes(body[at : at + size])
        if 0 < len(piece) < size:
            raise RefusalError(Code.INVALID_ARGUMENT, ENDED_WITHIN)
        at += size
        return piece

    while (head := await head_of_next(read, limit, encoding)) is not None:
        message = await read(head.size) if head.size else b""
        if len(message) < head.size:
            raise RefusalError(Code.INVALID_ARGUMENT, ENDED_WITHIN)
        yield await inflated(message, limit - held.size, held.take) if head.is_compressed else message


class _Outlet:
    """Answers one call in an HTTP response."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.renewed = ""
        self.response = web.StreamResponse(headers={"Content-Type": CONTENT, "Cache-Control": "no-store"})

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""
        transport = self._request.transport
        return transport is None or transport.is_closing()

    @property
    def left(self) -> asyncio.Event | None:
        """What is set when it does."""
        return left(self._request)

    async def frames(self, data: bytes) -> None:
        """Send messages that are framed, headers first."""
        await self.beat()
        await self.response.write(data)

    async def beat(self) -> None:
        """Send headers once."""
        if not self.response.prepared:
            if self.renewed:
                self.response.headers["Renew-Token"] = self.renewed
            await self.response.prepare(self._request)

    def abort(self) -> None:
        """Cut off a client that does not read."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def end(self, refusal: RefusalError | None) -> None:
        """Send the status: in the headers while they are not sent, and in the last frame."""
        code, words = (int(refusal.code), refusal.message) if refusal else (_OK, "")
        if not self.response.prepared and refusal:
            self.response.headers["Grpc-Status"] = str(code)
            self.response.headers["Grpc-Message"] = escaped(words)
        await self.beat()
        await self.response.write(ended(code, words))
        await self.response.write_eof()
