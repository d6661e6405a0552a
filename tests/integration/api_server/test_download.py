"""Where Argo CD hands out its command, and where it describes its API."""

import asyncio

import aiohttp
from aiohttp import web

from fairlead.api_server.kinds import CONFIG_MAPS
from fairlead.api_server.rest import openapi
from fairlead.kube.rest import KubeClient
from fairlead.local.ports import LOOPBACK, choose_port
from tests.integration.api_server.conftest import NAMESPACE, Door
from tests.integration.api_server.test_dex import config_map


async def test_the_command_is_where_an_operator_says_and_otherwise_words_tell_how_to_get_it(
    door: Door, kube: KubeClient
) -> None:
    for name in ("argocd-linux", "argocd-linux-arm64"):
        async with door.http.get(f"{door.url}/download/{name}", allow_redirects=False) as answer:
            words = await answer.text()
            assert (answer.status, answer.content_type) == (404, "text/plain")
            assert f"help.download.linux-{'arm64' if 'arm' in name else 'amd64'}" in words
            assert "argocd login" in words
    settings = config_map("argocd-cm")
    settings["data"] = {
        "help.download.linux-amd64": "https://files.example/argocd",
        "help.download.linux-arm64": "javascript:alert(1)",
    }
    await kube.create(CONFIG_MAPS, settings, NAMESPACE)
    async with asyncio.timeout(60):
        while True:
            async with door.http.get(f"{door.url}/download/argocd-linux", allow_redirects=False) as answer:
                if answer.status == 302:
                    assert answer.headers["Location"] == "https://files.example/argocd"
                    break
            await asyncio.sleep(0.05)
    async with door.http.get(f"{door.url}/download/argocd-linux-arm64", allow_redirects=False) as answer:
        assert answer.status == 404


async def test_the_description_of_the_api_is_absent_when_it_is_switched_off() -> None:
    app = web.Application()
    openapi.add_routes(app.router, has_page=False)
    runner = web.AppRunner(app)
    await runner.setup()
    port = choose_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    async with aiohttp.ClientSession() as http:
        for path in ("/swagger.json", "/swagger-ui"):
            async with http.get(f"http://{LOOPBACK}:{port}{path}") as answer:
                assert answer.status == 404
                assert "server.disable.swagger.ui" in await answer.text()
    await runner.cleanup()
