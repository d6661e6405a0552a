"""What streams of one question have in common, and what each of them meets by itself."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

import msgspec
import pytest

from fairlead.api_server.crowds import BEHIND, Crowd, Crowds, Member, Told
from fairlead.api_server.kinds import PROJECTS
from fairlead.api_server.mirror import Change, Mirror
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.kube.head import decode_head
from fairlead.kube.watch_events import Added
from fairlead.model.appproject import AppProject
from fairlead.model.decode import decode_app_project


class Names:
    """Tells the names of what changed."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_current = True
        self.hold = asyncio.Event()
        self.hold.set()
        self.problem: Exception | None = None

    async def after(self, changes: Sequence[Change[AppProject]]) -> list[Told]:
        if self.problem is not None:
            raise self.problem
        self.asked += 1
        await self.hold.wait()
        return [[change.value.metadata.name for change in changes]] if changes else []


class Stand:
    """A mirror, and crowds on it."""

    def __init__(self) -> None:
        self.mirror: Mirror[AppProject] = Mirror(None, PROJECTS, "argocd", decode_app_project)  # type: ignore[arg-type]
        self.crowds = Crowds()
        self.tellers: list[Names] = []

    def begin(self) -> Crowd[Names]:
        self.tellers.append(Names())
        return Crowd(self.mirror, None, lambda: self.tellers[-1])

    def change(self, name: str) -> None:
        metadata = {"name": name, "namespace": "argocd", "resourceVersion": name}
        raw = msgspec.json.encode({"metadata": metadata, "spec": {}})
        self.mirror._take(Added(decode_head(raw), raw))


async def told(member: Member, count: int) -> list[object]:
    """So many names, however they come."""
    found: list[object] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            found += await member.next(seconds=30) or []  # type: ignore[call-overload]
    return found


async def test_streams_of_one_question_are_told_the_same_and_it_is_found_out_once() -> None:
    stand = Stand()
    with ExitStack() as stack:
        first, second, other = (
            stack.enter_context(stand.crowds.joined(key, stand.begin))[1] for key in ("a", "a", "b")
        )
        stand.change("1")
        stand.change("2")
        assert [await told(member, 2) for member in (first, second, other)] == [["1", "2"]] * 3
    assert len(stand.tellers) == 2
    assert not stand.crowds._crowds
    assert not stand.mirror._subscriptions


async def test_what_changes_quickly_is_told_together_and_a_single_change_at_once() -> None:
    stand = Stand()
    with stand.crowds.joined("a", stand.begin) as (teller, member):
        for number in range(100):
            stand.change(f"{number}")
            await asyncio.sleep(0.002)
        assert await told(member, 100) == [f"{number}" for number in range(100)]
        assert teller.asked < 50


async def test_one_that_falls_behind_is_cut_off_and_the_others_are_not() -> None:
    stand = Stand()
    with (
        stand.crowds.joined("a", stand.begin) as (_, slow),
        stand.crowds.joined("a", stand.begin) as (_, quick),
    ):
        for number in range(BEHIND + 2):
            stand.change(f"{number}")
            if number % 500 == 0:
                await told(quick, 1 if number == 0 else 500)
        await told(quick, (BEHIND + 1) % 500)
        stand.change("last")
        assert await told(quick, 1) == ["last"]
        with pytest.raises(RefusalError, match="too slow"):
            await told(slow, BEHIND + 3)


async def test_what_goes_wrong_ends_all_of_them_and_who_comes_later_begins_anew() -> None:
    stand = Stand()
    with ExitStack() as stack:
        teller, member = stack.enter_context(stand.crowds.joined("a", stand.begin))
        teller.problem = RuntimeError("broken")
        stand.change("1")
        with pytest.raises(RuntimeError, match="broken"):
            await told(member, 1)
        _, later = stack.enter_context(stand.crowds.joined("a", stand.begin))
        stand.change("2")
        assert await told(later, 1) == ["2"]


async def test_who_comes_when_rights_have_changed_joins_nobody_who_does_not_know_it_yet() -> None:
    stand = Stand()
    with ExitStack() as stack:
        teller, first = stack.enter_context(stand.crowds.joined("a", stand.begin))
        teller.is_current = False
        another, second = stack.enter_context(stand.crowds.joined("a", stand.begin))
        assert another is not teller
        stand.change("1")
        assert [await told(member, 1) for member in (first, second)] == [["1"]] * 2
    assert not stand.crowds._crowds
    assert not stand.mirror._subscriptions


async def test_who_comes_while_others_are_being_told_hears_only_of_what_comes_later() -> None:
    stand = Stand()
    with ExitStack() as stack:
        teller, first = stack.enter_context(stand.crowds.joined("a", stand.begin))
        teller.hold.clear()
        stand.change("1")
        async with asyncio.timeout(30):
            while not teller.asked:
                await asyncio.sleep(0)
        _, later = stack.enter_context(stand.crowds.joined("a", stand.begin))
        teller.hold.set()
        assert await told(first, 1) == ["1"]
        stand.change("2")
        assert [await told(member, 1) for member in (first, later)] == [["2"]] * 2
