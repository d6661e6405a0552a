"""Walks over histories: each commit once, in parts of bounded time, and remembered only when all is good."""

import time
from typing import cast

import pytest

from fairlead.git.objects import Objects
from fairlead.render import RenderTransientError
from fairlead.repo_server.rendering import ancestry
from fairlead.repo_server.rendering.ancestry import Ancestry, Judged


def oid(number: int) -> str:
    return f"{number:040x}"


class History:
    """Commits 0…n in a line; `read` are those that were looked at."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.bad: set[int] = set()
        self.until = 0.0
        self.ancestry = Ancestry()

    async def contents(self, oids: list[str], kind: str) -> list[bytes]:
        assert kind == "commit"
        self.read += oids
        return [b""] * len(oids)

    def judge(self, commit: str, _: bytes) -> Judged:
        number = int(commit, 16)
        parents = (oid(number - 1),) if number else ()
        return Judged(
            problem=f"bad {number}" if number in self.bad else "", until=self.until, parents=parents
        )

    async def problems(self, number: int, identity: str = "p") -> tuple[str, ...]:
        objects = cast(Objects, self)
        return await self.ancestry.problems(objects, oid(number), self.judge, identity=identity, most=3)


async def test_a_history_is_walked_once_and_each_further_commit_costs_one_step() -> None:
    history = History()
    assert await history.problems(50) == ()
    assert len(history.read) == 51
    assert await history.problems(51) == ()
    assert await history.problems(40) == ()
    assert len(history.read) == 52
    assert await history.problems(51, identity="another policy") == ()
    assert len(history.read) == 104


async def test_the_first_problems_are_told_and_what_has_some_behind_it_is_not_remembered() -> None:
    history = History()
    history.bad = {1, 2, 3, 4}
    assert await history.problems(6) == ("bad 4", "bad 3", "bad 2")
    assert await history.problems(5) == ("bad 4", "bad 3", "bad 2")
    history.bad = set()
    assert await history.problems(6) == ()


async def test_a_long_walk_is_made_in_parts_that_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History()
    monkeypatch.setattr(ancestry, "PART", -1.0)
    with pytest.raises(RenderTransientError, match="1 commits were verified until now"):
        await history.problems(9)
    monkeypatch.setattr(ancestry, "PART", 20.0)
    assert await history.problems(9) == ()
    assert len(history.read) == 10


async def test_a_history_without_end_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ancestry, "MAX_COMMITS", 20)
    [problem] = await History().problems(100)
    assert "seal the history" in problem


async def test_what_is_good_until_a_key_expires_is_looked_at_again_then() -> None:
    history = History()
    history.until = time.time() - 1
    assert await history.problems(3) == ()
    assert await history.problems(3) == ()
    assert len(history.read) == 8


async def test_what_is_known_of_all_policies_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ancestry, "MAX_KNOWN", 15)
    history = History()
    await history.problems(9, "one")
    await history.problems(9, "two")
    before = len(history.read)
    assert await history.problems(9, "two") == ()
    assert len(history.read) == before
    await history.problems(9, "one")
    assert len(history.read) == before + 10
