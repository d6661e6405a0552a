"""Answers that go on: JSON lines, or server-sent events for those who ask for them (contract 14).

The invariant: a stream lives no longer than the session it was opened with.
"""

from aiohttp import ClientConnectionResetError, web

from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.opened import opened
from fairlead.api_server.calls.outcome import refusal_of
from fairlead.api_server.calls.places import Places
from fairlead.api_server.calls.pump import Pump
from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest import identify
from fairlead.api_server.rest.bind import bound
from fairlead.api_server.rest.download import Download, is_download
from fairlead.api_server.rest.errors import response_of
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.routes import RestRoute
from fairlead.api_server.rest.writer import Writer


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
        writer = Download(request) if is_download(request, method.rpc) else Writer(request)
        await writer.open()
        call.started()
        call.counted.received()
        pump = Pump(writer, lambda: self._backend.identities.require(caller), sent=call.counted.sent)
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
