"""What a connection to the API's port meets, by its first bytes."""

import asyncio
import gc
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from fairlead.api_server import listen
from fairlead.api_server.rest import application
from fairlead.api_server.rest.connection import is_known
from fairlead.api_server.strangers import Strangers
from fairlead.keys.certificates import make
from fairlead.local.ports import LOOPBACK, choose_port

DEADLINE = 30
CLOSING = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    for name, value in make({"api": ("localhost",)}).items():
        (folder / name).write_bytes(value)
    return folder


@asynccontextmanager
async def served(certificates: Path | None) -> AsyncIterator[int]:
    """A port with a server that says who asked for what; over TLS with certificates."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=f"{request.method} {request.path_qs} {request.secure}")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    context = None
    if certificates is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / "api.crt", certificates / "api.key")
    port = choose_port()
    async with asyncio.timeout(DEADLINE):
        async with listen.listening(runner, context, address=LOOPBACK, port=port):
            yield port
        await runner.cleanup()


async def said(port: int, *, send: bytes = b"") -> bytes:
    """Everything that a connection answers until it is closed."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(send)
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_tls_is_served_and_plain_http_on_the_same_port_is_sent_there(certificates: Path) -> None:
    trusted = ssl.create_default_context(cafile=str(certificates / "ca.crt"))
    async with served(certificates) as port, aiohttp.ClientSession() as http:
        async with http.get(f"https://localhost:{port}/a?b=1", ssl=trusted) as answer:
            assert await answer.text() == "GET /a?b=1 True"
        plain = f"http://localhost:{port}/api/v1/clusters/https:%2F%2Fx?refresh=a"
        for ask in (http.get, http.post, http.put, http.delete):
            async with ask(plain, allow_redirects=False) as answer:
                assert answer.status == 307
                assert answer.headers["Location"] == plain.replace("http:", "https:")
        async with http.get(plain, ssl=trusted) as answer:
            assert await answer.text() == "GET /api/v1/clusters/https:%2F%2Fx?refresh=a True"


async def test_strangers_over_tls_hold_little_memory(certificates: Path) -> None:
    """All places taken by connections that send nothing must fit beside everything else."""
    trusted = ssl.create_default_context(cafile=str(certificates / "ca.crt"))

    def opened(port: int) -> ssl.SSLSocket:
        plain = socket.create_connection((LOOPBACK, port), timeout=DEADLINE)
        return trusted.wrap_socket(plain, server_hostname="localhost")

    count = 40
    async with served(certificates) as port:
        held = [await asyncio.to_thread(opened, port)]
        gc.collect()
        tracemalloc.start()
        try:
            held += [await asyncio.to_thread(opened, port) for _ in range(count)]
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            for connection in held:
                connection.close()
    assert taken / count * listen.CONNECTIONS < 128 << 20


async def test_without_tls_the_port_speaks_http(certificates: Path) -> None:
    async with served(None) as port, aiohttp.ClientSession() as http:
        async with http.get(f"http://localhost:{port}/a") as answer:
            assert await answer.text() == "GET /a False"
        assert await said(port, send=b"\x16\x03\x01\x02\x00") == b""


@pytest.mark.parametrize(
    "send", [b"GET / HTTP/1.1\r\n\r\n", b"\x00\x01\x02\x03\r\n\r\n", b"SSH-2.0-x\r\n\r\n"]
)
async def test_what_is_no_request_is_answered_with_a_refusal_and_closed(
    certificates: Path, send: bytes
) -> None:
    async with served(certificates) as port:
        answer = await said(port, send=send)
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
        assert b"Location" not in answer


async def test_who_connects_and_stays_silent_is_closed(
    certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "FIRST_BYTES", 0.2)
    async with served(certificates) as port:
        assert await said(port) == b""
        assert await said(port, send=b"\x16\x03\x01") == b""


REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
LOGIN = b"GET /login HTTP/1.1\r\nHost: here\r\n\r\n"


@asynccontextmanager
async def guarded(strangers: Strangers) -> AsyncIterator[int]:
    """A port whose server knows who asks for /login, and nobody else."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/login":
            is_known(request)
        return web.Response(text="here")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = application.runner(app, strangers=strangers)
    await runner.setup()
    port = choose_port()
    async with asyncio.timeout(DEADLINE):
        async with listen.listening(runner, None, address=LOOPBACK, port=port, known_by=strangers):
            yield port
        await runner.cleanup()


async def opened(port: int, send: bytes, *, at: str = LOOPBACK) -> Streams:
    """A connection from an address on which something was sent and, if it is a request, answered."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port, local_addr=(at, 0))
    writer.write(send)
    if send:
        assert (await reader.readuntil(b"here")).startswith(b"HTTP/1.1 200")
    return reader, writer


async def is_open(streams: Streams) -> bool:
    """Whether a connection still answers."""
    reader, writer = streams
    with suppress(ConnectionError):
        writer.write(REQUEST)
        return b"200" in await reader.readuntil(b"\r\n")
    return False


async def test_where_no_place_is_left_the_stranger_who_came_first_gives_way_and_nobody_who_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listen, "CONNECTIONS", 3)
    strangers = Strangers("test", of_one=100, in_all=100)
    async with guarded(strangers) as port:
        known = [await opened(port, LOGIN)]
        first, second = await opened(port, b""), await opened(port, REQUEST)
        known.append(await opened(port, LOGIN))
        assert await first[0].read() == b""
        known.append(await opened(port, LOGIN))
        with suppress(ConnectionError):
            assert await second[0].read() == b""
        with suppress(ConnectionError):
            assert await said(port, send=REQUEST) == b""
        assert [await is_open(each) for each in known] == [True, True, True]
        known[0][1].close()
        while not (await said(port, send=CLOSING)).startswith(b"HTTP/1.1 200"):
            await asyncio.sleep(0.02)
        for _, writer in (*known, first, second):
            writer.close()
    assert len(strangers) == 0


async def test_one_address_has_a_share_of_the_places_and_its_strangers_give_way_to_each_other() -> None:
    strangers = Strangers("test", of_one=3, in_all=100)
    async with guarded(strangers) as port:
        held = [await opened(port, REQUEST) for _ in range(3)]
        another = await opened(port, REQUEST, at="127.0.0.2")
        late = await opened(port, REQUEST)
        with suppress(ConnectionError):
            assert await held[0][0].read() == b""
        assert [await is_open(each) for each in (*held[1:], another, late)] == [True] * 4
        for _, writer in (*held, another, late):
            writer.close()


async def test_the_end_of_the_server_does_not_wait_for_strangers(certificates: Path) -> None:
    async with served(certificates) as port:
        _, silent = await asyncio.open_connection(LOOPBACK, port)
        await asyncio.sleep(0.05)
    silent.close()
