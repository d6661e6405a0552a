"""Scripts of extensions: listed in the page, and each served by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web
from yarl import URL

from fairlead.api_server.extensions.routes import add_scripts
from fairlead.api_server.extensions.scripts import Scripts
from fairlead.api_server.listen import listening
from fairlead.api_server.rest import application as served_application
from fairlead.api_server.rest import guard
from fairlead.api_server.ui.assets import ui_assets
from fairlead.api_server.ui.serve import Ui, add_routes
from fairlead.local.ports import LOOPBACK, choose_port
from tests.integration.api_server.test_ui_assets import built

__all__ = ["built"]


@asynccontextmanager
async def alone(
    folder: Path, ui: Path, *, is_packed: bool = True
) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """The pages and scripts by themselves."""
    scripts = Scripts(str(folder), is_packed=is_packed)
    app = web.Application(middlewares=[guard.guarded])
    app.on_response_prepare.append(guard.add_headers)
    served = Ui(assets=ui_assets(str(ui)), scripts=scripts, is_packed=is_packed)
    add_scripts(app.router, scripts, served.policy)
    add_routes(app.router, served)
    runner = served_application.runner(app)
    await runner.setup()
    port = choose_port()
    async with listening(runner, None, address=LOOPBACK, port=port), aiohttp.ClientSession() as http:
        yield f"http://{LOOPBACK}:{port}", http
    await runner.cleanup()


async def test_scripts_are_listed_in_the_page_and_each_is_served_by_itself(
    built: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "extensions"
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "extension-1.js").write_text("first()")
    (folder / "extension-0.js").write_text("// " + "zero " * 4000)
    async with alone(folder, built) as (url, http):
        async with http.get(f"{url}/applications") as answer:
            page = await answer.text()
            assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        listed = page.partition('name="fairlead-extensions" content="')[2].partition('">')[0]
        pairs = msgspec.json.decode(listed.replace("&quot;", '"').replace("&amp;", "&"))
        assert [name for name, _ in pairs] == ["extension-0.js", "mine/extension-1.js"]
        async with http.get(URL(f"{url}/{pairs[1][1]}", encoded=True)) as answer:
            assert "first()" in await answer.text()
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["Content-Type"] == "text/javascript"
        async with http.get(URL(f"{url}/{pairs[0][1]}", encoded=True)) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert "zero" in await answer.text()
        for query in ("", "?file=extension-0.js", "?file=extension-0.js&v=old"):
            async with http.get(f"{url}/extensions.js{query}") as answer:
                assert answer.headers["Cache-Control"] == "no-cache"
        async with http.get(f"{url}/extensions.js?file=../secret") as answer:
            assert answer.status == 404
        async with http.get(f"{url}/terminal.html") as answer:
            assert "fairlead-extensions" not in await answer.text()
    async with alone(tmp_path / "nothing", built, is_packed=False) as (url, http):
        async with http.get(f"{url}/") as answer:
            assert "fairlead-extensions" not in await answer.text()
        async with http.get(f"{url}/extensions.js") as answer:
            assert (answer.status, await answer.text()) == (200, "")
        async with http.get(f"{url}/assets/app-4f2a.js") as answer:
            assert "Content-Encoding" not in answer.headers
            assert "Vary" not in answer.headers
