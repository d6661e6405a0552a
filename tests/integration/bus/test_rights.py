"""What each user of NATS may do, attacked on a real server: whatever is not named here is refused.

The tables are written by hand and not made from the grants: a right that is added there must be added here.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.aio.msg import Msg

from fairlead.bus import Bus, BusConfig, topology
from fairlead.bus.calls import until_known
from fairlead.bus.permissions import server_authorization
from fairlead.events import Trace
from fairlead.events.public import PublicEventType, app_event
from fairlead.local.nats_server import NatsServer

PASSWORDS = {grant.service: f"{grant.service}-password" for grant in topology.GRANTS}
EVERYTHING = "everything"
HELD = (
    *(stream.name for stream in topology.STREAMS),
    *(bucket.stream for bucket in topology.BUCKETS),
    *topology.RETIRED,
    "FOREIGN",
)
OWNED_BY_CONTROLLER = {
    "REVISION_CHECKS",
    "MOVES",
    "RENDER_REQUESTS",
    "RENDERED",
    "EVENTS",
    "KV_sources",
    "KV_credentials",
    "KV_settings",
    "KV_capabilities",
    "KV_refs",
    "KV_members",
}
PARTS = "0123456789abcdef"
WORKED_ON = ("REVISION_CHECKS", "RENDER_REQUESTS")
MAY_ASK = {
    "events-reader": {"$JS.API.DIRECT.GET.EVENTS"},
    "api-server": {
        "$JS.API.STREAM.INFO.EVENTS",
        "$JS.API.DIRECT.GET.EVENTS",
        "$JS.API.STREAM.INFO.REVISION_CHECKS",
        "$JS.API.STREAM.INFO.KV_sources",
        "$JS.API.DIRECT.GET.KV_sources",
        "$JS.API.STREAM.INFO.KV_refs",
        "$JS.API.DIRECT.GET.KV_refs",
        "$JS.API.STREAM.INFO.KV_logins",
        "$JS.API.STREAM.CREATE.KV_logins",
        "$JS.API.DIRECT.GET.KV_logins",
    },
    "applicationset-controller": set(),
    "notifications": {"$JS.API.DIRECT.GET.EVENTS"},
    "repo-server": {
        *(f"$JS.API.STREAM.INFO.{stream}" for stream in OWNED_BY_CONTROLLER),
        "$JS.API.DIRECT.GET.RENDERED",
        "$JS.API.DIRECT.GET.KV_sources",
        "$JS.API.DIRECT.GET.KV_credentials",
        "$JS.API.DIRECT.GET.KV_settings",
        "$JS.API.DIRECT.GET.KV_capabilities",
        "$JS.API.DIRECT.GET.KV_refs",
        "$JS.API.DIRECT.GET.KV_members",
        *(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.repo-server-{p}" for stream in WORKED_ON for p in PARTS),
        *(f"$JS.ACK.{stream}.repo-server-{p}.1.1.1.1.0" for stream in WORKED_ON for p in PARTS),
    },
    "app-controller": {
        *(f"$JS.API.STREAM.INFO.{stream}" for stream in OWNED_BY_CONTROLLER),
        *(f"$JS.API.STREAM.CREATE.{stream}" for stream in OWNED_BY_CONTROLLER),
        *(f"$JS.API.STREAM.UPDATE.{stream}" for stream in (*OWNED_BY_CONTROLLER, "KV_drift", "KV_logins")),
        *(
            f"$JS.API.{verb}.{stream}"
            for verb in ("STREAM.INFO", "STREAM.CREATE", "STREAM.UPDATE", "DIRECT.GET")
            for stream in ("KV_authors", "KV_write-credentials")
        ),
        "$JS.API.STREAM.INFO.KV_logins",
        "$JS.API.DIRECT.GET.KV_sources",
        "$JS.API.DIRECT.GET.KV_credentials",
        "$JS.API.DIRECT.GET.KV_settings",
        "$JS.API.DIRECT.GET.KV_capabilities",
        "$JS.API.DIRECT.GET.KV_refs",
        "$JS.API.DIRECT.GET.KV_members",
        *(f"$JS.API.{verb}.KV_drift" for verb in ("STREAM.INFO", "STREAM.CREATE", "DIRECT.GET")),
        *(f"$JS.API.STREAM.DELETE.{stream}" for stream in ("CHECKS", "COMMITS", "RENDERS", "KV_histories")),
        *(
            f"$JS.API.CONSUMER.CREATE.{stream}.{name}"
            for stream in ("RENDERED", "MOVES")
            for name in ("repo-server", *(f"repo-server-{part}" for part in PARTS), "evil", "evil.>")
        ),
        *(
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"
            for stream in ("RENDERED", "MOVES")
            for name in ("repo-server", *(f"repo-server-{part}" for part in PARTS), "evil")
        ),
        *(
            f"$JS.ACK.{stream}.{name}.1.1.1.1.0"
            for stream in ("RENDERED", "MOVES")
            for name in ("repo-server", *(f"repo-server-{part}" for part in PARTS), "evil")
        ),
    },
}
MAY_PUBLISH = {
    "events-reader": set(),
    "api-server": {
        "revision.check.0.x",
        "rpc.repo.0.verb",
        "rpc.controller.0.verb",
        "rpc.sets.verb",
        "$KV.logins.x",
    },
    "applicationset-controller": {"rpc.repo.0.verb"},
    "notifications": {"rpc.repo.0.verb"},
    "repo-server": {
        "revision.moved.0.x",
        "manifests.rendered.0.argocd.web",
        "$KV.refs.x",
        "$KV.members.x",
        "fairlead.v1.repo.x.commit.detected",
        "fairlead.v1.app.argocd.web.rendered",
    },
    "app-controller": {
        "render.requested.0.argocd.web",
        "revision.check.0.x",
        "rpc.repo.0.verb",
        "$KV.sources.argocd.web",
        "$KV.credentials.web",
        "$KV.settings.render",
        "$KV.capabilities.web",
        "$KV.drift.web",
        "fairlead.v1.app.argocd.web.rendered",
        "fairlead.v1.app.argocd.web.sync.failed",
    },
}
MAY_HEAR = {
    "events-reader": {
        "fairlead.v1.>",
        "fairlead.v1.repo.>",
        "fairlead.v1.app.argocd.*.sync.failed",
        "_INBOX.>",
    },
    "applicationset-controller": {
        "fairlead.v1.repo.>",
        "revision.check.*.*",
        "rpc.sets.*",
        "_INBOX_applicationset_controller.>",
    },
    "notifications": {
        "fairlead.v1.>",
        "fairlead.v1.repo.>",
        "fairlead.v1.app.argocd.*.sync.failed",
        "_INBOX_notifications.>",
    },
    "api-server": {
        "fairlead.v1.>",
        "fairlead.v1.repo.>",
        "fairlead.v1.app.argocd.*.sync.failed",
        "$KV.sources.>",
        "$KV.refs.>",
        "$KV.logins.>",
        "_INBOX_api_server.>",
    },
    "repo-server": {
        "$KV.sources.>",
        "$KV.credentials.>",
        "$KV.settings.>",
        "$KV.capabilities.>",
        "$KV.refs.>",
        "$KV.members.>",
        "_INBOX_repo_server.>",
        "manifests.rendered.*.*.*",
        "revision.check.*.*",
        "rpc.repo.*.*",
    },
    "app-controller": {
        "fairlead.v1.repo.>",
        "$KV.sources.>",
        "$KV.credentials.>",
        "$KV.settings.>",
        "$KV.capabilities.>",
        "$KV.refs.>",
        "$KV.members.>",
        "_INBOX_app_controller.>",
        "rpc.controller.*.*",
    },
}
SUBJECTS = {subject for known in MAY_PUBLISH.values() for subject in known} | {
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.ACCOUNT.PING.CONNZ",
    "$O.files.C.x",
    "$JS.FC.EVENTS.x.y",
    "$JS.EVENT.ADVISORY.x",
    "_INBOX.x",
    "_INBOX_repo_server.x",
    "_INBOX_app_controller.x",
    "_INBOX_api_server.x",
    "_INBOX_applicationset_controller.x",
    "_INBOX_notifications.x",
    "anything",
}
HEARD = {subject for known in MAY_HEAR.values() for subject in known} | {
    ">",
    "*",
    "$SYS.>",
    "$JS.>",
    "$JS.API.>",
    "$KV.>",
    "rpc.>",
    "revision.>",
    "commit.>",
    "manifests.>",
    "render.>",
    "fairlead.>",
}


def verbs() -> Iterable[str]:
    """Every subject of JetStream's interface, for every stream."""
    yield from (
        f"$JS.API.{verb}"
        for verb in (
            "INFO",
            "STREAM.LIST",
            "STREAM.NAMES",
            "STREAM.TEMPLATE.CREATE.x",
            "ACCOUNT.PURGE.FAIRLEAD",
            "ACCOUNT.STREAM.MOVE.FAIRLEAD.EVENTS",
            "META.LEADER.STEPDOWN",
            "SERVER.REMOVE",
        )
    )
    for stream in HELD:
        for verb in (
            *("CREATE", "UPDATE", "DELETE", "PURGE", "INFO", "SNAPSHOT", "RESTORE", "MSG.GET", "MSG.DELETE"),
            *("LEADER.STEPDOWN", "PEER.REMOVE", "CANCEL_MOVE"),
        ):
            yield f"$JS.API.STREAM.{verb}.{stream}"
        yield f"$JS.API.DIRECT.GET.{stream}"
        yield f"$JS.API.CONSUMER.LIST.{stream}"
        yield f"$JS.API.CONSUMER.NAMES.{stream}"
        yield f"$JS.API.CONSUMER.CREATE.{stream}"
        yield f"$JS.API.CONSUMER.CREATE.{stream}.evil.>"
        for consumer in ("repo-server", *(f"repo-server-{part}" for part in PARTS), "evil"):
            for verb in (
                *("CREATE", "DURABLE.CREATE", "DELETE", "INFO", "MSG.NEXT", "PAUSE", "UNPIN", "RESET"),
                "LEADER.STEPDOWN",
            ):
                yield f"$JS.API.CONSUMER.{verb}.{stream}.{consumer}"
            yield f"$JS.ACK.{stream}.{consumer}.1.1.1.1.0"


class Attacker:
    """A plain client with a user's password that keeps what it was refused."""

    def __init__(self, client: Client, refused: list[str]) -> None:
        self.client = client
        self.complaints = refused

    async def accepted(self, verb: str, tried: set[str]) -> set[str]:
        """Which of the subjects were not refused so far for `publish` or `subscription`."""
        await self._until_refused(f"the.last.{verb}")
        found = (re.search(rf'violation for {verb} to "([^"]+)"', text) for text in self.complaints)
        refused = {match[1] for match in found if match}
        return {subject for subject in tried if subject.lower() not in refused}

    async def _until_refused(self, subject: str) -> None:
        """The client's flush overtakes what it has not sent yet; refusals come in order."""
        await self.client.publish(subject, b"")
        async with asyncio.timeout(120):
            while not any(f'publish to "{subject}"' in text for text in self.complaints):
                await asyncio.sleep(0.01)


@asynccontextmanager
async def attacking(server: NatsServer, user: str) -> AsyncIterator[Attacker]:
    refused: list[str] = []

    async def keep(error: Exception) -> None:
        refused.append(str(error))

    client = await nats.connect(
        server.url,
        user=user,
        password=PASSWORDS.get(user, EVERYTHING),
        error_cb=keep,
        max_reconnect_attempts=0,
    )
    try:
        yield Attacker(client, refused)
    finally:
        await client.close()


@asynccontextmanager
async def connected(server: NatsServer, service: str) -> AsyncIterator[Bus]:
    bus = await Bus.connect(
        BusConfig(url=server.url, service=service, user=service, password=PASSWORDS[service])
    )
    try:
        yield bus
    finally:
        await bus.close()


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    everything = f'"users": [{{"user": "{EVERYTHING}", "password": "{EVERYTHING}"}},'
    users = server_authorization(PASSWORDS).replace('"users": [', everything, 1)
    async with NatsServer(tmp_path, users=users) as running, connected(running, "app-controller"):
        yield running


@pytest.mark.parametrize("user", sorted(MAY_ASK))
async def test_every_verb_of_jetstream_is_refused_but_those_that_are_named(
    server: NatsServer, user: str
) -> None:
    tried = set(verbs())
    async with attacking(server, user) as attacker:
        for subject in sorted(tried):
            await attacker.client.publish(subject, b"{}", reply="_INBOX.attacker")
        assert await attacker.accepted("publish", tried) == MAY_ASK[user]


@pytest.mark.parametrize("user", sorted(MAY_PUBLISH))
async def test_subjects_of_others_can_neither_be_written_nor_heard(server: NatsServer, user: str) -> None:
    async with attacking(server, user) as attacker:
        for subject in sorted(SUBJECTS):
            await attacker.client.publish(subject, b"forged")
        assert await attacker.accepted("publish", SUBJECTS) == MAY_PUBLISH[user]
        for subject in sorted(HEARD):
            await attacker.client.subscribe(subject)
        assert await attacker.accepted("subscription", HEARD) == MAY_HEAR[user]


def told(name: str = "web") -> tuple[str, bytes]:
    publication = app_event(
        PublicEventType.APP_SYNC_FAILED,
        service="app-controller",
        namespace="argocd",
        name=name,
        trace=Trace.start(),
        data={"message": "no"},
    )
    return publication.subject, publication.payload


async def test_an_outsiders_request_is_answered_nowhere_but_among_outsiders(server: NatsServer) -> None:
    """The server answers where the request says: what it says there must not reach the services."""
    heard: list[str] = []

    async def hear(message: Msg) -> None:
        heard.append(message.subject)

    targets = (
        "$KV.sources.argocd.web",
        "rpc.repo.0.verb",
        "manifests.rendered.0.argocd.web",
        "fairlead.v1.x",
    )
    async with attacking(server, EVERYTHING) as witness, attacking(server, "events-reader") as reader:
        subject, payload = told()
        await witness.client.jetstream().publish(subject, payload)
        for target in (*targets, "witness"):
            await witness.client.subscribe(target, cb=hear)
        await until_known(witness.client, 10)
        for target in targets:
            await reader.client.publish("$JS.API.DIRECT.GET.EVENTS", b'{"seq":1}', reply=target)
        answer = await reader.client.request("$JS.API.DIRECT.GET.EVENTS", b'{"seq":1}', timeout=10)
        assert answer.data == payload
        await witness.client.publish("witness", b"")
        async with asyncio.timeout(120):
            while not heard:
                await asyncio.sleep(0.01)
        assert heard == ["witness"]


async def test_an_outsider_with_any_client_hears_the_public_events_as_documented(server: NatsServer) -> None:
    subject, payload = told()
    async with attacking(server, "events-reader") as reader, connected(server, "app-controller") as teller:
        subscription = await reader.client.subscribe("fairlead.v1.app.argocd.*.sync.failed")
        await until_known(reader.client, 10)
        await teller.client.publish(subject, payload)
        message = await subscription.next_msg(timeout=10)
        assert (message.subject, message.data) == (subject, payload)
        assert reader.complaints == []


async def test_a_refusal_is_counted_and_told(server: NatsServer, capsys: pytest.CaptureFixture[str]) -> None:
    from fairlead.bus.connection import VIOLATIONS

    before = VIOLATIONS._value.get()
    async with connected(server, "api-server") as api:
        await api.client.publish("manifests.rendered.0.argocd.web", b"forged")
        async with asyncio.timeout(120):
            while VIOLATIONS._value.get() == before:
                await asyncio.sleep(0.01)
    assert "bus.permission.violated" in capsys.readouterr().out
