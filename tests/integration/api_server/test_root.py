"""Below a root path everything is found, and nothing beside it."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from fairlead.api_server.listen import listening
from fairlead.api_server.rest import application
from fairlead.api_server.rest.root import normal
from fairlead.local.ports import LOOPBACK, choose_port
from tests.integration.api_server.conftest import initial_password
from tests.integration.api_server.test_dex import Servers, config_map, servers, serving

__all__ = ["servers"]


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server that says what it was asked for."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=f"{request.path}|{request.raw_path}|{request.query_string}")

    app = web.Application()
    for path in ("/healthz", "/", "/api/{rest:.*}", "/{service}/{method}"):
        app.router.add_route("*", path, answer)
    runner = application.runner(app, "/some/path")
    await runner.setup()
    port = choose_port()
    async with listening(runner, None, address=LOOPBACK, port=port):
        yield port
    await runner.cleanup()


async def test_what_is_below_the_root_path_is_found_without_it_and_the_rest_is_not(port: int) -> None:
    base = f"http://{LOOPBACK}:{port}"
    async with aiohttp.ClientSession() as http, asyncio.timeout(60):
        for asked, seen in {
            "/some/path/api/x%2Fy?a=b%20c": "/api/x/y|/api/x%2Fy?a=b%20c|a=b c",
            "/some/path": "/|/|",
            "/some/path/": "/|/|",
            "/some/path/a.B/C": "/a.B/C|/a.B/C|",
            "/healthz": "/healthz|/healthz|",
            "/some/path/healthz?full=true": "/healthz|/healthz?full=true|full=true",
        }.items():
            async with http.get(URL(base + asked, encoded=True)) as answer:
                assert await answer.text() == seen
        for asked in ("/api/x", "/some/pathological/api/x", "/", "/some"):
            async with http.get(base + asked) as answer:
                assert answer.status == 404 or "/-/outside" in await answer.text()


def test_a_root_path_may_be_written_with_or_without_slashes() -> None:
    assert {normal(text) for text in ("/a/b", "a/b/", " /a/b/ ")} == {"/a/b"}
    assert normal("") == normal("/") == ""


async def test_below_a_root_path_a_session_belongs_to_it_alone(servers: Servers) -> None:
    parameters = config_map("argocd-cmd-params-cm", server__rootpath="/fleet/")
    async with serving(servers, "rooted", choose_port(), parameters) as (url, http):
        password = await initial_password(servers.kube, "rooted")
        body = {"username": "admin", "password": password}
        async with http.post(f"{url}/fleet/api/v1/session", json=body) as answer:
            assert answer.status == 200
            assert "path=/fleet;" in answer.headers["Set-Cookie"]
        async with http.get(f"{url}/fleet/api/v1/session/userinfo") as answer:
            assert (await answer.json())["loggedIn"] is True
        async with http.get(f"{url}/fleet/auth/logout", allow_redirects=False) as answer:
            assert "path=/fleet;" in answer.headers["Set-Cookie"]
        async with http.get(f"{url}/fleet/api/v1/session/userinfo") as answer:
            assert "loggedIn" not in await answer.json()
