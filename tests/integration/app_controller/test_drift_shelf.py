"""Where journals are kept: in NATS, which may be away, wiped or full of what another one wrote."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from fairlead.app_controller.drifting.shelf import MAX_PAGES, Shelf, Whose
from fairlead.bus import Bus, BusConfig
from fairlead.local.nats_server import NatsServer
from fairlead.model.application import AppId
from fairlead.model.drift import DriftEnd, DriftEntry
from fairlead.model.times import stamp
from fairlead.rpc.drift import KeptLine
from tests.integration.app_controller.lab import SECRET

APP = AppId("team.a", "web")


@pytest_asyncio.fixture(loop_scope="session")
async def nats(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with NatsServer(tmp_path / "nats") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def bus(nats: NatsServer) -> AsyncIterator[Bus]:
    found = await Bus.connect(BusConfig(url=nats.url, service="app-controller", secret=SECRET.encode()))
    yield found
    await found.close()


def line(field: str, *, end: DriftEnd = DriftEnd.OPEN) -> KeptLine:
    now = stamp()
    ended = now if end else ""
    entry = DriftEntry(kind="ConfigMap", name="a", field=field, at=now, seen=now, end=end, ended=ended)
    return KeptLine(entry=entry)


def note(shelf: Shelf, field: str, app: AppId = APP, *, end: DriftEnd = DriftEnd.OPEN) -> None:
    shelf.open(app).journal.add(line(field, end=end))
    shelf.changed(app)


async def fields(shelf: Shelf) -> list[str]:
    return [entry.field for entry in (await shelf.read(APP)).entries]


@contextlib.asynccontextmanager
async def running(shelf: Shelf) -> AsyncIterator[Shelf]:
    task = asyncio.create_task(shelf.run())
    try:
        yield shelf
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def written(shelf: Shelf) -> None:
    async with asyncio.timeout(60):
        while not shelf.is_written:
            await asyncio.sleep(0.02)


async def test_what_is_kept_is_read_by_the_next_and_what_stands_is_taken_up(bus: Bus) -> None:
    async with running(Shelf(bus)) as shelf:
        note(shelf, ".a")
        note(shelf, ".b", AppId("argocd", "calm"), end=DriftEnd.HEALED)
        await written(shelf)
        since = shelf.since
    again = Shelf(bus)
    assert await again.load() == [APP]
    assert again.since == since
    assert await fields(again) == [".a"]
    async with running(Shelf(bus)) as other:
        note(other, ".c")
        await written(other)
        assert await fields(other) == [".a", ".c"], "what was kept comes before what was seen since"
        shelf = Shelf(bus)
        assert await shelf.load() == [APP]
        note(other, ".d")
        await written(other)
        async with running(shelf):
            shelf.renew(APP)
            await written(shelf)
            page = shelf.find(APP)
            assert page is not None
            assert [entry.field for entry in page.journal.entries] == [".a", ".c", ".d"]
        other.forget(APP)
        await written(other)
    assert await fields(Shelf(bus)) == []


async def test_a_wiped_broker_gets_what_is_at_hand_again_and_a_new_beginning(
    nats: NatsServer, bus: Bus
) -> None:
    async with running(Shelf(bus)) as shelf:
        note(shelf, ".a")
        await written(shelf)
        since = shelf.since
        await asyncio.sleep(1.1)
        await nats.restart(wipe=True)
        async with asyncio.timeout(60):
            while shelf.since in ("", since) or not shelf.is_written:
                await asyncio.sleep(0.05)
        assert shelf.since > since
        assert await fields(Shelf(bus)) == [".a"]


async def test_while_the_broker_is_away_changes_wait_and_nobody_waits_for_it(
    nats: NatsServer, bus: Bus
) -> None:
    async with running(Shelf(bus)) as shelf:
        note(shelf, ".a")
        await written(shelf)
        await nats.stop()
        note(shelf, ".b")
        page = shelf.find(APP)
        assert page is not None
        assert [entry.field for entry in page.journal.entries] == [".a", ".b"]
        await nats.start()
        await written(shelf)
        assert await fields(Shelf(bus)) == [".a", ".b"]


async def test_few_journals_of_which_nothing_stands_are_at_hand(bus: Bus) -> None:
    async with running(Shelf(bus)) as shelf:
        for number in range(MAX_PAGES + 20):
            note(shelf, ".a", AppId("argocd", f"app-{number}"), end=DriftEnd.HEALED)
        await written(shelf)
        assert shelf.find(AppId("argocd", "app-0")) is None
        assert shelf.find(AppId("argocd", f"app-{MAX_PAGES + 19}")) is not None
        assert len(await shelf.read(AppId("argocd", "app-0"))) == 1


async def test_an_application_has_nothing_of_another_that_had_its_name(bus: Bus) -> None:
    former, now = Whose("former", "2026-01-01T00:00:00Z"), Whose("now", "2099-01-01T00:00:00Z")
    async with running(Shelf(bus, lambda _: former)) as shelf:
        note(shelf, ".a")
        await written(shelf)
        assert await fields(Shelf(bus, lambda _: former)) == [".a"]
    later = Shelf(bus, lambda _: now)
    assert await later.load() == []
    assert await fields(later) == []
    async with running(later):
        note(later, ".b")
        await written(later)
        assert await fields(later) == [".b"]
    assert await fields(Shelf(bus, lambda _: now)) == [".b"]


async def test_a_journal_that_does_not_say_whose_it_is_is_known_by_its_time(bus: Bus) -> None:
    async with running(Shelf(bus)) as shelf:
        note(shelf, ".a")
        await written(shelf)
    assert await fields(Shelf(bus, lambda _: Whose("now", "2026-01-01T00:00:00Z"))) == [".a"]
    assert await fields(Shelf(bus, lambda _: Whose("now", "2099-01-01T00:00:00Z"))) == []
