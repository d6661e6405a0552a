"""What a stranger's connection may hold, on real ones."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.api_server.rest import application
from fairlead.api_server.rest.connection import MAX_HEAD
from tests.integration.api_server.conftest import Door


async def _echo(request: web.Request) -> web.Response:
    return web.Response(text=f"{len(await request.read())} {len(request.headers.get('Cookie', ''))}")


@pytest_asyncio.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A server with all limits of ours and nothing behind them."""
    monkeypatch.setattr(application, "KEEP_ALIVE", 3.0)
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/", _echo)
    runner = application.runner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_a_head_that_drips_is_cut(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def drip() -> None:
        writer.write(b"GET / HTTP/1.1\r\n")
        for n in range(10_000):
            writer.write(b"X%d: y\r\n" % n)
            await asyncio.sleep(0.5)

    dripping = asyncio.create_task(drip())
    async with asyncio.timeout(60):
        with suppress(ConnectionError):
            assert await reader.read() == b""
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)
    writer.close()


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
async def test_a_head_of_many_large_headers_is_cut_also_behind_another_request(
    port: int, first: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first + b"GET / HTTP/1.1\r\nHost: x\r\n")
    sent = 0
    async with asyncio.timeout(60):
        with suppress(ConnectionError):
            for n in range(60):
                writer.write(b"X%d: %s\r\n" % (n, b"y" * 12_000))
                await writer.drain()
                await asyncio.sleep(0.02)
                sent += 12_000
            writer.write(b"\r\n")
            answered = await reader.read()
            assert answered.count(b"200 OK") == first.count(b"GET")
    assert sent >= MAX_HEAD // 2
    writer.close()


async def test_a_large_body_and_a_long_session_are_no_head(port: int) -> None:
    headers = {"Cookie": "a=" + "b" * 15_000}
    async with aiohttp.ClientSession() as http:
        for _ in range(3):
            async with http.post(f"http://127.0.0.1:{port}/", data=b"x" * 900_000, headers=headers) as answer:
                assert await answer.text() == "900000 15002"


async def test_requests_one_behind_the_other_are_all_answered(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" * 40)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(60):
        assert (await reader.read()).count(b"200 OK") == 41
    writer.close()


async def test_a_compressed_body_is_not_opened(door: Door) -> None:
    bomb = gzip.compress(b'{"username": "' + b"a" * (64 << 20) + b'"}')

    async def chunks() -> AsyncIterator[bytes]:
        yield bomb

    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with aiohttp.ClientSession() as http:
        for data in (bomb[:4000], chunks()):
            try:
                async with http.post(f"{door.url}/api/v1/session", data=data, headers=headers) as answer:
                    assert answer.status == 400
            except aiohttp.ClientConnectionError:
                pass
