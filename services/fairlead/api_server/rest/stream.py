"""Answers that go on: JSON lines, or server-sent events for those who ask for them (contract 14).

The invariant: a stream lives no longer than the session it was opened with, whatever carries it.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, NamedTuple

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
from fairlead.api_server.rest.download import Download, is_download
from fairlead.api_server.rest.errors import response_of
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.outlet import Answer, Outlet
from fairlead.api_server.rest.question import Pattern, Question
from fairlead.api_server.rest.routes import RestRoute
from fairlead.api_server.rest.writer import Writer

Items = AsyncGenerator[Any, None]


class Stream(NamedTuple):
    """What is told of a question: `name` in records, `begin` makes items, `writer_of` what writes them."""

    name: str
    begin: Callable[[Question, Caller], Items]
    writer_of: Callable[[Question, Outlet], Writer]


class Streams:
    """All streams, by the patterns of their paths."""

    def __init__(self, backend: Backend, places: Places) -> None:
        self._backend = backend
        self._places = places
        self._known: list[tuple[Pattern, Stream]] = []

    def handler_of(self, route: RestRoute, method: Method) -> Handler:
        """The handler of a route."""

        def begin(question: Question, caller: Caller) -> Items:
            items: Items = method.run(self._backend, caller, bound(question, route, method.ask))
            return items

        def writer_of(question: Question, outlet: Outlet) -> Writer:
            return (Download if is_download(question, method.rpc) else Writer)(question, outlet)

        return self.serving(route.pattern, Stream(method.rpc, begin, writer_of))

    def serving(self, pattern: str, stream: Stream) -> Handler:
        """The handler of a stream at a path, which is known from now on."""
        self._known.append((Pattern(pattern), stream))

        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call(stream.name, "rest")
            answer = Answer(request)
            try:
                caller = await identify.caller_of(request, self._backend.identities, is_public=False)
                call.of(caller)
                await self.carry(stream, request, answer, call)
            except Exception as error:
                refusal = refusal_of(error)
                call.refused(refusal)
                return response_of(refusal)
            return answer.response

        return handle

    def at(self, path: str) -> tuple[Stream, dict[str, str]] | None:
        """The stream at a path, and what that says in the places of its pattern."""
        for pattern, stream in self._known:
            places = pattern.of(path)
            if places is not None:
                return stream, places
        return None

    async def carry(self, stream: Stream, question: Question, outlet: Outlet, call: Call) -> None:
        """Carry a stream to its end, and record that. Raises what keeps it from beginning."""
        with self._places.taken(call.caller):
            async with aclosing(await opened(stream.begin(question, call.caller))) as items:
                writer = stream.writer_of(question, outlet)
                await writer.open()
                await self._pump(items, writer, call, outlet)

    async def _pump(self, items: Items, writer: Writer, call: Call, outlet: Outlet) -> None:
        call.started()
        call.counted.received()
        pump = Pump(
            writer,
            lambda: self._backend.identities.require(call.caller),
            sent=call.counted.sent,
            left=outlet.left,
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
