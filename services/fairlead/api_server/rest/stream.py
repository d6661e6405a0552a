"""Answers that go on: JSON lines, or server-sent events for those who ask for them (contract 14).

The invariant: a stream lives no longer than the session it was opened with.
"""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from aiohttp import ClientConnectionResetError, web

from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.opened import opened
from fairlead.api_server.calls.outcome import refusal_of
from fairlead.api_server.calls.places import Places
from fairlead.api_server.calls.pump import Pump
from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.rest import identify
from fairlead.api_server.rest.bind import bound
from fairlead.api_server.rest.connection import left
from fairlead.api_server.rest.download import Download, is_download
from fairlead.api_server.rest.errors import response_of
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.routes import RestRoute
from fairlead.api_server.rest.writer import Writer

Begin = Callable[[web.Request, Caller], AsyncGenerator[Any, None]]
"""Makes the items of a stream, for a request of a caller."""


class Streams:
    """Makes handlers of streams."""

    def __init__(self, backend: Backend, places: Places) -> None:
        self._backend = backend
        self._places = places

    def handler_of(self, route: RestRoute, method: Method) -> Handler:
        """The handler of a route."""

        def begin(request: web.Request, caller: Caller) -> AsyncGenerator[Any, None]:
            items: AsyncGenerator[Any, None] = method.run(
                self._backend, caller, bound(request, route, method.ask)
            )
            return items

        def writer_of(request: web.Request) -> Writer:
            return Download(request) if is_download(request, method.rpc) else Writer(request)

        return self.carrying(method.rpc, begin, writer_of)

    def carrying(self, name: str, begin: Begin, writer_of: Callable[[web.Request], Writer]) -> Handler:
        """The handler of a stream of this name in records."""

        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call(name, "rest")
            try:
                caller = await identify.caller_of(request, self._backend.identities, is_public=False)
                call.of(caller)
                with self._places.taken(caller):
                    items = await opened(begin(request, caller))
                    writer = writer_of(request)
                    await writer.open()
                    return await self._carry(items, writer, call)
            except Exception as error:
                refusal = refusal_of(error)
                call.refused(refusal)
                return response_of(refusal)

        return handle

    async def _carry(
        self, items: AsyncGenerator[Any, None], writer: Writer, call: Call
    ) -> web.StreamResponse:
        call.started()
        call.counted.received()
        pump = Pump(
            writer,
            lambda: self._backend.identities.require(call.caller),
            sent=call.counted.sent,
            left=left(writer.request),
        )
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
