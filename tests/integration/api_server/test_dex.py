"""Dex behind `/api/dex`, and a server whose authentication is switched off; each a service of its own."""

import asyncio
import base64
import io
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest

from fairlead.api_server.config import Config
from fairlead.api_server.kinds import CONFIG_MAPS, SECRETS
from fairlead.api_server.rest.dex import MAX_BYTES
from fairlead.api_server.wiring import serve
from fairlead.auth.oidc.config import dex_secret
from fairlead.bus import Bus
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import choose_port
from fairlead.local.redis_server import RedisServer
from fairlead.process import Stop
from fairlead.secret import Secret
from tests.fakes.identity_provider import IdentityProvider
from tests.integration.api_server.conftest import until_up

LABELS = {"app.kubernetes.io/part-of": "argocd"}
CONNECTORS = "connectors:\n- {type: github, id: gh, name: GitHub, config: {clientSecret: $x}}\n"


def config_map(name: str, **data: str) -> dict[str, object]:
    metadata = {"name": name, "labels": LABELS}
    values = {key.replace("__", "."): value for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": values}


class Servers(msgspec.Struct):
    """What a service stands on."""

    kube: KubeClient
    control_plane: ControlPlane
    nats: NatsServer
    redis: RedisServer


@pytest.fixture
def servers(
    kube: KubeClient,
    control_plane: ControlPlane,
    other: Bus,
    nats_server: NatsServer,
    redis_server: RedisServer,
) -> Servers:
    assert other.is_connected
    return Servers(kube, control_plane, nats_server, redis_server)


@asynccontextmanager
async def serving(
    servers: Servers, namespace: str, port: int, *maps: dict[str, object], dex: str = ""
) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """A service in a namespace of its own, made with these ConfigMaps."""
    await servers.control_plane.kubectl("create", "namespace", namespace)
    for each in maps:
        await servers.kube.create(CONFIG_MAPS, each, namespace)
    config = Config(
        namespace=namespace,
        kubeconfig=str(servers.control_plane.kubeconfig),
        nats_url=servers.nats.url,
        redis_url=Secret(servers.redis.url),
        cache_secret=Secret(secrets.token_hex(16)),
        listen="127.0.0.1",
        port=port,
        insecure=True,
        dex_server=dex,
    )
    stop = Stop()
    service = asyncio.create_task(serve(config, stop))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        url = f"http://127.0.0.1:{port}"
        await until_up(http, url, service)
        yield url, http
    stop.set()
    await service


async def test_people_log_in_through_dex_which_is_asked_where_it_is(servers: Servers) -> None:
    port = choose_port()
    url = f"http://127.0.0.1:{port}"
    dex = IdentityProvider(prefix="/api/dex")
    policy = config_map("argocd-rbac-cm", policy__csv="g, team, role:readonly")
    settings = config_map("argocd-cm", url=url, dex__config=CONNECTORS, dex__auth__connectorId="gh")
    async with (
        dex.serving(),
        serving(servers, "with-dex", port, settings, policy, dex=dex.address) as (_, http),
    ):
        dex.issuer, dex.client = f"{url}/api/dex", "argo-cd"
        raw = msgspec.json.decode(await servers.kube.get(SECRETS, "argocd-secret", "with-dex"))
        dex.secret = dex_secret(Secret(_plain(raw["data"]["server.secretkey"]))).reveal()
        async with http.get(f"{url}/api/v1/settings") as answer:
            said = (await answer.json())["dexConfig"]
        connector = {"name": "GitHub", "type": "github", "id": "gh"}
        assert said == {"connectors": [connector], "dexAuthConnectorID": "gh"}
        async with http.get(f"{url}/auth/login", allow_redirects=False) as answer:
            where = answer.headers["Location"]
        assert where.startswith(f"{url}/api/dex/authorize?") and "connector_id=gh" in where
        async with http.get(where) as answer:
            assert answer.url.path == "/", answer.url
        async with http.get(f"{url}/api/v1/session/userinfo") as answer:
            assert (await answer.json())["username"] == "ada@example.org"
        async with http.get(f"{url}/api/v1/projects/default") as answer:
            assert answer.status == 200
        assert "argocd.token" not in str(dex.cookies)
        async with http.post(f"{url}/api/dex/token", data=io.BytesIO(b"x" * (MAX_BYTES + 1))) as answer:
            assert answer.status == 413


def _plain(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


async def test_without_authentication_everybody_may_do_everything_and_without_dex_nothing_is_passed_on(
    servers: Servers,
) -> None:
    parameters = config_map("argocd-cmd-params-cm", server__disable__auth="true")
    async with serving(servers, "open", choose_port(), parameters) as (url, http):
        async with http.get(f"{url}/api/v1/clusters") as answer:
            assert answer.status == 200
        body = {"project": {"metadata": {"name": "made"}, "spec": {}}}
        async with http.post(f"{url}/api/v1/projects", json=body) as answer:
            assert answer.status == 200, await answer.text()
        async with http.get(f"{url}/api/v1/account/can-i/exec/create/x%2Fy") as answer:
            assert await answer.json() == {"value": "yes"}
        for path in ("/api/dex/keys", "/auth/login", "/auth/callback"):
            async with http.get(url + path) as answer:
                assert answer.status == 404, path
