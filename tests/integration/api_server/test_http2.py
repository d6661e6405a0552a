"""HTTP/2 within bounds that hold before anybody is known."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pytest
from aiohttp import web
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, Event
from h2.settings import SettingCodes

from fairlead.api_server import listen
from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.outcome import unserved
from fairlead.api_server.counts import STREAMS_OPEN
from fairlead.api_server.grpc import connection
from fairlead.api_server.grpc.connection import Http2
from fairlead.api_server.tls import PROTOCOLS
from fairlead.keys.certificates import make
from fairlead.kube.rest import KubeClient
from fairlead.local.ports import LOOPBACK, choose_port
from tests.integration.api_server.conftest import Door, application
from tests.transports import Native, RefusedError

DEADLINE = 60
VERSION = "/version.VersionService/Version"
HEADERS = [
    (":method", "POST"),
    (":path", "/application.ApplicationService/List"),
    (":scheme", "http"),
    (":authority", "x"),
    ("content-type", "application/grpc"),
    ("te", "trailers"),
]


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection, however it ended."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


class Raw:
    """A client that sends what it likes."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.events: list[Event] = []

    async def __aenter__(self) -> "Raw":
        self.reader, self.writer = await asyncio.open_connection(LOOPBACK, self._port)
        self.h2.initiate_connection()
        await self.flush()
        return self

    async def __aexit__(self, *_: object) -> None:
        await closed(self.writer)

    async def flush(self, more: bytes = b"") -> None:
        """Send what there is to send."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(self.h2.data_to_send() + more)
            await self.writer.drain()

    async def read(self, until: Callable[[Event], bool] | None = None) -> None:
        """Read to an event, or to the end of the connection."""
        async with asyncio.timeout(DEADLINE):
            while True:
                try:
                    data = await self.reader.read(1 << 16)
                except ConnectionError:
                    return
                if not data:
                    return
                events = self.h2.receive_data(data)
                self.events += events
                if until is not None and any(map(until, events)):
                    return

    @property
    def goodbye(self) -> int | None:
        """The code with which the server ended the connection."""
        return next((e.error_code for e in self.events if isinstance(e, ConnectionTerminated)), None)


def port_of(door: Door) -> int:
    """The port."""
    return int(door.url.rpartition(":")[2])


async def still_answers(door: Door) -> None:
    """Others are served."""
    async with asyncio.timeout(DEADLINE), Native(door.url.removeprefix("http://")) as client:
        assert (await client.ask("/grpc.health.v1.Health/Check", {})).status == 1


async def test_calls_that_are_taken_back_at_once_end_the_connection(door: Door) -> None:
    async with Raw(port_of(door)) as raw:
        for _ in range(2000):
            stream = raw.h2.get_next_available_stream_id()
            raw.h2.send_headers(stream, HEADERS)
            raw.h2.reset_stream(stream, ErrorCodes.CANCEL)
        await raw.flush()
        await raw.read()
        assert raw.goodbye == ErrorCodes.ENHANCE_YOUR_CALM
    await still_answers(door)


async def test_pings_while_nothing_flows_end_the_connection_and_a_few_do_not(door: Door) -> None:
    async with Raw(port_of(door)) as raw:
        for _ in range(20):
            raw.h2.ping(b"12345678")
        await raw.flush()
        await raw.read(lambda event: type(event).__name__ == "PingAckReceived")
        assert raw.goodbye is None
        for _ in range(2000):
            raw.h2.ping(b"12345678")
        await raw.flush()
        await raw.read()
        assert raw.goodbye == ErrorCodes.ENHANCE_YOUR_CALM
    await still_answers(door)


@pytest.mark.parametrize("frame", ["settings", "priority", "empty data"])
async def test_frames_that_carry_nothing_end_the_connection(frame: str, door: Door) -> None:
    settings = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x04\x00\x00\xff\xff"
    priority = b"\x00\x00\x05\x02\x00\x00\x00\x00\x63\x00\x00\x00\x00\x10"
    async with Raw(port_of(door)) as raw:
        if frame == "empty data":
            raw.h2.send_headers(1, HEADERS)
            await raw.flush(b"\x00\x00\x00\x00\x00\x00\x00\x00\x01" * 5000)
        else:
            await raw.flush((settings if frame == "settings" else priority) * 5000)
        await raw.read()
        assert raw.goodbye is not None
    await still_answers(door)


async def test_large_heads_end_the_connection(door: Door) -> None:
    async with Raw(port_of(door)) as raw:
        raw.h2.send_headers(1, [*HEADERS, *((f"x-{i}", "y" * 4000) for i in range(40))])
        await raw.flush()
        await raw.read()
        assert raw.goodbye is not None
    async with Raw(port_of(door)) as raw:
        continuation = b"\x00\x00\x01\x09\x00\x00\x00\x00\x01\x82"
        await raw.flush(b"\x00\x00\x01\x01\x00\x00\x00\x00\x01\x82" + continuation * 10_000)
        await raw.read()
        assert raw.goodbye is not None
    await still_answers(door)


async def test_what_is_no_http2_after_the_preface_ends_the_connection(door: Door) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port_of(door))
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * (1 << 17))  # a frame of 16 MiB begins
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(DEADLINE):
            await reader.read()
    await closed(writer)
    await still_answers(door)


async def test_a_message_larger_than_its_row_takes_is_refused_before_it_is_read(door: Door) -> None:
    head = {
        "/session.SessionService/Create": "",
        "/application.ApplicationService/List": door.token,
    }
    for path, token in head.items():
        async with Raw(port_of(door)) as raw:
            headers = [(k, path if k == ":path" else v) for k, v in HEADERS]
            raw.h2.send_headers(1, [*headers, ("token", token)])
            raw.h2.send_data(1, b"\x00\x00\x10\x00\x00" + b"x" * 1000)
            await raw.flush()
            await raw.read(lambda event: type(event).__name__ in ("ResponseReceived", "TrailersReceived"))
            answered = {k: v for e in raw.events for k, v in getattr(e, "headers", None) or ()}
            assert answered["grpc-status"] == "3"
            assert "larger than" in answered["grpc-message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"\x00\x00\x00\x00\x0a",
        b"\x00\x00\x00\x00\x0aabc",
        b"\x00\x00\x00\x80\x00" + b"x" * 9000,
        b"\x00\x00\x00\x00\x00" * 2,
    ],
)
async def test_a_request_that_ends_within_a_message_is_refused(body: bytes, door: Door) -> None:
    async with Raw(port_of(door)) as raw:
        raw.h2.send_headers(1, [*HEADERS, ("token", door.token)])
        raw.h2.send_data(1, body, end_stream=True)
        await raw.flush()
        await raw.read(lambda event: type(event).__name__ == "ResponseReceived")
        answered = {k: v for e in raw.events for k, v in getattr(e, "headers", None) or ()}
        assert answered["grpc-status"] == "3"
    await still_answers(door)


async def _refused(raw: Raw) -> str:
    await raw.read(lambda event: dict(getattr(event, "headers", None) or ()).get("grpc-status") is not None)
    answered = {k: v for e in raw.events for k, v in getattr(e, "headers", None) or ()}
    return str(answered["grpc-status"])


async def test_messages_without_content_are_as_many_as_their_row_takes(door: Door) -> None:
    async with Raw(port_of(door)) as raw:
        raw.h2.send_headers(1, [(k, VERSION if k == ":path" else v) for k, v in HEADERS])
        raw.h2.send_data(1, bytes(5) * 3)
        await raw.flush()
        assert await _refused(raw) == "3"


async def test_an_answer_that_nobody_reads_is_not_kept(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.api_server.grpc.invoke.MAX_STALL", 0.2)
    async with Raw(port_of(door)) as raw:
        raw.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
        raw.h2.send_headers(1, [(k, VERSION if k == ":path" else v) for k, v in HEADERS])
        raw.h2.send_data(1, bytes(5), end_stream=True)
        await raw.flush()
        assert await _refused(raw) == "4"


async def test_a_stranger_is_refused_by_the_head_alone(door: Door) -> None:
    async with Raw(port_of(door)) as raw:
        raw.h2.send_headers(1, HEADERS)
        await raw.flush()
        await raw.read(lambda event: type(event).__name__ == "ResponseReceived")
        answered = {k: v for e in raw.events for k, v in getattr(e, "headers", None) or ()}
        assert (answered["grpc-status"], answered["grpc-message"]) == ("16", "no session information")


@pytest.mark.parametrize(
    "changed",
    [
        (":method", "GET"),
        ("content-type", "text/plain"),
        ("content-type", "application/grpc-web+proto"),
        ("grpc-timeout", "soon"),
        ("grpc-encoding", "gzip"),
        (":path", "/../../x"),
        (":path", "/"),
    ],
)
async def test_a_head_that_is_no_call_is_answered_with_a_status(changed: tuple[str, str], door: Door) -> None:
    async with Raw(port_of(door)) as raw:
        kept = [(k, v) for k, v in HEADERS if k != changed[0]]
        pseudo = [pair for pair in [changed, *kept] if pair[0].startswith(":")]
        rest = [pair for pair in [changed, *kept] if not pair[0].startswith(":")]
        raw.h2.send_headers(1, [*pseudo, *rest], end_stream=True)
        await raw.flush()
        await raw.read(lambda event: type(event).__name__ == "ResponseReceived")
        answered = {k: v for e in raw.events for k, v in getattr(e, "headers", None) or ()}
        assert answered["grpc-status"] in ("3", "12", "16")


async def test_a_deadline_is_the_clients_and_a_call_that_is_dropped_ends(
    door: Door, kube: KubeClient
) -> None:
    await application(kube, "deadlined")
    async with Native(door.url.removeprefix("http://"), door.token) as client, asyncio.timeout(DEADLINE):
        while True:
            try:
                await client.ask("/application.ApplicationService/Get", {"name": "deadlined"})
                break
            except RefusedError:
                await asyncio.sleep(0.05)
        with pytest.raises(RefusedError) as refused:
            await client.ask(
                "/application.ApplicationService/Get", {"name": "deadlined", "refresh": "normal"}, seconds=0.3
            )
        assert refused.value.code == 4
        while await streams(door):
            await asyncio.sleep(0.1)
        calls = [
            client.stream("/application.ApplicationService/Watch", {"name": "deadlined"}) for _ in range(8)
        ]
        for call in calls:
            assert (await call.read()).type == "ADDED"
        assert await streams(door) >= 8
        for call in calls:
            call.cancel()
        while await streams(door):
            await asyncio.sleep(0.1)


async def streams(door: Door) -> float:
    """How many streams are open."""
    return sum(sample.value for metric in STREAMS_OPEN.collect() for sample in metric.samples)


async def test_a_client_that_only_asks_to_be_known_is_told_the_settings_at_once(door: Door) -> None:
    """The stock command waits for them before it logs in."""
    async with Raw(port_of(door)) as raw:
        await raw.read(lambda event: type(event).__name__ == "RemoteSettingsChanged")
        assert raw.goodbye is None


async def test_a_connection_on_which_nothing_is_asked_is_closed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LOOK_AGAIN", 0.1)
    monkeypatch.setattr(connection, "SILENT", 0.3)
    async with Raw(port_of(door)) as raw:
        await raw.read()
        assert raw.goodbye == ErrorCodes.NO_ERROR


class Nothing:
    """An invoker that serves no RPC."""

    def call(self, _: str, via: str, address: str) -> Call:
        return Call("unknown", via, address=address)

    def method(self, path: str) -> Any:
        raise unserved(path)


@asynccontextmanager
async def secured(folder: Path) -> AsyncIterator[tuple[int, Path]]:
    """A port of TLS that speaks both kinds of HTTP."""
    for name, value in make({"api": ("localhost",)}).items():
        (folder / name).write_bytes(value)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "api.crt", folder / "api.key")
    context.set_alpn_protocols(PROTOCOLS)

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=f"{request.version.major}.{request.version.minor}")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = choose_port()
    http2 = Http2(Nothing())  # type: ignore[arg-type]
    async with listen.listening(runner, context, address=LOOPBACK, port=port, http2=http2):
        yield port, folder / "ca.crt"
    await runner.cleanup()


async def test_over_tls_both_kinds_of_http_are_spoken_on_one_port(tmp_path: Path) -> None:
    async with asyncio.timeout(DEADLINE), secured(tmp_path) as (port, authority):
        trusted = ssl.create_default_context(cafile=str(authority))
        async with aiohttp.ClientSession() as http:
            async with http.get(f"https://localhost:{port}/", ssl=trusted) as answer:
                assert await answer.text() == "1.1"
            async with http.get(f"http://localhost:{port}/a", allow_redirects=False) as answer:
                assert answer.status == 307
        credentials = grpc.ssl_channel_credentials(authority.read_bytes())
        async with Native(f"localhost:{port}", credentials=credentials) as client:
            with pytest.raises(RefusedError) as refused:
                await client.ask("/version.VersionService/Version", {})
        assert refused.value.code == 12
        for offered, agreed in ((["h2"], "h2"), (["h2", "http/1.1"], "http/1.1"), ([], None)):
            asked = ssl.create_default_context(cafile=str(authority))
            if offered:
                asked.set_alpn_protocols(offered)
            reader, writer = await asyncio.open_connection("localhost", port, ssl=asked)
            assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == agreed
            if agreed != "h2":
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                assert (await reader.read()).startswith(b"HTTP/1.1 200")
            await closed(writer)


async def test_what_begins_like_a_preface_and_is_none_is_http_1(door: Door) -> None:
    for verb in (b"PUT", b"POST", b"PATCH", b"PROPFIND", b"PRINT"):
        reader, writer = await asyncio.open_connection(LOOPBACK, port_of(door))
        for byte in verb:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(b" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(DEADLINE):
            assert (await reader.read()).startswith(b"HTTP/1.")
        await closed(writer)
