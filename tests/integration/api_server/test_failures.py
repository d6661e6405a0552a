"""What goes away comes back, and nobody is shown half a picture or left without words."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest_asyncio

from fairlead.api_server.config import Config
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.tallies import SharedTallies
from fairlead.api_server.wiring import serve
from fairlead.auth.throttle import LoginThrottle
from fairlead.bus import Bus, BusConfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import choose_port
from fairlead.local.redis_server import RedisServer
from fairlead.process import Stop
from fairlead.secret import Secret
from tests.integration.api_server.conftest import NAMESPACE, Door, application, initial_password, until_up

PUSH = b'{"repoURL": "https://git.example/team/config.git"}'


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_nats(tmp_path_factory: object) -> AsyncIterator[NatsServer]:
    """A NATS that this module may stop."""
    folder = tmp_path_factory.mktemp("own-nats")  # type: ignore[attr-defined]
    assert isinstance(folder, Path)
    async with NatsServer(folder) as running:
        owner = await Bus.connect(BusConfig(url=running.url, service="app-controller"))
        yield running
        await owner.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_redis(tmp_path_factory: object) -> AsyncIterator[RedisServer]:
    """A Redis that this module may stop."""
    folder = tmp_path_factory.mktemp("own-redis")  # type: ignore[attr-defined]
    assert isinstance(folder, Path)
    async with RedisServer(folder) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def second(
    door: Door, kube: KubeClient, control_plane: ControlPlane, own_nats: NatsServer, own_redis: RedisServer
) -> AsyncIterator[Door]:
    """Another replica, on servers of its own."""
    config = Config(
        namespace=NAMESPACE,
        kubeconfig=str(control_plane.kubeconfig),
        nats_url=own_nats.url,
        redis_url=Secret(own_redis.url),
        cache_secret=Secret(secrets.token_hex(16)),
        listen="127.0.0.1",
        port=choose_port(),
        insecure=True,
    )
    stop = Stop()
    service = asyncio.create_task(serve(config, stop))
    async with aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{config.port}"
        await until_up(http, url, service)
        yield Door(url=url, password=await initial_password(kube), token=door.token, http=http)
    stop.set()
    await service


async def push(door: Door) -> tuple[int, str]:
    headers = {"Content-Type": "application/json"}
    async with door.http.post(f"{door.url}/api/webhook", data=PUSH, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_a_session_of_one_replica_holds_at_another(second: Door) -> None:
    status, _ = await second.ask("GET", "/api/v1/applications")
    assert status == 200


async def test_a_push_while_nats_is_away_is_refused_so_that_it_is_sent_again(
    second: Door, kube: KubeClient, own_nats: NatsServer
) -> None:
    await application(kube, "pushed")
    async with asyncio.timeout(120):
        while (await second.ask("GET", "/api/v1/applications/pushed"))[0] != 200:
            await asyncio.sleep(0.02)
    assert await push(second) == (200, "")
    await own_nats.stop()
    assert await push(second) == (503, "Queue is full, discarding webhook payload")
    await own_nats.start()
    async with asyncio.timeout(120):
        while await push(second) != (200, ""):
            await asyncio.sleep(0.1)


async def test_without_answers_from_others_a_person_is_told_who_is_missing(
    second: Door, kube: KubeClient
) -> None:
    await application(kube, "lonely")
    async with asyncio.timeout(120):
        while (await second.ask("GET", "/api/v1/applications/lonely"))[0] != 200:
            await asyncio.sleep(0.02)
    status, body = await second.ask("GET", "/api/v1/applications/lonely/manifests")
    words = msgspec.convert(body, dict)["message"]
    assert (status, words) == (503, "the repo-server is not running or not connected")
    status, body = await second.ask("GET", "/api/v1/applications/lonely/resource-tree")
    words = msgspec.convert(body, dict)["message"]
    assert (status, words) == (503, "the app-controller is not running or not connected")


async def test_a_session_stays_ended_whatever_becomes_of_redis_and_nats(
    second: Door, door: Door, own_redis: RedisServer, own_nats: NatsServer
) -> None:
    async with second.http.post(
        f"{second.url}/api/v1/session", json={"username": "admin", "password": second.password}
    ) as answer:
        token = (await answer.json())["token"]
    await own_redis.stop()
    headers = {"Authorization": f"Bearer {token}"}
    async with second.http.get(f"{second.url}/api/v1/account", headers=headers) as answer:
        assert answer.status == 200
    async with second.http.post(
        f"{second.url}/auth/logout", headers={"Cookie": f"argocd.token={token}"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303
    async with second.http.get(f"{second.url}/api/v1/account", headers=headers) as answer:
        assert answer.status == 401
    await own_redis.restart(wipe=True)
    await own_nats.restart(wipe=True)
    async with asyncio.timeout(60):
        for replica in (second, door):
            while True:
                async with replica.http.get(f"{replica.url}/api/v1/account", headers=headers) as answer:
                    if answer.status == 401:
                        break
                await asyncio.sleep(0.05)


async def test_a_stream_ends_with_the_session_it_was_opened_with(second: Door) -> None:
    async with second.http.post(
        f"{second.url}/api/v1/session", json={"username": "admin", "password": second.password}
    ) as answer:
        token = (await answer.json())["token"]
    url = f"{second.url}/api/v1/stream/applications?name=nothing-of-this-name"
    headers = {"Authorization": f"Bearer {token}"}
    async with asyncio.timeout(120), second.http.get(url, headers=headers) as stream:
        async with second.http.post(
            f"{second.url}/auth/logout", headers={"Cookie": f"argocd.token={token}"}, allow_redirects=False
        ) as answer:
            assert answer.status == 303
        last = msgspec.json.decode(await stream.content.readline())
        assert last["error"]["http_code"] == 401
        assert "revoked" in last["error"]["message"]
        assert await stream.content.readline() == b""


async def test_changes_made_while_the_api_of_kubernetes_was_away_are_seen_afterwards(
    second: Door, kube: KubeClient, control_plane: ControlPlane
) -> None:
    await application(kube, "before")
    await kube.delete(APPLICATIONS, "before", NAMESPACE)
    await control_plane.kill("kube-apiserver")
    status, listed = await second.ask("GET", "/api/v1/applications")
    assert status == 200
    assert msgspec.convert(listed, dict)["items"]
    await control_plane.start_server("kube-apiserver")
    await application(kube, "after")
    async with asyncio.timeout(60):
        while (await second.ask("GET", "/api/v1/applications/after"))[0] != 200:
            await asyncio.sleep(0.1)
    assert (await second.ask("GET", "/api/v1/applications/before"))[0] == 403


async def test_replicas_count_guesses_together_and_each_for_itself_without_nats(own_nats: NatsServer) -> None:
    async def guess(throttle: LoginThrottle) -> bool:
        async with throttle.attempt("ci", "192.0.2.7", exists=True) as attempt:
            return attempt is not None

    buses = [await Bus.connect(BusConfig(url=own_nats.url, service="api-server")) for _ in range(2)]
    replicas = [LoginThrottle(SharedTallies(bus)) for bus in buses]
    async with asyncio.timeout(120):
        assert [await guess(replicas[n % 2]) for n in range(8)] == [True] * 5 + [False] * 3
        assert not await guess(LoginThrottle(SharedTallies(buses[0])))
        await own_nats.stop()
        later = LoginThrottle(SharedTallies(buses[1]))
        assert [await guess(later) for _ in range(8)] == [True] * 5 + [False] * 3
        await own_nats.start()
    for bus in buses:
        await bus.close()
