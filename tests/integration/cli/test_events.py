"""`events` on a real NATS server, with the rights that a spectator has."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from fairlead.bus import Bus, BusConfig, topology
from fairlead.bus.follow import follow, held
from fairlead.bus.permissions import server_authorization
from fairlead.events import Trace, subjects
from fairlead.events.public import PublicEventType, app_event
from fairlead.local.nats_server import NatsServer

PASSWORDS = {grant.service: f"{grant.service}-password" for grant in topology.GRANTS}
ALL = f"{subjects.PUBLIC}.>"


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with NatsServer(tmp_path, users=server_authorization(PASSWORDS)) as running:
        yield running


@asynccontextmanager
async def connected(server: NatsServer, service: str) -> AsyncIterator[Bus]:
    config = BusConfig(url=server.url, service=service, user=service, password=PASSWORDS[service])
    bus = await Bus.connect(config)
    try:
        yield bus
    finally:
        await bus.close()


async def tell(bus: Bus, name: str, kind: PublicEventType = PublicEventType.APP_SYNCED) -> None:
    data: dict[str, object] = {"revisions": ["0da637be0bd0a308d3a694f270f6b592c617cda9"]}
    await bus.tell(
        app_event(kind, service="test", namespace="argocd", name=name, trace=Trace.start(), data=data)
    )


async def events(server: NatsServer, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "fairlead.cli",
        "events",
        "--nats-url",
        server.url,
        *words,
        env={"FAIRLEAD_NATS_PASSWORD": PASSWORDS["events-reader"], "TZ": "UTC"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_what_the_stream_holds_is_printed_and_the_command_ends(
    server: NatsServer, tmp_path: Path
) -> None:
    async with connected(server, "app-controller") as bus:
        await tell(bus, "web")
        await tell(bus, "my.app", PublicEventType.APP_SYNC_STARTED)
        await bus.client.flush()
    process = await events(server, "--follow=false", "--data-dir", str(tmp_path))
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, err) == (0, b"")
    lines = out.decode().splitlines()
    assert [line.split()[1:4] for line in lines] == [
        ["app.synced", "argocd/web", "revisions=0da637b"],
        ["app.sync.started", "argocd/my.app", "revisions=0da637b"],
    ]


async def test_one_application_is_followed_until_the_reader_leaves(
    server: NatsServer, tmp_path: Path
) -> None:
    async with connected(server, "app-controller") as bus:
        await tell(bus, "my.app")
        await bus.client.flush()
        words = ("--app", "my.app", "--since", "1h", "-o", "json", "--data-dir", str(tmp_path))
        process = await events(server, *words)
        assert process.stdout is not None
        first = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        await tell(bus, "web")
        await tell(bus, "my.app", PublicEventType.APP_DRIFTED)
        second = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    assert (first["subject"], first["type"]) == ("argocd/my.app", "fairlead.v1.app.synced")
    assert (second["subject"], second["type"]) == ("argocd/my.app", "fairlead.v1.app.drifted")
    process.send_signal(2)
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, err) == (0, b"")


async def test_a_wrong_password_is_told_in_one_line(server: NatsServer, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fairlead.cli", "events", "--nats-url", server.url),
        *("--data-dir", str(tmp_path)),
        env={"FAIRLEAD_NATS_PASSWORD": "wrong"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 20
    assert "check the address, that the suite runs, and the password" in json.loads(err)["msg"]


async def test_an_empty_stream_ends_at_once(server: NatsServer) -> None:
    async with connected(server, "app-controller"), connected(server, "events-reader") as bus:
        since = datetime.now(UTC) - timedelta(hours=1)
        assert [event async for event in held(bus, ALL, since=since)] == []


async def test_following_goes_on_behind_the_last_event_after_the_server_came_back(
    server: NatsServer,
) -> None:
    async with connected(server, "app-controller") as teller, connected(server, "events-reader") as reader:
        following = follow(reader, ALL, since=datetime.now(UTC) - timedelta(minutes=1))
        await tell(teller, "one")
        first = await asyncio.wait_for(anext(following), 30)
        await server.stop()
        await server.start()
        await asyncio.sleep(1)
        await tell(teller, "two")
        second = await asyncio.wait_for(anext(following), 60)
        await following.aclose()
    assert subjects.public_app("argocd", "one", "synced") == first.subject
    assert subjects.public_app("argocd", "two", "synced") == second.subject
