"""Rules that hold at every entry, each entry tried."""

import io
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.integration.api_server.conftest import Door
from tests.rows import ROUTES, STREAMS, Row

CLOSED = [route for route in ROUTES if not route.is_public]
WRITING = [route for route in CLOSED if route.verb != "GET"]


def shown(route: Row) -> str:
    """A row's name in a report."""
    return f"{route.verb} {route.path}"


def filled(path: str) -> str:
    """A path with something in its places."""
    return re.sub(r"\{[^{}]+\}", "x", path)


@pytest.mark.parametrize("route", CLOSED, ids=shown)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer a.b.c"}], ids=["no token", "bad token"])
async def test_nothing_is_done_without_a_session(route: Row, headers: dict[str, str], door: Door) -> None:
    sent = {"Content-Type": "application/json", **headers}
    async with (
        aiohttp.ClientSession() as http,
        http.request(route.verb, door.url + filled(route.path), headers=sent, data=b"{}") as answer,
    ):
        assert answer.status == 401
        assert (await answer.json())["code"] == 16


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.path)
async def test_no_stream_is_opened_without_a_session(stream: Row, door: Door) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.get(door.url + filled(stream.path)) as answer,
    ):
        assert answer.status == 401


@pytest.mark.parametrize(
    "route",
    [route for route in CLOSED if route.verb != "GET"],
    ids=shown,
)
@pytest.mark.parametrize("content", ["", "text/plain", "application/json; charset=utf-8"])
async def test_nothing_is_changed_by_what_a_form_can_send(route: Row, content: str, door: Door) -> None:
    headers = {"Content-Type": content, "Cookie": f"argocd.token={door.token}"}
    async with (
        aiohttp.ClientSession() as http,
        http.request(route.verb, door.url + filled(route.path), headers=headers, data=b"{}") as answer,
    ):
        assert answer.status == 415


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=shown)
@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"3", b"\xff", b"[" * 100_000])
async def test_a_body_that_cannot_be_read_is_the_callers_mistake(route: Row, body: bytes, door: Door) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {door.token}"}
    async with door.http.request(
        route.verb, door.url + filled(route.path), headers=headers, data=body
    ) as answer:
        assert answer.status == 400
        assert (await answer.json())["code"] == 3


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=shown)
async def test_a_body_larger_than_its_rows_limit_is_refused(route: Row, door: Door) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {door.token}"}
    for sent in (io.BytesIO(b" " * (route.body_bytes + 1)), _endless(route.body_bytes)):
        try:
            async with door.http.request(
                route.verb, door.url + filled(route.path), headers=headers, data=sent
            ) as answer:
                assert answer.status == 400
                assert "the body is larger than" in (await answer.json())["message"]
        except aiohttp.ClientConnectionError:
            pass


async def _endless(limit: int) -> AsyncIterator[bytes]:
    for _ in range(0, limit + (1 << 16), 1 << 16):
        yield b" " * (1 << 16)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=shown)
async def test_deep_json_is_the_callers_mistake(route: Row, door: Door) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {door.token}"}
    deep = b'{"a":' * 600 + b"1" + b"}" * 600
    async with door.http.request(
        route.verb, door.url + filled(route.path), headers=headers, data=deep
    ) as answer:
        assert answer.status == 400
        assert "nested deeper than 100" in (await answer.json())["message"]
