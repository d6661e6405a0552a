"""A path that is answered at the door is answered as by its route, on real connections."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.api_server.rest import application, guard
from fairlead.api_server.rest.canned import Canned

TEXT = "no"


async def _route(_: web.Request) -> web.StreamResponse:
    return web.Response(status=400, text=TEXT)


async def _door(_: web.BaseRequest) -> web.StreamResponse:
    return Canned(400, TEXT, (("X-At", "door"),), secure=False)


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    app = web.Application(middlewares=[guard.guarded])
    app.on_response_prepare.append(guard.add_headers)
    app.router.add_route("*", application.WEBHOOK, _route)
    runner = application.runner(app, doors={application.WEBHOOK: _door})
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


Answer = tuple[str, dict[str, str], str]


async def asked(port: int, request: str, body: str = "", *, times: int = 1) -> list[Answer]:
    """Status line, headers and body of each answer; the connection is closed by the last."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    size = f"Content-Length: {len(body)}\r\n" if body else ""
    for left in reversed(range(times)):
        end = "" if left or "HTTP/1.0" in request else "Connection: close\r\n"
        writer.write(f"{request}\r\nHost: x\r\n{size}{end}\r\n{body}".encode())
    async with asyncio.timeout(60):
        text = (await reader.read()).decode()
    writer.close()
    found = []
    while text:
        head, _, text = text.partition("\r\n\r\n")
        status, *lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length = int(headers.get("Content-Length", 0)) if not request.startswith("HEAD") else 0
        found.append((status, headers, text[:length]))
        text = text[length:]
    return found


async def test_an_answer_at_the_door_has_every_header_that_the_routes_has(port: int) -> None:
    (at_door,) = await asked(port, "POST /api/webhook HTTP/1.1", "{}")
    (of_route,) = await asked(port, "POST /api/webhook?x HTTP/1.1", "{}")
    assert at_door[1].pop("X-At") == "door"
    at_door[1]["Date"] = of_route[1]["Date"]
    assert at_door == of_route


async def test_requests_follow_each_other_on_one_connection(port: int) -> None:
    answers = await asked(port, "POST /api/webhook HTTP/1.1", "{}", times=5)
    assert [(status, body) for status, _, body in answers] == [("HTTP/1.1 400 Bad Request", TEXT)] * 5
    assert ["Connection" in headers for _, headers, _ in answers] == [False] * 4 + [True]


async def test_a_client_of_the_old_protocol_is_answered_and_left(port: int) -> None:
    (answer,) = await asked(port, "POST /api/webhook HTTP/1.0", "{}")
    assert answer[1]["X-At"] == "door"
    assert answer[2] == TEXT


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_what_is_no_post_goes_by_the_route(method: str, port: int) -> None:
    (answer,) = await asked(port, f"{method} /api/webhook HTTP/1.1")
    assert "X-At" not in answer[1]


async def test_who_waits_for_leave_to_send_is_told_to_go_on(port: int) -> None:
    first, _ = await asked(port, "POST /api/webhook HTTP/1.1\r\nExpect: 100-continue", "{}")
    assert first[0] == "HTTP/1.1 100 Continue"
