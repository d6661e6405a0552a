"""Public events over HTTP: who may hear which, and going on where one left off."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import bcrypt
import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.bus import Bus, BusConfig
from fairlead.events import PublicEventType, Trace
from fairlead.events.public import Publication, app_event, repository_event
from fairlead.kube.rest import KubeClient
from fairlead.local.nats_server import NatsServer
from tests.integration.api_server.conftest import NAMESPACE, Door, application, opened
from tests.integration.api_server.event_stream import EventStream, following

PASSWORD = "a long enough password"
EVENTS = "/api/v1/stream/events"
REPO = "git.example/told/config"
POLICY = "p, listener, applications, get, told-a/*, allow"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def listener(door: Door, kube: KubeClient) -> AsyncIterator[Door]:
    """Two applications of one repository, and somebody who may see the first."""
    for name in ("a", "b"):
        spec = {
            "project": f"told-{name}",
            "source": {"repoURL": f"https://{REPO}.git", "path": name},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
        }
        await application(kube, f"told-{name}", spec=spec)
    labels = {"app.kubernetes.io/part-of": "argocd"}
    values = {"argocd-cm": {"accounts.listener": "login"}, "argocd-rbac-cm": {"policy.csv": POLICY}}
    for name, data in values.items():
        metadata = {"name": name, "labels": labels}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        await kube.create(CONFIG_MAPS, body, NAMESPACE)
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))
    secret = {"data": {"accounts.listener.password": base64.b64encode(hashed).decode()}}
    await kube.merge_patch(SECRETS, "argocd-secret", secret, NAMESPACE)
    somebody = msgspec.structs.replace(door, token=await opened(door, "listener", PASSWORD))
    async with asyncio.timeout(120):
        while (await somebody.ask("GET", "/api/v1/applications/told-a"))[0] != 200:
            await asyncio.sleep(0.1)
    yield somebody


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def teller(nats_server: NatsServer, door: Door) -> AsyncIterator[Bus]:
    """The bus as a controller has it."""
    bus = await Bus.connect(BusConfig(url=nats_server.url, service="app-controller"))
    yield bus
    await bus.close()


def about(name: str, kind: PublicEventType, number: int, suffix: str = "") -> Publication:
    return app_event(
        kind,
        service="app-controller",
        namespace=NAMESPACE,
        name=name,
        trace=Trace.start(),
        data={"number": number},
        suffix=suffix,
    )


def commit(repository: str, number: int) -> Publication:
    return repository_event(
        PublicEventType.COMMIT_DETECTED,
        service="repo-server",
        repository=repository,
        trace=Trace.start(),
        data={"number": number},
    )


async def tell(bus: Bus, *told: Publication) -> None:
    for each in told:
        await bus.tell(each)


async def heard(stream: EventStream, count: int) -> list[tuple[str, Any]]:
    found = []
    async with asyncio.timeout(120):
        for _ in range(count):
            event = await stream.next()
            found.append((event["type"].removeprefix("fairlead.v1."), event["data"].get("number")))
    return found


SYNCED, STARTED, FAILED = (
    PublicEventType.APP_SYNCED,
    PublicEventType.APP_SYNC_STARTED,
    PublicEventType.APP_SYNC_FAILED,
)


async def test_everybody_hears_of_what_they_may_see_and_nobody_of_more(
    door: Door, listener: Door, teller: Bus
) -> None:
    async with (
        asyncio.timeout(300),
        following(door, EVENTS) as all_of_it,
        following(listener, EVENTS) as some,
        following(door, EVENTS, project="told-b") as of_b,
        following(door, EVENTS, application="told-a", kind=["app.sync", "app.health.degraded"]) as narrow,
    ):
        told = [
            commit(REPO, 1),
            about("told-b", SYNCED, 2),
            about("told-a", SYNCED, 3),
            about("told-a", PublicEventType.APP_HEALTH, 4, "degraded"),
            about("unheard-of", SYNCED, 5),
            commit("git.example/told/other", 6),
            about("told-a", PublicEventType.APP_HEALTH, 7, "healthy"),
            about("told-b", STARTED, 8),
            about("told-a", FAILED, 9),
        ]
        await tell(teller, *told)
        assert [number for _, number in await heard(all_of_it, 7)] == [1, 2, 3, 4, 7, 8, 9]
        assert [number for _, number in await heard(some, 5)] == [1, 3, 4, 7, 9]
        assert [number for _, number in await heard(of_b, 3)] == [1, 2, 8]
        assert await heard(narrow, 2) == [("app.health.degraded", 4), ("app.sync.failed", 9)]


async def test_a_listener_that_comes_back_hears_what_it_missed_once(listener: Door, teller: Bus) -> None:
    async with asyncio.timeout(300), following(listener, EVENTS, kind="app") as stream:
        await tell(teller, about("told-a", SYNCED, 20))
        assert await heard(stream, 1) == [("app.synced", 20)]
        last = stream.last
    await tell(teller, about("told-b", SYNCED, 21), *(about("told-a", SYNCED, n) for n in range(22, 30)))
    for number, query in ((30, {"kind": "app"}), (31, {"application": "told-a"})):
        async with asyncio.timeout(300), following(listener, EVENTS, last=last, **query) as stream:
            missed = await heard(stream, number - 22)
            assert [each for _, each in missed] == list(range(22, number))
            await tell(teller, about("told-b", SYNCED, 99), about("told-a", SYNCED, number))
            assert await heard(stream, 1) == [("app.synced", number)]


async def test_what_cannot_be_told_any_more_is_said_to_be_missing(listener: Door, teller: Bus) -> None:
    async with asyncio.timeout(300), following(listener, EVENTS, kind="app") as stream:
        await tell(teller, about("told-a", SYNCED, 40))
        await heard(stream, 1)
        position, _, name = stream.last.partition(".")
    for last in (f"{position}.00000000", f"99999999.{name}"):
        async with asyncio.timeout(300), following(listener, EVENTS, last=last, kind="app") as stream:
            event = await stream.next()
            assert event["type"] == "fairlead.v1.gap"
            assert "not held any more" in event["data"]["reason"]
            assert stream.last == ""


async def test_a_stream_may_begin_at_a_time(listener: Door, teller: Bus) -> None:
    await tell(teller, about("told-a", SYNCED, 50))
    await asyncio.sleep(1.1)
    since = datetime.now(UTC).isoformat()
    await tell(teller, about("told-a", SYNCED, 51))
    async with asyncio.timeout(300), following(listener, EVENTS, since=since, kind="app") as stream:
        assert await heard(stream, 1) == [("app.synced", 51)]


async def test_of_an_application_that_is_gone_those_hear_who_could_see_it(
    door: Door, listener: Door, teller: Bus, kube: KubeClient
) -> None:
    spec = {
        "project": "told-a",
        "source": {"repoURL": f"https://{REPO}.git", "path": "gone"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
    }
    await application(kube, "told-gone", spec=spec)
    async with asyncio.timeout(300), following(listener, EVENTS, kind="app.deleted") as stream:
        while (await listener.ask("GET", "/api/v1/applications/told-gone"))[0] != 200:
            await asyncio.sleep(0.1)
        await kube.delete(APPLICATIONS, "told-gone", NAMESPACE)
        while (await door.ask("GET", "/api/v1/applications/told-gone"))[0] == 200:
            await asyncio.sleep(0.1)
        await tell(
            teller,
            about("told-never-was", PublicEventType.APP_DELETED, 60),
            about("told-gone", PublicEventType.APP_DELETED, 61),
        )
        assert await heard(stream, 1) == [("app.deleted", 61)]


async def test_what_happened_to_another_application_of_the_name_is_not_told_to_who_sees_this_one(
    door: Door, listener: Door, teller: Bus, kube: KubeClient
) -> None:
    destination = {"server": "https://kubernetes.default.svc", "namespace": "x"}
    source = {"repoURL": f"https://{REPO}.git", "path": "again"}
    spec = {"project": "told-b", "source": source, "destination": destination}
    since = datetime.now(UTC).isoformat()
    path = "/api/v1/applications/told-again"
    await application(kube, "told-again", spec=spec)
    async with asyncio.timeout(300):
        while (await door.ask("GET", path))[0] != 200:
            await asyncio.sleep(0.1)
        await tell(teller, about("told-again", SYNCED, 70))
        await kube.delete(APPLICATIONS, "told-again", NAMESPACE)
        while (await door.ask("GET", path))[0] == 200:
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.1)
        await application(kube, "told-again", spec=spec | {"project": "told-a"})
        while (await listener.ask("GET", path))[0] != 200:
            await asyncio.sleep(0.1)
        await tell(teller, about("told-again", SYNCED, 71))
        query = {"since": since, "application": "told-again"}
        async with following(listener, EVENTS, **query) as stream:
            assert await heard(stream, 1) == [("app.synced", 71)]
        async with following(door, EVENTS, **query) as stream:
            assert await heard(stream, 2) == [("app.synced", 70), ("app.synced", 71)]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"kind": "audit"}, 400, "no event has the kind 'audit'"),
        ({"kind": "app.nonsense"}, 400, "no event has the kind 'app.nonsense'"),
        ({"since": "yesterday"}, 400, "is not a time of RFC 3339"),
        ({"since": "2030-01-01T00:00:00"}, 400, "is not a time of RFC 3339"),
        ({"since": "0001-01-01T00:00:00+23:59"}, 400, "is not a time of RFC 3339"),
        ({"lastEventId": "0.abcdef12"}, 400, "is not the id of an event"),
        ({"lastEventId": "9" * 30}, 400, "is not the id of an event"),
        ({"lastEventId": "first"}, 400, "is not the id of an event"),
        ({"application": "told-b"}, 403, "permission denied"),
        ({"application": "nothing"}, 403, "permission denied"),
        ({"appname": "told-a"}, 400, "the query has no field 'appname'"),
    ],
)
async def test_what_cannot_be_followed_is_refused(
    listener: Door, query: dict[str, str], status: int, words: str
) -> None:
    headers = {"Authorization": f"Bearer {listener.token}"}
    url = listener.url + EVENTS
    async with asyncio.timeout(60), listener.http.get(url, headers=headers, params=query) as answer:
        assert answer.status == status
        assert words in (await answer.json())["message"]
