"""Replicas agree by Leases who owns what: never two at once, and soon somebody."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.process import membership
from fairlead.process.lease import LEASES
from fairlead.process.membership import Membership
from tests.integration.kube.fault_proxy import FaultProxy, status

NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)
KEYS = [f"https://cluster-{number}.example" for number in range(8)]
NAMESPACE = "replicas"


@pytest_asyncio.fixture(loop_scope="session")
async def client(control_plane: ControlPlane) -> AsyncIterator[KubeClient]:
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as opened:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        with contextlib.suppress(Exception):
            await opened.create(NAMESPACES, body)
        yield opened
        for raw in await opened.list_all(LEASES, NAMESPACE):
            await opened.delete(LEASES, _name(raw), NAMESPACE)


def _name(raw: bytes) -> str:
    return raw.split(b'"name":"', 1)[1].split(b'"', 1)[0].decode()


class Replica:
    """A member as a task, that can be ended in order or cut off."""

    def __init__(self, client: KubeClient, group: str, shard: int = 0) -> None:
        self.member = Membership(client, NAMESPACE, group, shard=shard, on_change=lambda: None, process="")
        self.task = asyncio.create_task(self.member.run())

    def acts(self, key: str) -> bool:
        return self.member.may_act(key)

    async def end(self, *, cleanly: bool) -> None:
        if not cleanly:

            async def nothing() -> None:
                return

            self.member._leave = nothing  # type: ignore[method-assign]
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@asynccontextmanager
async def watched(replicas: list[Replica]) -> AsyncIterator[list[str]]:
    """Looks all the time whether two act for one key; the answer gathers where that was seen."""
    seen: list[str] = []

    async def look() -> None:
        while True:
            for key in KEYS:
                acting = [item.member.id for item in replicas if item.acts(key)]
                if len(acting) > 1:
                    seen.append(f"{key}: {acting}")
            await asyncio.sleep(0.002)

    task = asyncio.create_task(look())
    try:
        yield seen
    finally:
        task.cancel()


async def all_owned(replicas: list[Replica], seconds: float) -> float:
    """Seconds until every key has somebody who acts for it."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with asyncio.timeout(seconds):
        while not all(any(item.acts(key) for item in replicas) for key in KEYS):
            await asyncio.sleep(0.01)
    return loop.time() - start


async def test_the_second_replica_takes_its_part_and_gives_it_back_at_once_when_it_leaves(
    client: KubeClient,
) -> None:
    replicas = [Replica(client, "pair")]
    async with watched(replicas) as seen:
        await all_owned(replicas, 120)
        replicas.append(Replica(client, "pair"))
        async with asyncio.timeout(120):
            while not all(any(item.acts(key) for key in KEYS) for item in replicas):
                await asyncio.sleep(0.01)
        await all_owned(replicas, 120)
        leaving = replicas.pop(0)
        await leaving.end(cleanly=True)
        assert await all_owned(replicas, 120) < membership.DURATION  # no silence was waited for
    assert seen == []
    await replicas[0].end(cleanly=True)


async def test_what_a_killed_replica_owned_has_a_new_owner_once_its_lease_is_over(client: KubeClient) -> None:
    replicas = [Replica(client, "killed"), Replica(client, "killed")]
    async with watched(replicas) as seen:
        async with asyncio.timeout(120):
            while not all(any(item.acts(key) for key in KEYS) for item in replicas):
                await asyncio.sleep(0.01)
        killed = replicas.pop(0)
        await killed.end(cleanly=False)
        await all_owned(replicas, 120)
    assert seen == []
    await replicas[0].end(cleanly=True)


def test_what_may_wait_a_little_has_another_owner_within_fifteen_seconds() -> None:
    """A killed one has its Lease until the next look after it; one that is renewed in time never lapses."""
    next_look = membership.RENEW + membership.CALM
    assert membership.DURATION + next_look <= 15
    assert next_look + membership.ANSWER_WITHIN < membership.DURATION - membership.MARGIN


async def test_a_replica_that_cannot_renew_stops_acting_before_another_begins(
    control_plane: ControlPlane, client: KubeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "DURATION", 4.0)
    async with (
        FaultProxy(from_kubeconfig(control_plane.kubeconfig)) as proxy,
        KubeClient(proxy.connection) as through,
    ):
        cut, well = Replica(through, "cut"), Replica(client, "cut")
        async with watched([cut, well]) as seen:
            async with asyncio.timeout(120):
                while not all(any(item.acts(key) for key in KEYS) for item in (cut, well)):
                    await asyncio.sleep(0.01)

            async def refuse(_: web.BaseRequest) -> web.StreamResponse | None:
                return status(503, "ServiceUnavailable", "away")

            proxy.rule = refuse
            proxy.drop_all()
            async with asyncio.timeout(60):
                while not all(well.acts(key) for key in KEYS):
                    await asyncio.sleep(0.01)
            assert not any(cut.acts(key) for key in KEYS)
            proxy.rule = None
            async with asyncio.timeout(60):
                while not any(cut.acts(key) for key in KEYS):
                    await asyncio.sleep(0.01)
            await all_owned([cut, well], 60)
        assert seen == []
        await cut.end(cleanly=True)
        await well.end(cleanly=True)


async def test_while_replicas_come_go_and_are_killed_at_random_no_key_has_two_owners(
    client: KubeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "DURATION", 3.0)
    monkeypatch.setattr(membership, "MARGIN", 1.0)
    monkeypatch.setattr(membership, "RENEW", 0.3)
    chance = random.Random(7)  # noqa: S311
    replicas: list[Replica] = [Replica(client, "random")]
    async with watched(replicas) as seen:
        for _ in range(25):
            if len(replicas) < 4 and chance.random() < 0.6:
                replicas.append(Replica(client, "random"))
            elif len(replicas) > 1:
                gone = replicas.pop(chance.randrange(len(replicas)))
                await gone.end(cleanly=chance.random() < 0.5)
            await asyncio.sleep(chance.uniform(0, 0.4))
        await all_owned(replicas, 60)
    assert seen == []
    for replica in replicas:
        await replica.end(cleanly=True)


async def test_a_pinned_key_is_owned_by_its_shard(client: KubeClient) -> None:
    replicas = [Replica(client, "pinned", shard) for shard in (0, 1)]
    for replica in replicas:
        replica.member.pin(dict.fromkeys(KEYS, 1))
    async with asyncio.timeout(60):
        while not all(replicas[1].acts(key) for key in KEYS):
            await asyncio.sleep(0.01)
    assert not any(replicas[0].acts(key) for key in KEYS)
    for replica in replicas:
        await replica.end(cleanly=True)


async def test_while_kubernetes_is_away_from_all_nobody_is_gone(
    control_plane: ControlPlane, client: KubeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each outage would hand clusters over, which are all read anew then."""
    monkeypatch.setattr(membership, "DURATION", 4.0)
    monkeypatch.setattr(membership, "BLIND", 3.0)
    async with (
        FaultProxy(from_kubeconfig(control_plane.kubeconfig)) as proxy,
        KubeClient(proxy.connection) as through,
    ):
        both = [Replica(through, "outage"), Replica(through, "outage")]
        async with asyncio.timeout(120):
            while not all(any(item.acts(key) for key in KEYS) for item in both):
                await asyncio.sleep(0.01)
        await all_owned(both, 120)
        before = [[key for key in KEYS if item.acts(key)] for item in both]
        lost: list[str] = []

        async def away(request: web.BaseRequest) -> web.StreamResponse | None:
            if request.method == "DELETE":
                lost.append(request.path)
            return status(503, "ServiceUnavailable", "away")

        async def note(request: web.BaseRequest) -> None:
            if request.method == "DELETE":
                lost.append(request.path)

        proxy.rule = away
        proxy.drop_all()
        await asyncio.sleep(membership.DURATION * 3)
        assert not any(item.acts(key) for item in both for key in KEYS)
        proxy.rule = note
        await all_owned(both, 120)
        assert [[key for key in KEYS if item.acts(key)] for item in both] == before
        assert lost == [], "no Lease was taken for one of somebody gone"
        for item in both:
            await item.end(cleanly=True)
