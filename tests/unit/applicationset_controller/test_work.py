"""Sets are looked at when they are asked for or due, glanced at when their Applications fare otherwise."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from fairlead.applicationset_controller import work as module
from fairlead.applicationset_controller.drawing import limit_of
from fairlead.applicationset_controller.following.sets import KnownSet, Sets
from fairlead.applicationset_controller.work import Work
from fairlead.kube.collection import Name
from fairlead.kube.connection import Connection
from fairlead.kube.head import decode_head
from fairlead.kube.rest import KubeClient
from tests.unit.applicationset_controller.made import a_set

PATIENCE = 30.0


class Looks:
    """What is done for sets, written down; `again` is what a look answers, by the set's name."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.forgotten: list[str] = []
        self.again: dict[str, float] = {}
        self.failing: set[str] = set()
        self.hanging: set[str] = set()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def look(self, known: KnownSet) -> float | None:
        name = known.key[1]
        self.done.append(f"look {name}")
        if name in self.failing:
            raise RuntimeError("fails")
        if name in self.hanging:
            await asyncio.Event().wait()
        await self.may_end.wait()
        return self.again.get(name)

    async def step(self, known: KnownSet) -> float | None:
        self.done.append(f"step {known.key[1]}")
        return 0.05

    async def glance(self, known: KnownSet) -> None:
        self.done.append(f"glance {known.key[1]}")

    def forget(self, key: Name) -> None:
        self.forgotten.append(key[1])


class Desk:
    """Work on sets of the namespace `argocd`; `mine` are those that this replica owns."""

    def __init__(self, *names: str, stepwise: bool = False) -> None:
        self.mine = set(names)
        self.looks = Looks()
        client = KubeClient(Connection(server="https://127.0.0.1:1"))
        self.sets = Sets(client, "argocd", on_change=lambda key: None, on_gone=lambda key: None)
        for name in names:
            raw = msgspec.json.encode(
                {
                    "metadata": {"name": name, "namespace": "argocd", "uid": name, "resourceVersion": "1"},
                    "spec": {"generators": [], "template": {"metadata": {}, "spec": {}}},
                }
            )
            self.sets.take(decode_head(raw), raw)
        self.work = Work(
            self.sets,
            self.looks,
            owns=lambda key: key[1] in self.mine,
            is_stepwise=lambda _: stepwise,
            took=lambda _key, _seconds: None,
        )

    async def until(self, *done: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not set(done) <= set(self.looks.done):
                await asyncio.sleep(0.005)


@asynccontextmanager
async def working(desk: Desk, places: int = 2) -> AsyncIterator[Desk]:
    task = asyncio.create_task(desk.work.run(places))
    try:
        yield desk
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GLANCE", 0.02)
    monkeypatch.setattr(module, "STEP", 0.01)


async def test_only_what_is_ours_is_looked_at_and_what_becomes_ours_is_too() -> None:
    async with working(Desk("a", "b")) as desk:
        desk.mine.remove("b")
        desk.work.share()
        await desk.until("look a")
        desk.work.ask(("argocd", "b"))
        assert desk.looks.done == ["look a"]
        assert "b" in desk.looks.forgotten
        desk.mine.add("b")
        desk.work.share()
        await desk.until("look b")
        assert desk.looks.done.count("look a") == 1, "what is ours already is not looked at again"


async def test_a_set_that_was_lost_during_a_look_is_looked_at_when_it_is_ours_again() -> None:
    desk = Desk("a", "b")
    desk.looks.may_end.clear()
    async with working(desk):
        desk.work.ask(("argocd", "a"))
        await desk.until("look a")
        desk.mine.remove("a")
        desk.work.share()
        desk.looks.may_end.set()
        await desk.until("look b")
        desk.mine.add("a")
        desk.work.share()
        async with asyncio.timeout(PATIENCE):
            while desk.looks.done.count("look a") < 2:
                await asyncio.sleep(0.005)


async def test_how_applications_fare_is_glanced_at_and_a_whole_look_stays_due() -> None:
    desk = Desk("a")
    desk.looks.again["a"] = 0.3
    async with working(desk):
        desk.work.ask(("argocd", "a"))
        await desk.until("look a")
        for _ in range(5):
            desk.work.fares(("argocd", "a"))
        await desk.until("glance a")
        async with asyncio.timeout(PATIENCE):
            while desk.looks.done.count("look a") < 2:
                await asyncio.sleep(0.005)
        assert desk.looks.done[:3] == ["look a", "glance a", "look a"]


async def test_a_set_that_is_updated_in_steps_goes_on_without_being_generated_anew() -> None:
    desk = Desk("a", stepwise=True)
    desk.looks.again["a"] = 1.0
    async with working(desk):
        desk.work.fares(("argocd", "a"))
        await desk.until("look a")
        desk.work.fares(("argocd", "a"))
        async with asyncio.timeout(PATIENCE):
            while desk.looks.done.count("look a") < 2:
                await asyncio.sleep(0.005)
        assert desk.looks.done[:3] == ["look a", "step a", "step a"], "it comes again as it asks"
        assert "glance a" not in desk.looks.done


async def test_sets_that_fail_or_hang_cost_no_other_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.process.work_queue.STALL", 0.02)
    desk = Desk("failing", "hanging", "stuck", "good")
    desk.looks.failing, desk.looks.hanging = {"failing"}, {"hanging", "stuck"}
    async with working(desk, places=1):
        for name in ("failing", "hanging", "stuck", "good"):
            desk.work.ask(("argocd", name))
        await desk.until("look failing", "look hanging", "look stuck", "look good")


async def test_a_look_that_failed_is_made_again_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.process.work_queue.FIRST_RETRY", 0.01)
    desk = Desk("a")
    desk.looks.failing = {"a"}
    async with working(desk):
        desk.work.ask(("argocd", "a"))
        async with asyncio.timeout(PATIENCE):
            while len(desk.looks.done) < 3:
                await asyncio.sleep(0.005)
    assert set(desk.looks.done) == {"look a"}


def test_two_generations_fit_into_a_look_and_those_that_ask_hosts_may_take_minutes() -> None:
    listing, hosts = a_set(), a_set([{"scmProvider": {"github": {"organization": "team"}}}])
    asked_within = {"generators": [{"list": {"elements": []}}, {"pullRequest": {"gitea": {}}}]}
    assert limit_of(listing) < limit_of(hosts) == limit_of(a_set([{"matrix": asked_within}]))
    assert 2 * limit_of(hosts) < module.DEADLINE
