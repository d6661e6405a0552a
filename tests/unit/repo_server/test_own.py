"""Work for partitions: one that fails leaves the others alone, and nothing is left to nobody."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import MagicMock

import pytest

from fairlead.process import supervise
from fairlead.repo_server.watching.own import Owner


class Scene:
    """A bus, members and a follower reduced to what the owner uses of them."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.owned = frozenset("ab")
        self.lapses = 0
        self.heard = 0
        self.served: Counter[str] = Counter()
        self.breaks: set[str] = set()
        self.taken: Counter[str] = Counter()

    async def hear(self, *_: object) -> None:
        self.heard += 1

    async def serve(self, subject: str, _: object) -> MagicMock:
        part = subject.split(".")[-2]
        self.served[part] += 1
        serving = MagicMock()
        serving.end = self.ended
        if part in self.breaks:
            raise ZeroDivisionError(part)
        return serving

    async def ended(self) -> None:
        """Nothing is to be done."""

    async def consume(self, *_: object, **__: object) -> None:
        await asyncio.Event().wait()

    def take(self, part: str, _: object) -> set[object]:
        self.taken[part] += 1
        if self.taken[part] == 1 and "take" in self.breaks:
            raise ZeroDivisionError(part)
        return set()


@contextlib.asynccontextmanager
async def working(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    for name in ("FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(supervise, name, 0.001)
    anything: Any = scene
    nothing = MagicMock()
    owner = Owner(
        bus=anything,
        members=anything,
        declared=nothing,
        follower=anything,
        records=nothing,
        poller=nothing,
        responder=nothing,
        checker=nothing,
        answers={},
    )
    running = asyncio.create_task(supervise.supervise("partitions", owner.run))
    async with asyncio.timeout(120):
        yield
    assert not running.done()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_a_partition_that_fails_is_begun_again_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene()
    scene.breaks = {"a"}
    async with working(scene, monkeypatch):
        while scene.served["a"] < 3:
            await asyncio.sleep(0.001)
        assert scene.served["b"] == 1
        scene.breaks.clear()
        before = scene.served["a"]
        while scene.served["a"] == before:
            await asyncio.sleep(0.001)
    assert (scene.heard, scene.taken) == (1, Counter("ab"))


async def test_who_fails_while_it_takes_partitions_takes_all_of_them_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene()
    scene.breaks = {"take"}
    async with working(scene, monkeypatch):
        while scene.served.keys() != {"a", "b"}:
            await asyncio.sleep(0.001)
    assert scene.heard == 1
