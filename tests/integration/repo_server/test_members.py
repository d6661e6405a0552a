"""Who owns which repositories, on a real NATS: one owner each, whoever comes, goes, stops or is forgotten."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from fairlead.bus import Bus, BusConfig, StaleRevisionError
from fairlead.bus.topology import MEMBERS_BUCKET, bucket_of
from fairlead.events import subjects
from fairlead.local.nats_server import NatsServer
from fairlead.process import beating as members
from fairlead.process.beating import NAME_FILE, Members, name_in
from fairlead.repo_server.remotes.histories import Histories

FIRST, SECOND = "a" * 40, "b" * 40
ALL = frozenset(subjects.PARTITIONS)


class Replica:
    """A member with a connection of its own; `pause` is a stop by signal, `die` a kill."""

    def __init__(self, bus: Bus, folder: Path) -> None:
        self.bus = bus
        self.members = Members(bus, folder)
        self.running = asyncio.create_task(self.members.run())

    @property
    def owned(self) -> frozenset[str]:
        return self.members.owned

    async def die(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def nothing() -> None:
            pass

        monkeypatch.setattr(self.members, "_leave", nothing)
        await self.leave()

    async def leave(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


class Lab:
    """A NATS whose owner of streams lives, and the replicas on it."""

    def __init__(self, server: NatsServer, folder: Path, stack: contextlib.AsyncExitStack) -> None:
        self.server = server
        self.owner: Bus
        self._folder = folder
        self._stack = stack

    async def connected(self, service: str) -> Bus:
        bus = await Bus.connect(BusConfig(url=self.server.url, service=service))
        self._stack.push_async_callback(bus.close)
        return bus

    async def replica(self, name: str) -> Replica:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        made = Replica(await self.connected("repo-server"), folder)
        self._stack.push_async_callback(made.leave)
        return made


@pytest_asyncio.fixture(loop_scope="session")
async def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lab]:
    monkeypatch.setattr(members, "EVERY", 0.3)
    async with NatsServer(tmp_path / "nats") as server, contextlib.AsyncExitStack() as stack:
        made = Lab(server, tmp_path, stack)
        made.owner = await made.connected("app-controller")
        yield made


async def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


def shared(*replicas: Replica) -> bool:
    """Whether each partition has one owner, and each replica some."""
    owned = [part for replica in replicas for part in replica.owned]
    return sorted(owned) == sorted(ALL) and all(replica.owned for replica in replicas)


async def test_partitions_are_shared_out_and_taken_over_from_who_leaves_and_who_is_killed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await lab.replica("one")
    await eventually(lambda: one.owned == ALL)
    two, three = await lab.replica("two"), await lab.replica("three")
    await eventually(lambda: shared(one, two, three))
    await two.leave()
    await eventually(lambda: shared(one, three))
    assert not one.members.lapses
    await three.die(monkeypatch)
    await eventually(lambda: one.owned == ALL)


async def test_who_works_with_a_copy_of_anothers_folder_takes_a_name_of_its_own(
    lab: Lab, tmp_path: Path
) -> None:
    """As from a snapshot of a volume: both would own all, and never see each other."""
    one = await lab.replica("one")
    await eventually(lambda: one.owned == ALL)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / NAME_FILE).write_text(one.members.name)
    two = await lab.replica("copy")
    await eventually(lambda: shared(one, two))
    assert one.members.name != two.members.name
    for replica, folder in ((one, "one"), (two, "copy")):
        assert name_in(tmp_path / folder) == replica.members.name


async def test_who_comes_back_to_its_folder_owns_at_once_what_it_owned(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await lab.replica("one"), await lab.replica("two")
    await eventually(lambda: shared(one, two))
    before = one.owned
    await one.die(monkeypatch)
    again = await lab.replica("one")
    await again.members.joined()
    assert again.owned == before
    assert shared(again, two)
    assert name_in(lab._folder / "one") == again.members.name != two.members.name


@asynccontextmanager
async def owning_the_same(*replicas: Replica) -> AsyncIterator[None]:
    """Whatever happens meanwhile and for ten beats afterwards, nobody owns anything else."""
    before, seen = [r.owned for r in replicas], set()

    async def watch() -> None:
        while True:
            seen.add(tuple(r.owned for r in replicas))
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    yield
    numbers = [r.members._number for r in replicas]
    await eventually(lambda: all(r.members._number > n + 10 for r, n in zip(replicas, numbers, strict=True)))
    watching.cancel()
    assert seen == {tuple(before)}


async def test_nobody_owns_anything_else_while_nats_is_away_or_has_forgotten_all(lab: Lab) -> None:
    one, two = await lab.replica("one"), await lab.replica("two")
    await eventually(lambda: shared(one, two))
    async with owning_the_same(one, two):
        await lab.owner.jetstream.delete_stream(bucket_of(MEMBERS_BUCKET).stream)
        await lab.owner.repair()
    async with owning_the_same(one, two):
        await lab.server.kill()
        await asyncio.sleep(members.EVERY * members.MISSED * 2)
        await lab.server.start()
    async with owning_the_same(one, two):
        await lab.server.restart(wipe=True)


async def test_one_that_was_stopped_is_told_that_others_may_have_worked_for_it(lab: Lab) -> None:
    one, two = await lab.replica("one"), await lab.replica("two")
    await eventually(lambda: shared(one, two))
    held, go = one.members._bucket, asyncio.Event()

    class Stopped:
        async def put(self, *_: object, **__: object) -> int:
            await go.wait()
            return 0

        all = held.all

    one.members._bucket = Stopped()  # type: ignore[assignment]
    await eventually(lambda: two.owned == ALL)
    assert not one.members.lapses
    one.members._bucket = held
    go.set()
    await eventually(lambda: one.members.lapses == 1 and shared(one, two))


async def test_whose_beats_count_apart_and_at_another_pace_are_members_alike(lab: Lab) -> None:
    one, two = await lab.replica("one"), await lab.replica("two")
    await eventually(lambda: shared(one, two))
    one.members._number = 1 << 40
    put = two.members._bucket.put

    async def slowly(*args: object, **kwargs: object) -> int:
        await asyncio.sleep(members.EVERY * 2)
        return await put(*args, **kwargs)  # type: ignore[arg-type]

    two.members._bucket.put = slowly  # type: ignore[method-assign]
    async with owning_the_same(one, two):
        await asyncio.sleep(members.EVERY * 10)


async def test_a_ref_is_recorded_only_in_place_of_what_was_read(lab: Lab) -> None:
    """Two who believe that they own it: whose conclusions are from an older record concludes anew."""
    histories = Histories(await lab.connected("repo-server"))
    known = await histories.of("host/web", "main")
    await histories.keep("host/web", "HEAD", FIRST)
    assert (await histories.of("host/web", "")).history.commit == FIRST
    await histories.keep("host/web", "main", FIRST)
    await histories.keep("host/web", "main", SECOND)
    with pytest.raises(StaleRevisionError):
        await histories.write(known, known.history.moved("", SECOND, ()))
    known = await histories.of("host/web", "main")
    assert known.history.commit == FIRST
    await histories.keep("host/web", "main", SECOND)
    kept = await histories.of("host/web", "main")
    assert kept.history == known.history, "what is known stays"
    assert kept.revision > known.revision, "and is put once more, lest it is forgotten"
    known = kept
    await histories.write(known, known.history.moved(FIRST, SECOND, (("argocd", "web"),)))
    assert (await histories.of("host/web", "main")).history.touched_since(FIRST) == {("argocd", "web")}


async def test_two_who_record_their_partitions_of_one_ref_at_once_are_both_recorded(lab: Lab) -> None:
    one, two = [Histories(await lab.connected("repo-server")) for _ in range(2)]
    await asyncio.gather(
        *(each.keep("host/web", "main", FIRST, part) for part in "357" for each in (one, two))
    )
    history = (await one.of("host/web", "main")).history
    assert [history.of(part).commit for part in "357"] == [FIRST] * 3


async def test_a_partition_that_comes_to_a_ref_later_is_recorded_beside_the_others(lab: Lab) -> None:
    """Else an heir would know nothing of both together, and answer all of a large group one by one."""
    histories = Histories(await lab.connected("repo-server"))
    await histories.keep("host/web", "main", FIRST, "3")
    await histories.keep("host/web", "main", FIRST, "35")
    history = (await histories.of("host/web", "main")).history
    assert [(move.commit, move.parts) for move in history.moves] == [(FIRST, "35")]
    await histories.keep("host/web", "main", SECOND, "357")
    history = (await histories.of("host/web", "main")).history
    assert (history.of("35").commit, history.of("7").commit) == (FIRST, SECOND)
