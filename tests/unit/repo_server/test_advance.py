"""A move is told whatever fails on the way, once by whoever does it and again by an heir who cannot know."""

from pathlib import Path
from typing import Any, cast

import pytest

from fairlead.bus import BusUnavailableError
from fairlead.events import Cause, RevisionMoved
from fairlead.events.ref_history import RefHistory
from fairlead.git import GitProgram
from fairlead.git.changes import Changes
from fairlead.git.mirror import Mirror
from fairlead.git.revisions import Resolved
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.answering.respond import Responder
from fairlead.repo_server.remotes.declared import AppKey, Member
from fairlead.repo_server.remotes.following import Following, Group
from fairlead.repo_server.remotes.git_repository import GitRepository
from fairlead.repo_server.remotes.histories import Written
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.watching import advance
from fairlead.repo_server.watching.advance import Advancer

FIRST, SECOND, THIRD = "a" * 40, "b" * 40, "c" * 40
REPOSITORY = "host/x"


def member(name: str) -> Member:
    return Member(AppKey("argocd", name), 0)


class _Histories:
    def __init__(self) -> None:
        self.history = RefHistory(repository=REPOSITORY, ref="")
        self.kept: list[tuple[str, ...]] = []
        self.failures = 0

    async def of(self, *_: object) -> Written:
        return Written(history=self.history, revision=1)

    async def write(self, _: Written, history: RefHistory) -> None:
        self.history = history

    async def keep(self, *kept: str, shown: str) -> None:
        assert not shown, "a commit is shown as itself"
        if self.failures:
            self.failures -= 1
            raise BusUnavailableError("away")
        self.kept.append(kept)


class _Announcer:
    def __init__(self) -> None:
        self.failures = 0
        self.told: list[RevisionMoved] = []

    async def moved(self, _: int, event: RevisionMoved) -> None:
        if self.failures:
            self.failures -= 1
            raise BusUnavailableError("away")
        self.told.append(event)


class Scene:
    """A group of two applications of which the next commit touches one."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.head = FIRST
        mirrors = Mirrors(folder=folder, program=GitProgram(home=folder), book=Repositories())
        self.repository = mirrors.of("https://host/x.git", "default")
        self.following = Following()
        self.histories, self.announcer = _Histories(), _Announcer()
        self.answered: list[str] = []
        self.group = self.joined("one", "two")
        anything = cast(Any, self)
        self.advancer = Advancer(
            declared=anything,
            following=self.following,
            memory=anything,
            responder=anything,
            announcer=cast(Any, self.announcer),
            histories=cast(Any, self.histories),
            integrity=anything,
        )

        async def resolve(*_: object, **__: object) -> Resolved:
            return Resolved(commit=self.head, ref="refs/heads/main")

        async def opened(_: Mirror) -> None:
            return

        monkeypatch.setattr(GitRepository, "resolve", resolve)
        monkeypatch.setattr(Mirror, "open", opened)

    def responder(self) -> Responder:
        nobody = cast(Any, None)
        return Responder(
            declared=nobody,
            mirrors=nobody,
            following=self.following,
            renderer=nobody,
            announcer=nobody,
            retries=nobody,
            histories=cast(Any, self.histories),
            fresh_seconds=120,
        )

    def joined(self, *names: str) -> Group:
        for name in names:
            found = self.following.join(member(name), self.repository, "HEAD", "", 0, home="3")
            found.place(member(name), FIRST, [name])
        return found

    def get(self, app: AppKey) -> Any:
        return type("Wish", (), {"sources": ("one",), "app": app})()

    async def changes(self, *_: object) -> Changes:
        return Changes(frozenset({"one"}))

    async def respond(self, wish: Any, *_: object, **__: object) -> None:
        self.answered.append(wish.app.name)
        self.group.place(member(wish.app.name), self.group.commit, [wish.app.name])


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


async def test_a_move_that_could_not_be_told_is_told_by_the_next_attempt(scene: Scene) -> None:
    scene.head, scene.announcer.failures = SECOND, 1
    with pytest.raises(BusUnavailableError):
        await scene.advancer.advance(scene.group, Cause.WEBHOOK)
    assert await scene.advancer._lags(scene.group), "nobody knows yet that the others were left as they were"
    await scene.advancer.advance(scene.group, Cause.WEBHOOK)
    [event] = scene.announcer.told
    assert (event.old, event.new, event.affected, event.parts) == (
        FIRST,
        SECOND,
        (("argocd", "one"),),
        "3",
    )
    assert not await scene.advancer._lags(scene.group)
    await scene.advancer.advance(scene.group, Cause.WEBHOOK)
    assert len(scene.announcer.told) == 1


async def test_an_heir_tells_again_what_was_written_down_last(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who wrote it may have been killed before it was told."""

    async def inherit(group: Group, *_: object) -> None:
        group.told = SECOND

    monkeypatch.setattr(advance, "inherit", inherit)
    scene.histories.history = scene.histories.history.moved(FIRST, SECOND, (("argocd", "one"),), "3")
    scene.group.displace(member("one"))
    scene.group.commit, scene.group.is_doubted, scene.head = SECOND, True, THIRD
    await scene.advancer.advance(scene.group, Cause.POLL)
    assert [(move.old, move.new) for move in scene.announcer.told] == [(FIRST, SECOND), (SECOND, THIRD)]
    assert scene.announcer.told[0].affected == (("argocd", "one"),)
    assert "one" in scene.answered


async def test_a_move_leaves_those_alone_who_follow_the_ref_otherwise(scene: Scene) -> None:
    """With other credentials it is another mirror, of which nothing is known here."""
    beside = scene.following.join(member("beside"), scene.repository, "", "v", 0, home="3")
    assert beside is not scene.group
    scene.head = SECOND
    await scene.advancer.advance(scene.group, Cause.WEBHOOK)
    [event] = scene.announcer.told
    assert event.affected == (("argocd", "beside"), ("argocd", "one"))


def test_no_revision_and_head_are_one_group(scene: Scene) -> None:
    """Two would write one record, one of them in vain, and move each other's applications."""
    found = scene.following.join(member("spelt"), scene.repository, "", "", 0, home="7")
    assert found is scene.group
    assert found.parts == "37"
    scene.following.leave(member("spelt"))
    assert scene.group.parts == "3"


async def test_where_a_group_is_is_written_down_once_and_again_for_partitions_that_come_to_it(
    scene: Scene,
) -> None:
    responder = scene.responder()
    for _ in range(3):
        await responder.record(scene.group)
    scene.following.join(member("later"), scene.repository, "", "", 0, home="5")
    for _ in range(3):
        await responder.record(scene.group)
    scene.following.leave(member("later"))
    await responder.record(scene.group)
    assert scene.histories.kept == [(REPOSITORY, "", FIRST, "3"), (REPOSITORY, "", FIRST, "35")]


async def test_what_could_not_be_written_down_is_by_the_next_attempt(scene: Scene) -> None:
    """Else an heir of the group knows nothing of it, and answers all of it one by one."""
    responder = scene.responder()
    scene.histories.failures = 1
    with pytest.raises(BusUnavailableError):
        await responder.record(scene.group)
    await responder.record(scene.group)
    assert scene.histories.kept == [(REPOSITORY, "", FIRST, "3")]
