"""The service in this process, on a real control plane, NATS and Redis; others' answers are scripted."""

import asyncio
import base64
import itertools
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.config import Config
from fairlead.api_server.kinds import APPLICATION_SETS, APPLICATIONS, CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.api_server.wiring import serve
from fairlead.bus import Bus, BusConfig
from fairlead.events import subjects
from fairlead.events.envelope import encode
from fairlead.kube.errors import NotFoundError
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import choose_port
from fairlead.local.redis_server import RedisServer
from fairlead.process import Stop
from fairlead.rpc import clusters, plugins
from fairlead.secret import Secret
from tests.integration.api_server.one_application import repository

__all__ = ["repository"]
NAMESPACE = "api-server"
WRITTEN = (APPLICATIONS, APPLICATION_SETS, PROJECTS, CONFIG_MAPS, SECRETS)
CACHE_SECRET = secrets.token_hex(16)
_addresses = itertools.count(1)


Document = dict[str, Any]
Named = tuple[Resource, str]
"""An object of the service's namespace: its kind and its name."""


class Door(msgspec.Struct, kw_only=True):
    """Where the service is, and how to get in."""

    url: str
    password: str
    token: str
    http: aiohttp.ClientSession

    async def ask(self, verb: str, path: str, body: object = None, **query: str) -> tuple[int, object]:
        """The status and JSON of a call made as admin."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else msgspec.json.encode(body)
        async with self.http.request(
            verb, self.url + path, data=data, headers=headers, params=query
        ) as answer:
            return answer.status, msgspec.json.decode(await answer.read())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kube(kinds: ControlPlane) -> AsyncIterator[KubeClient]:
    """The cluster, with our kinds and a namespace of this folder's own."""
    await kinds.kubectl("create", "namespace", NAMESPACE)
    async with KubeClient(from_kubeconfig(kinds.kubeconfig)) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def nats_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    """A broker for these tests alone: their scripted answers must reach nobody else's questions."""
    async with NatsServer(tmp_path_factory.mktemp("api-nats")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def other(nats_server: NatsServer) -> AsyncIterator[Bus]:
    """The bus as another process sees it; the owner of the streams has made them."""
    owner = await Bus.connect(BusConfig(url=nats_server.url, service="app-controller"))
    bus = await Bus.connect(BusConfig(url=nats_server.url, service="repo-server"))
    yield bus
    await bus.close()
    await owner.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(
    kube: KubeClient,
    control_plane: ControlPlane,
    other: Bus,
    nats_server: NatsServer,
    redis_server: RedisServer,
) -> AsyncIterator[Door]:
    """The running service of all modules of this folder, and a session of admin."""
    assert other.is_connected
    async with serving(kube, control_plane, nats_server, redis_server) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def first_state(service: Door, kube: KubeClient) -> dict[Named, Document]:
    """What the namespace holds once the service is up, before any test."""
    assert service.token
    return await held(kube)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(service: Door, kube: KubeClient, first_state: dict[Named, Document]) -> AsyncIterator[Door]:
    """The running service; whatever a module leaves in its namespace is gone before the next one begins."""
    token, password = service.token, service.password
    yield service
    service.token, service.password = token, password
    await restore(kube, first_state)
    async with asyncio.timeout(120):
        while not await is_as_found(service):
            await asyncio.sleep(0.05)


async def is_as_found(door: Door) -> bool:
    """Whether the service knows the session of admin, and sees no application and one project."""
    status, _ = await door.ask("GET", "/api/v1/session/userinfo")
    if status != 200 or (await door.ask("GET", "/api/v1/applications"))[0] != 200:
        return False
    return not await names(door) and await names(door, "projects") == ["default"]


async def held(kube: KubeClient) -> dict[Named, Document]:
    """Every object of the service's namespace that a test may have written."""
    return {
        (kind, obj["metadata"]["name"]): obj
        for kind in WRITTEN
        for obj in map(msgspec.json.decode, await kube.list_all(kind, NAMESPACE))
    }


async def restore(kube: KubeClient, first: dict[Named, Document]) -> None:
    """Bring the namespace back to what it was, object by object."""
    now = await held(kube)
    for (kind, name), obj in now.items():
        before = first.get((kind, name))
        if before is None:
            if obj["metadata"].get("finalizers"):
                await kube.merge_patch(kind, name, {"metadata": {"finalizers": None}}, NAMESPACE)
            with suppress(NotFoundError):
                await kube.delete(kind, name, NAMESPACE)
        elif obj["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]:
            again = made_of(before)
            again["metadata"]["resourceVersion"] = obj["metadata"]["resourceVersion"]
            await kube.update(kind, name, again, NAMESPACE)
    for (kind, name), obj in first.items():
        if (kind, name) not in now:
            await kube.create(kind, made_of(obj), NAMESPACE)


def made_of(obj: Document) -> Document:
    """An object as one would create it."""
    kept = ("name", "namespace", "labels", "annotations", "finalizers")
    metadata = {key: value for key, value in obj["metadata"].items() if key in kept}
    return {**obj, "metadata": metadata}


@asynccontextmanager
async def serving(
    kube: KubeClient,
    control_plane: ControlPlane,
    nats_server: NatsServer,
    redis_server: RedisServer,
    namespace: str = NAMESPACE,
    *,
    cache_secret: str = CACHE_SECRET,
) -> AsyncIterator[Door]:
    """The service for a namespace, and a session of admin."""
    config = Config(
        namespace=namespace,
        kubeconfig=str(control_plane.kubeconfig),
        nats_url=nats_server.url,
        redis_url=Secret(redis_server.url),
        cache_secret=Secret(cache_secret),
        listen="127.0.0.1",
        port=choose_port(),
        insecure=True,
    )
    stop = Stop()
    service = asyncio.create_task(serve(config, stop))
    async with aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{config.port}"
        await until_up(http, url, service)
        password = await initial_password(kube, namespace)
        async with http.post(
            f"{url}/api/v1/session", json={"username": "admin", "password": password}
        ) as answer:
            token = (await answer.json())["token"]
        yield Door(url=url, password=password, token=token, http=http)
    stop.set()
    await service


async def until_up(http: aiohttp.ClientSession, url: str, service: "asyncio.Task[None]") -> None:
    async with asyncio.timeout(120):
        while True:
            if service.done():
                service.result()
            try:
                async with http.get(f"{url}/healthz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.05)


async def initial_password(kube: KubeClient, namespace: str = NAMESPACE) -> str:
    """The password an operator reads after installing."""
    raw = await kube.get(SECRETS, "argocd-initial-admin-secret", namespace)
    return base64.b64decode(msgspec.json.decode(raw)["data"]["password"]).decode()


@asynccontextmanager
async def elsewhere() -> AsyncIterator[aiohttp.ClientSession]:
    """A client at an address of its own: failed logins are counted by name and address."""
    number = next(_addresses)
    connector = aiohttp.TCPConnector(local_addr=(f"127.1.{number // 250}.{number % 250 + 1}", 0))
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield http


async def opened(door: Door, name: str, password: str) -> str:
    """The token of a session as soon as the account is known; until then no guess of its name is used up."""
    body = {"username": name, "password": password}
    pause = 0.05
    async with asyncio.timeout(120):
        while True:
            async with elsewhere() as http, http.post(f"{door.url}/api/v1/session", json=body) as answer:
                if answer.status == 200:
                    return str((await answer.json())["token"])
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)


Answer = Callable[[str, bytes], Awaitable[bytes]]


async def reached(_: str, __: bytes) -> bytes:
    """A cluster that answers."""
    return encode(clusters.TriedCluster())


async def no_plugins(_: str, __: bytes) -> bytes:
    """A repo-server without sidecars."""
    return encode(plugins.ListedPlugins())


async def no_plugin(_: str, __: bytes) -> bytes:
    """A source that is for no plugin."""
    return encode(plugins.AnnouncedParameters())


UNSCRIPTED: dict[str, Answer] = {
    clusters.TRY: reached,
    plugins.LIST: no_plugins,
    plugins.ANNOUNCE: no_plugin,
}
"""What is answered before any test says otherwise."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def answers(other: Bus) -> dict[str, Answer]:
    """Answers of the repo-server and the controller by verb, for all modules of this folder."""

    answers = dict(UNSCRIPTED)

    async def answer(subject: str, payload: bytes) -> bytes:
        return await answers[subject.rpartition(".")[2]](subject, payload)

    await other.serve(f"{subjects.RPC_REPO}.*.*", answer)
    await other.serve(f"{subjects.RPC_CONTROLLER}.*.*", answer)
    return answers


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scripted(answers: dict[str, Answer]) -> AsyncIterator[dict[str, Answer]]:
    """The answers of one module's tests, which put in what they need."""
    yield answers
    answers.clear()
    answers |= UNSCRIPTED


async def application(
    kube: KubeClient, name: str, namespace: str = NAMESPACE, **more: object
) -> dict[str, object]:
    """An Application in the cluster."""
    body = {
        "apiVersion": APPLICATIONS.api_version,
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/team/config.git", "path": "apps/x"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
        },
        **more,
    }
    raw = await kube.create(APPLICATIONS, body, namespace)
    return dict(msgspec.json.decode(raw))


async def names(door: Door, of: str = "applications", **query: str) -> list[str]:
    """What a list answers, by name."""
    _, listed = await door.ask("GET", f"/api/v1/{of}", **query)
    return [item["metadata"]["name"] for item in msgspec.convert(listed, dict)["items"]]


async def stored(kube: KubeClient, name: str) -> dict[str, Any]:
    """An Application as it stands in the cluster."""
    return dict(msgspec.json.decode(await kube.get(APPLICATIONS, name, NAMESPACE)))
