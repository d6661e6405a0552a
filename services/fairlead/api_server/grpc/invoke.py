"""What both kinds of gRPC do with a call: find its row, learn who asks, read the request, run it.

Invariant: a stream, whatever it carries and wherever it goes, runs on the pump's clock.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Protocol

from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.opened import opened
from fairlead.api_server.calls.outcome import unserved
from fairlead.api_server.calls.places import Places
from fairlead.api_server.calls.pump import MAX_STALL, Pump
from fairlead.api_server.encoded import ApplicationEvent, ApplicationEvents
from fairlead.api_server.grpc import own
from fairlead.api_server.grpc.form import asked_of, written
from fairlead.api_server.grpc.frames import framed
from fairlead.api_server.identities import Identified
from fairlead.api_server.methods.method import Method
from fairlead.api_server.methods.table import METHODS
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.strangers import CALLS, CALLS_OF_ONE, Strangers
from fairlead.process.body import Budget, Budgets
from fairlead.wire.catalogue import RPCS_BY_PATH

ONE_MESSAGE = "exactly one message is asked for"
METHODS_OF_GRPC = {**METHODS, **{row.rpc: row for row in own.ROWS}}


def name_of(path: str) -> str:
    """What a call is called in records, which never hold what a stranger made up."""
    return path if path in RPCS_BY_PATH else "unknown"


class Outlet(Protocol):
    """Where messages go, framed for their way."""

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""

    @property
    def left(self) -> asyncio.Event | None:
        """What is set when it does; None where whoever carries the call is cancelled then."""

    async def frames(self, data: bytes) -> None:
        """Send messages that are framed; returns when there is room for the next."""

    async def beat(self) -> None:
        """Say that there will be an answer, when nothing was said yet."""


def _within(method: Method, seconds: float | None) -> float:
    """The seconds an answer may take: the row's, or fewer when its client waits for fewer."""
    return method.seconds if seconds is None else min(method.seconds, seconds)


async def _told(outlet: Outlet, data: bytes) -> None:
    """Send an answer to a client that reads it; for one that does not it is not kept for ever."""
    async with asyncio.timeout(MAX_STALL):
        await outlet.frames(framed(data))


def _message(event: ApplicationEvent) -> bytes:
    return framed(event.proto())


async def _counted(call: Call, messages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for data in messages:
        call.counted.received()
        yield data


class _Encoded:
    """A pump's sink that sends each item as a message."""

    def __init__(self, method: Method, outlet: Outlet) -> None:
        self._method = method
        self._outlet = outlet

    @property
    def is_gone(self) -> bool:
        return self._outlet.is_gone

    async def result(self, item: object) -> None:
        if isinstance(item, ApplicationEvents):
            await self._outlet.frames(await item.form_beside(framed, _message))
        else:
            await self._outlet.frames(framed(await written(self._method, item)))

    async def beat(self) -> None:
        await self._outlet.beat()


class Invoker:
    """Carries out calls."""

    def __init__(self, backend: Backend, places: Places, budgets: Budgets) -> None:
        self._backend = backend
        self.places = places
        self.budgets = budgets
        self.strangers = Strangers("call", of_one=CALLS_OF_ONE, in_all=CALLS)

    def call(self, path: str, via: str, address: str) -> Call:
        """A call that begins."""
        return Call(name_of(path), via, auditor=self._backend.auditor, address=address)

    def method(self, path: str) -> Method:
        """The row of an RPC. Raises UNIMPLEMENTED when there is none."""
        method = METHODS_OF_GRPC.get(path)
        if method is None:
            raise unserved(path[:200])
        return method

    def budget(self, method: Method) -> Budget:
        """What a request's bytes are counted on."""
        return self.budgets.before_login if method.is_public else self.budgets.after_login

    async def identify(self, method: Method, token: str, address: str) -> Identified:
        """Who asks. Raises RefusalError."""
        return await self._backend.identities.identify(token, address, is_public=method.is_public)

    async def run(
        self,
        method: Method,
        call: Call,
        messages: AsyncIterator[bytes],
        outlet: Outlet,
        *,
        seconds: float | None,
    ) -> None:
        """Answer a call whose caller is known. Raises what keeps it from being answered."""
        kind = method.described.kind
        messages = _counted(call, messages)
        if kind == "unary":
            asked: Any = await self._one(method, messages)
            call.asks(asked)
            async with asyncio.timeout(_within(method, seconds)):
                answer = await method.run(self._backend, call.caller, asked)
            await _told(outlet, await written(method, answer))
            call.counted.sent()
        elif kind == "client-stream":
            async with asyncio.timeout(_within(method, seconds)):
                answer = await method.run(self._backend, call.caller, self._each(method, messages))
            await _told(outlet, await written(method, answer))
            call.counted.sent()
        else:
            is_one = kind == "server-stream"
            asked = await self._one(method, messages) if is_one else self._each(method, messages)
            with self.places.taken(call.caller):
                async with asyncio.timeout(seconds):
                    items = await opened(method.run(self._backend, call.caller, asked))
                    await self._stream(method, call, items, outlet)

    async def _stream(
        self, method: Method, call: Call, items: AsyncGenerator[Any, None], outlet: Outlet
    ) -> None:
        call.started()

        async def require() -> None:
            if not method.is_public:
                await self._backend.identities.require(call.caller)

        pump = Pump(_Encoded(method, outlet), require, sent=call.counted.sent, left=outlet.left)
        await pump.run(items)

    async def _one(self, method: Method, messages: AsyncIterator[bytes]) -> Any:
        found: bytes | None = None
        async for data in messages:
            if found is not None:
                raise RefusalError(Code.INVALID_ARGUMENT, ONE_MESSAGE)
            found = data
        if found is None:
            raise RefusalError(Code.INVALID_ARGUMENT, ONE_MESSAGE)
        return await asked_of(method, found)

    async def _each(self, method: Method, messages: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for data in messages:
            yield await asked_of(method, data)
