"""What gRPC's clients do beside asking: compress, send much, wait for so long, see the server end."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from aiohttp import web
from h2.connection import ConnectionState
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, ResponseReceived, StreamEnded, StreamReset

from fairlead.api_server import listen
from fairlead.api_server.calls.call import Call
from fairlead.api_server.grpc.connection import Http2
from fairlead.api_server.grpc.inflate import PIECE
from fairlead.api_server.grpc.invoke import Outlet
from fairlead.api_server.identities import Identified
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.methods.method import SMALL, Method
from fairlead.api_server.methods.table import METHODS
from fairlead.api_server.operations.caller import NOBODY
from fairlead.api_server.strangers import Strangers
from fairlead.kube.rest import KubeClient
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.process.body import Budget
from tests.integration.api_server.conftest import NAMESPACE, Door, application, names
from tests.integration.api_server.test_http2 import DEADLINE, HEADERS, VERSION, Raw, port_of
from tests.transports import Native, ask_web, framed, frames, message, web_headers

GET = "/application.ApplicationService/Get"
LIST = "/application.ApplicationService/List"


def target(door: Door) -> str:
    """Where gRPC is."""
    return door.url.removeprefix("http://")


def compressed(data: bytes) -> bytes:
    """A message in its frame, as gzip makes it."""
    inner = gzip.compress(data)
    return b"\x01" + len(inner).to_bytes(4, "big") + inner


async def native_status(door: Door, rpc: str, body: bytes, *more: tuple[str, str]) -> dict[str, str]:
    """The headers of the answer to a body that no client would make."""
    async with Raw(port_of(door)) as raw:
        head = [(k, rpc if k == ":path" else v) for k, v in HEADERS]
        raw.h2.send_headers(1, [*head, ("token", door.token), *more])
        for start in range(0, len(body), 1 << 13):
            raw.h2.send_data(1, body[start : start + (1 << 13)])
        raw.h2.end_stream(1)
        await raw.flush()
        await raw.read(lambda event: isinstance(event, ResponseReceived))
        return {k: v for e in raw.events for k, v in getattr(e, "headers", None) or ()}


async def web_status(door: Door, rpc: str, body: bytes, **more: str) -> tuple[str, str]:
    """The status over gRPC-Web, 0 when it is answered."""
    headers = {**web_headers(door.token), **more}
    async with door.http.post(door.url + rpc, data=body, headers=headers) as answer:
        assert answer.status == 200
        return answer.headers.get("Grpc-Status", "0"), answer.headers.get("Grpc-Message", "")


async def test_a_compressed_request_is_read_as_the_plain_one(door: Door, kube: KubeClient) -> None:
    await application(kube, "wire-small")
    fields = {"name": "wire-small"}
    async with asyncio.timeout(DEADLINE):
        while "wire-small" not in await names(door):
            await asyncio.sleep(0.05)
        async with Native(target(door), door.token, compression=grpc.Compression.Gzip) as client:
            native = await client.ask(GET, fields)
    body = compressed(message(GET, fields).SerializeToString())
    headers = {**web_headers(door.token), "Grpc-Encoding": "gzip"}
    async with door.http.post(door.url + GET, data=body, headers=headers) as answer:
        ((_, data), _) = frames(await answer.read())
    assert native.metadata.name == "wire-small"
    assert type(native).FromString(data) == native


@pytest.mark.parametrize("size", [SMALL + 1, 1 << 20, 64 << 20])
async def test_a_message_may_not_grow_beyond_what_its_row_takes(size: int, door: Door) -> None:
    body = compressed(bytes(size))
    answered = await native_status(door, LIST, body, ("grpc-encoding", "gzip"))
    assert answered["grpc-status"] == "3"
    assert "larger than" in answered["grpc-message"]
    code, words = await web_status(door, LIST, body, **{"Grpc-Encoding": "gzip"})
    assert (code, "larger than" in words) == ("3", True)


@pytest.mark.parametrize(
    "body",
    [
        b"\x01\x00\x00\x00\x03abc",
        b"\x01\x00\x00\x00\x00",
        compressed(b"")[:-3],
        compressed(b"")[:-8] + b"\xff" * 8,
        b"\x01" + (len(gzip.compress(b"")) + 1).to_bytes(4, "big") + gzip.compress(b"") + b"x",
    ],
    ids=["no gzip", "empty", "cut", "wrong sum", "more behind it"],
)
async def test_what_is_not_gzips_is_refused_as_the_clients_fault(body: bytes, door: Door) -> None:
    assert (await native_status(door, LIST, body, ("grpc-encoding", "gzip")))["grpc-status"] == "3"
    assert (await web_status(door, LIST, body, **{"Grpc-Encoding": "gzip"}))[0] == "3"


async def test_another_compression_is_told_what_is_understood(door: Door) -> None:
    said = 'grpc: Decompressor is not installed for grpc-encoding "snappy"'
    answered = await native_status(door, LIST, framed(b""), ("grpc-encoding", "snappy"))
    assert (answered["grpc-status"], answered["grpc-message"]) == ("12", said)
    assert answered["grpc-accept-encoding"] == "identity,gzip"
    assert await web_status(door, LIST, framed(b""), **{"Grpc-Encoding": "snappy"}) == ("12", said)
    for encoding in ((), (("grpc-encoding", "identity"),)):
        answered = await native_status(door, LIST, compressed(b""), *encoding)
        assert answered["grpc-status"] == "3"


async def test_a_message_as_large_as_a_piece_is_read_to_its_end(door: Door) -> None:
    for size in (PIECE - 1, PIECE, PIECE + 1, 3 * PIECE):
        fields = {"application": {"metadata": {"name": "X"}, "spec": {"project": "a" * size}}}
        body = compressed(message("/application.ApplicationService/Create", fields).SerializeToString())
        rpc = "/application.ApplicationService/Create"
        code, words = await web_status(door, rpc, body, **{"Grpc-Encoding": "gzip"})
        assert code in ("3", "7"), words
        assert "decompress" not in words
        assert "cannot be read" not in words


async def test_messages_beyond_the_customary_size_come_and_go_whole(door: Door, kube: KubeClient) -> None:
    """A list of more than 4 MiB; objects of more than the window of a connection."""
    made, values = [], "v: " + "x" * 1_200_000
    for number, way in enumerate(("native", "web", "native", "web")):
        fields = {
            "application": {
                "metadata": {"name": f"wire-large-{number}"},
                "spec": {
                    "project": "default",
                    "source": {
                        "repoURL": "https://git.example/team/config.git",
                        "path": "a",
                        "helm": {"values": values},
                    },
                    "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
                },
            },
            "validate": False,
        }
        rpc = "/application.ApplicationService/Create"
        async with Native(target(door), door.token) as client:
            if way == "native":
                await client.ask(rpc, fields)
            else:
                await ask_web(door.http, door.url, rpc, fields, door.token)
        made.append(f"wire-large-{number}")
    async with asyncio.timeout(DEADLINE), Native(target(door), door.token) as client:
        while not set(made) <= set(await names(door)):
            await asyncio.sleep(0.05)
        native = await client.ask(LIST, {})
        over_web = await ask_web(door.http, door.url, LIST, {}, door.token)
    assert native.ByteSize() > 4 << 20
    assert native == over_web
    sent = [item for item in native.items if item.metadata.name in made]
    assert {item.spec.source.helm.values for item in sent} == {values}
    for name in made:
        await kube.delete(APPLICATIONS, name, NAMESPACE)


@pytest.mark.parametrize("within", ["0n", "1n", "0H"])
async def test_a_deadline_that_is_over_at_once_is_kept(within: str, door: Door, kube: KubeClient) -> None:
    name = f"wire-{within.lower()}"
    await application(kube, name)
    async with asyncio.timeout(DEADLINE):
        while name not in await names(door):
            await asyncio.sleep(0.05)
    body = framed(message(GET, {"name": name, "refresh": "normal"}).SerializeToString())
    answered = await native_status(door, GET, body, ("grpc-timeout", within))
    assert answered["grpc-status"] == "4"
    assert (await web_status(door, GET, body, **{"Grpc-Timeout": within}))[0] == "4"


class Slow:
    """An invoker of which one call waits until it is let go."""

    def __init__(self) -> None:
        self.strangers = Strangers("call", of_one=10, in_all=10)
        self.begun = asyncio.Event()
        self.let = asyncio.Event()
        self.calls = 0

    def call(self, _: str, via: str, address: str) -> Call:
        return Call("unknown", via, address=address)

    def method(self, _: str) -> Method:
        return METHODS[VERSION]

    def budget(self, _: Method) -> Budget:
        return Budget(1 << 20)

    async def identify(self, *_: Any) -> Identified:
        return Identified(caller=NOBODY)

    async def run(
        self, _: Method, __: Call, messages: AsyncIterator[bytes], outlet: Outlet, *, seconds: float | None
    ) -> None:
        self.calls += 1
        assert [data async for data in messages] == [b""]
        self.begun.set()
        await self.let.wait()
        await outlet.frames(framed(b""))


async def nothing(_: web.BaseRequest) -> web.StreamResponse:
    """What HTTP/1.1 has here."""
    return web.Response()


@asynccontextmanager
async def ending(invoker: Slow) -> AsyncIterator[tuple[Raw, Callable[[], Awaitable[None]]]]:
    """A client of a port, and what ends the port."""
    port = choose_port()
    http2 = Http2(invoker)  # type: ignore[arg-type]
    listener = listen.Listener(web.Server(nothing), http2, None, listen.strangers())
    sock = await asyncio.to_thread(listen._bound, LOOPBACK, port)
    accepting = asyncio.create_task(listener.run(sock))
    async with Raw(port) as raw:
        yield raw, listener.close
    accepting.cancel()
    await asyncio.gather(accepting, return_exceptions=True)
    sock.close()


async def told_to_leave(raw: Raw) -> ConnectionTerminated:
    """The server's goodbye; for h2 that is the end of the connection, for gRPC's clients it is not."""
    await raw.read(lambda event: isinstance(event, ConnectionTerminated))
    raw.h2.state_machine.state = ConnectionState.CLIENT_OPEN
    return next(event for event in raw.events if isinstance(event, ConnectionTerminated))


def call(raw: Raw, stream: int) -> None:
    """A call of which the head and the message are sent."""
    raw.h2.send_headers(stream, [(k, VERSION if k == ":path" else v) for k, v in HEADERS])
    raw.h2.send_data(stream, framed(b""), end_stream=True)


async def test_a_server_that_ends_answers_the_calls_it_took_and_takes_no_other() -> None:
    invoker = Slow()
    async with asyncio.timeout(DEADLINE), ending(invoker) as (raw, end):
        call(raw, 1)
        await raw.flush()
        await invoker.begun.wait()
        closing = asyncio.create_task(end())
        goodbye = await told_to_leave(raw)
        assert (goodbye.error_code, goodbye.last_stream_id) == (ErrorCodes.NO_ERROR, 1)
        call(raw, 3)
        await raw.flush()
        await raw.read(lambda event: isinstance(event, StreamReset))
        invoker.let.set()
        await closing
        await raw.read()
    assert invoker.calls == 1
    [refused] = [event for event in raw.events if isinstance(event, StreamReset)]
    assert (refused.stream_id, refused.error_code) == (3, ErrorCodes.REFUSED_STREAM)
    assert [event.stream_id for event in raw.events if isinstance(event, StreamEnded)] == [1]
    told = {k: v for e in raw.events for k, v in getattr(e, "headers", None) or ()}
    assert told["grpc-status"] == "0"


async def test_a_call_that_outlasts_the_server_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "LAST_CALL", 0.1)
    invoker = Slow()
    async with asyncio.timeout(DEADLINE), ending(invoker) as (raw, end):
        call(raw, 1)
        await raw.flush()
        await invoker.begun.wait()
        await end()
        await raw.read()
    assert not [event for event in raw.events if isinstance(event, StreamEnded)]
