"""What one namespace's texts cost holds up no other's for longer than once."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from fairlead.notifications import engines
from fairlead.notifications.engines import Namespaces


class Played:
    """An engine whose requests last until they are let go, one at a time."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}

    async def notice(self, work: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        name = variables["name"]
        self.asked.append(name)
        await self.ends.setdefault(name, asyncio.Event()).wait()
        return name

    def let_go(self, *names: str) -> None:
        for name in names:
            self.ends.setdefault(name, asyncio.Event()).set()


async def _until(holds: object) -> None:
    async with asyncio.timeout(30):
        while not holds():  # type: ignore[operator]
            await asyncio.sleep(0)


async def test_who_was_slow_waits_beside_those_who_are_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow = Played(), Played()
    namespaces = Namespaces(quick, slow)
    monkeypatch.setattr(engines, "SLOW", 0.0)
    quick.let_go("first")
    assert await namespaces.of("greedy").notice({}, {"name": "first"}) == "first"
    monkeypatch.setattr(engines, "SLOW", 3600.0)
    greedy = asyncio.create_task(namespaces.of("greedy").notice({}, {"name": "second"}))
    await _until(lambda: slow.asked == ["second"])
    quick.let_go("mine")
    assert await namespaces.of("modest").notice({}, {"name": "mine"}) == "mine"
    assert not greedy.done()
    slow.let_go("second")
    assert await greedy == "second"


async def test_a_namespace_has_one_request_under_way_and_others_take_turns_with_it() -> None:
    quick = Played()
    namespaces = Namespaces(quick, Played())
    many = [
        asyncio.create_task(namespaces.of("greedy").notice({}, {"name": f"many-{number}"}))
        for number in range(20)
    ]
    await _until(lambda: quick.asked == ["many-0"])
    one = asyncio.create_task(namespaces.of("modest").notice({}, {"name": "one"}))
    await asyncio.sleep(0)
    quick.let_go("many-0", "one")
    await one
    assert quick.asked[:2] == ["many-0", "one"]
    quick.let_go(*(f"many-{number}" for number in range(20)))
    await asyncio.gather(*many)


async def test_who_is_cancelled_leaves_the_turn_to_the_next() -> None:
    quick = Played()
    namespaces = Namespaces(quick, Played())
    first = asyncio.create_task(namespaces.of("one").notice({}, {"name": "stuck"}))
    await _until(lambda: quick.asked == ["stuck"])
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    quick.let_go("next")
    assert await namespaces.of("one").notice({}, {"name": "next"}) == "next"


def test_no_more_namespaces_are_remembered_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "MOST", 2)
    namespaces = Namespaces(Played(), Played())
    first = namespaces.of("a")
    assert namespaces.of("a") is first
    namespaces.of("b")
    namespaces.of("c")
    assert len(namespaces._known) == 2
