"""The service while NATS was never there: people log in and look; only what needs others is refused."""

import asyncio
import secrets

import aiohttp
import msgspec

from fairlead.api_server.config import Config
from fairlead.api_server.wiring import serve
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.redis_server import RedisServer
from fairlead.process import Stop
from fairlead.secret import Secret
from tests.integration.api_server.conftest import NAMESPACE, Door, application, until_up


async def test_a_server_without_nats_is_ready_and_answers_what_its_mirrors_hold(
    door: Door, kube: KubeClient, control_plane: ControlPlane, redis_server: RedisServer
) -> None:
    entry = {
        "id": 0,
        "revision": "a" * 40,
        "deployedAt": "2026-01-01T00:00:00Z",
        "initiatedBy": {"username": "mara"},
    }
    await application(kube, "alone", status={"history": [entry]})
    config = Config(
        namespace=NAMESPACE,
        kubeconfig=str(control_plane.kubeconfig),
        nats_url=f"nats://{LOOPBACK}:{choose_port()}",
        redis_url=Secret(redis_server.url),
        cache_secret=Secret(secrets.token_hex(16)),
        listen=LOOPBACK,
        port=choose_port(),
        probe_port=choose_port(),
        insecure=True,
    )
    stop = Stop()
    service = asyncio.create_task(serve(config, stop))
    async with aiohttp.ClientSession() as http:
        url = f"http://{LOOPBACK}:{config.port}"
        await until_up(http, url, service)
        async with http.get(f"http://{LOOPBACK}:{config.probe_port}/readyz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
        async with http.get(f"http://{LOOPBACK}:{config.probe_port}/metrics") as answer:
            assert "fairlead_api_nats_connected 0.0" in await answer.text()
        headers = {"Authorization": f"Bearer {door.token}"}
        async with http.get(f"{url}/api/v1/applications", headers=headers) as answer:
            assert answer.status == 200
        await _pages(http, url, headers)
    stop.set()
    await service


async def _pages(http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> None:
    """A page shows the application, and says why there is no tree; a story has the deployments."""
    query = {"name": "alone"}
    path = f"{url}/api/v1/stream/view/application"
    async with asyncio.timeout(120), http.get(path, headers=headers, params=query) as answer:
        events = [msgspec.json.decode(await answer.content.readline())["result"] for _ in range(2)]
    assert [event["type"] for event in events] == ["APPLICATION", "TREE"]
    assert events[1] == {"type": "TREE", "problem": "NATS is away, so nothing is heard of the cluster"}
    query = {"application": "alone"}
    async with http.get(f"{url}/api/v1/story", headers=headers, params=query) as answer:
        story = await answer.json()
    assert "only deployments are known" in story["problem"]
    assert [(item["kind"], item["by"]) for item in story["items"]] == [("deployment", "mara")]
