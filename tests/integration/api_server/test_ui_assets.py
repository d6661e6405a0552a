"""The web UI as a browser is given it: whole, cached or never, confined, and beside the API."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from fairlead.api_server.listen import listening
from fairlead.api_server.rest import application, guard
from fairlead.api_server.ui.assets import ui_assets
from fairlead.api_server.ui.policy import Policy
from fairlead.api_server.ui.serve import Ui, add_routes
from fairlead.local.ports import LOOPBACK, choose_port
from tests.integration.api_server.conftest import initial_password
from tests.integration.api_server.test_dex import Servers, config_map, servers, serving

__all__ = ["servers"]

INDEX = '<!doctype html><html><head><base href="/"><title>Fairlead</title></head><body></body></html>'
SCRIPT = b"export const words = 'as they are';\n" * 400
RAW = {"Accept-Encoding": "identity"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the build makes it, with a secret beside it that a link in it leads to."""
    folder = tmp_path / "ui"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "terminal.html").write_text(INDEX.replace("Fairlead", "Terminal"))
    (folder / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets/app-4f2a.js").write_bytes(SCRIPT)
    (folder / "assets/app-4f2a.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets/app-4f2a.js.br").write_bytes(b"as brotli")
    (tmp_path / "secret").write_text("canary")
    (folder / "leak.txt").symlink_to(tmp_path / "secret")
    (folder / ".hidden").write_text("canary")
    return folder


@asynccontextmanager
async def alone(ui: Ui, root: str = "") -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """The routes of the UI by themselves, with the headers that every answer has."""
    app = web.Application(middlewares=[guard.guarded])
    app.on_response_prepare.append(guard.add_headers)
    add_routes(app.router, ui)
    runner = application.runner(app, root)
    await runner.setup()
    port = choose_port()
    async with listening(runner, None, address=LOOPBACK, port=port), aiohttp.ClientSession() as http:
        yield f"http://{LOOPBACK}:{port}", http
    await runner.cleanup()


async def test_the_page_is_there_below_a_root_path_and_never_instead_of_the_api(
    servers: Servers, built: Path
) -> None:
    parameters = config_map(
        "argocd-cmd-params-cm", server__rootpath="/fleet", server__staticassets=str(built)
    )
    async with serving(servers, "with-ui", choose_port(), parameters) as (url, http):
        for path in (
            "/",
            "/applications",
            "/applications/argocd/web.shop?view=tree",
            "/settings/clusters/https%3A%2F%2Fa",
            "/login",
        ):
            async with http.get(URL(f"{url}/fleet{path}", encoded=True)) as answer:
                assert answer.status == 200, path
                assert '<base href="/fleet/">' in await answer.text()
                assert answer.headers["Cache-Control"] == "no-cache, no-store, must-revalidate"
                assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        for path in (
            "/api/nothing",
            "/api/v1/nothing/there",
            "/api",
            "/auth/nothing",
            "/extensions/x/y",
            "/-/x",
            "/assets/gone-1.js",
        ):
            async with http.get(f"{url}/fleet{path}") as answer:
                assert answer.status in (404, 405), path  # POST is for gRPC-Web at any two parts
                assert "<base" not in await answer.text(), path
        async with http.get(f"{url}/fleet/healthz") as answer:
            assert await answer.text() == "ok"
        async with http.get(f"{url}/applications") as answer:
            assert answer.status == 404
        async with http.post(f"{url}/fleet/api/v1/nothing", json={}) as answer:
            assert answer.status == 404
        body = {"username": "admin", "password": await initial_password(servers.kube, "with-ui")}
        async with http.post(f"{url}/fleet/api/v1/session", json=body) as answer:
            assert answer.status == 200
        async with http.get(f"{url}/fleet/auth/logout", allow_redirects=False) as answer:
            assert answer.headers["Location"] == "/fleet/"


async def test_assets_are_kept_for_ever_in_the_coding_that_is_taken(built: Path) -> None:
    async with alone(Ui(assets=ui_assets(str(built)))) as (url, http):
        name = f"{url}/assets/app-4f2a.js"
        tags = set()
        for accepted, coding in (
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, br;q=0", "gzip"),
            ("identity", None),
        ):
            async with http.get(name, headers={"Accept-Encoding": accepted}, auto_decompress=False) as answer:
                assert answer.headers.get("Content-Encoding") == coding
                assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
                assert answer.headers["Vary"] == "Accept-Encoding"
                assert answer.headers["Content-Type"] == "text/javascript"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
                assert len(await answer.read()) == int(answer.headers["Content-Length"])
                tags.add(answer.headers["ETag"])
        assert len(tags) == 3
        async with http.get(name, headers=RAW) as answer:
            assert await answer.read() == SCRIPT
            tag = answer.headers["ETag"]
        async with http.get(name, headers={**RAW, "If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        async with http.head(name, headers=RAW) as answer:
            assert (answer.status, int(answer.headers["Content-Length"])) == (200, len(SCRIPT))
        async with http.get(f"{url}/icon.svg") as answer:
            assert answer.headers["Cache-Control"] == "no-cache"
            assert answer.headers["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    [
        "/leak.txt",
        "/.hidden",
        "/../secret",
        "/assets/../../secret",
        "/assets/..%2f..%2fsecret",
        "/%2e%2e/secret",
        "/assets/%2e%2e/%2e%2e/secret",
        "//etc/passwd",
        "/assets//etc/passwd",
        "/assets/app-4f2a.js%00",
        "/..\\secret",
    ],
)
async def test_no_name_leads_out_of_the_folder(built: Path, path: str) -> None:
    async with (
        alone(Ui(assets=ui_assets(str(built)))) as (url, http),
        http.get(URL(url + path, encoded=True)) as answer,
    ):
        text = await answer.text()
    assert "canary" not in text and "root:" not in text
    assert answer.status == 404 or "<title>Fairlead" in text


async def test_only_the_terminal_may_write_styles_and_stand_in_a_page_of_ours(built: Path) -> None:
    ui = Ui(assets=ui_assets(str(built)), policy=Policy("frame-ancestors 'none'", "DENY"))
    async with alone(ui) as (url, http):
        async with http.get(f"{url}/terminal.html?pod=x") as answer:
            assert "<title>Terminal" in await answer.text()
            assert "style-src 'self' 'unsafe-inline'" in answer.headers["Content-Security-Policy"]
            assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        async with http.get(f"{url}/index.html") as answer:
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Frame-Options"] == "DENY"


async def test_no_frame_options_are_sent_where_an_operator_wants_none(built: Path) -> None:
    ui = Ui(assets=ui_assets(str(built)), policy=Policy("", ""))
    async with alone(ui) as (url, http), http.get(url) as answer:
        assert "X-Frame-Options" not in answer.headers
        assert "frame-ancestors" not in answer.headers["Content-Security-Policy"]


async def test_without_a_built_ui_its_place_says_how_to_have_one() -> None:
    async with alone(Ui()) as (url, http), http.get(f"{url}/applications") as answer:
        assert answer.status == 404
        assert "make setup" in await answer.text()
        assert answer.headers["Content-Type"].startswith("text/plain")


async def test_a_reader_who_stops_reading_holds_little_and_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "assets/large-1.js").write_bytes(b"x" * (8 << 20))
    async with alone(Ui(assets=ui_assets(str(tmp_path)))) as (url, http):
        slow = [await http.get(f"{url}/assets/large-1.js", read_bufsize=1024) for _ in range(20)]
        async with http.get(url) as answer:
            assert answer.status == 200
        for answer in slow:
            answer.close()
