"""Who is in which group, whatever the order in which credentials and wishes are known."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead.bus import RemoteError
from fairlead.events import Cause, RepositorySource, SourcesWanted
from fairlead.events.envelope import encode
from fairlead.git import GitProgram, GitTransientError, RevisionError
from fairlead.git.entries import REPOSITORY, entry_of
from fairlead.git.mirror import STATE_FILE
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.answering.answer import Answerer
from fairlead.repo_server.remotes import repository as repository_module
from fairlead.repo_server.remotes.declared import AppKey, Member, part_of
from fairlead.repo_server.remotes.following import Following
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.watching import tidy
from fairlead.repo_server.watching.follow import Follower
from fairlead.repo_server.watching.poll import Poller
from fairlead.repo_server.watching.tidy import Tidier
from fairlead.rpc import LookAtRepository

URL, OTHER, COMMIT = "https://host/team/web.git", "https://host/team/other.git", "a" * 40
APP = AppKey("argocd", "web")
WISH = SourcesWanted(
    namespace="argocd",
    name="web",
    instance="web",
    project="team",
    sources=(RepositorySource(repo_url=URL, path="x"),),
)


class Wishes(dict[AppKey, SourcesWanted]):
    """As `Declared` has them."""

    def in_part(self, part: str) -> list[tuple[AppKey, SourcesWanted]]:
        return [(app, wish) for app, wish in self.items() if part_of(wish) == part]


class Scene:
    """Mirrors, groups and who keeps them equal to the wishes."""

    def __init__(self, folder: Path) -> None:
        self.book = Repositories()
        self.mirrors = Mirrors(folder=folder, program=GitProgram(home=folder), book=self.book)
        self.following = Following()
        nobody: Any = None
        self.follower = Follower(
            mirrors=self.mirrors,
            following=self.following,
            announcer=nobody,
            retries=nobody,
        )
        self.wishes: Any = Wishes({APP: WISH})
        self.follower.take(part_of(WISH), self.wishes)

    def tell(self, name: str, **data: str) -> None:
        self.book.put(name, entry_of(REPOSITORY, data))
        self.follower.rejoin(self.wishes)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path)
    made.follower.changed(APP, None, WISH)
    group = made.following.group_of(Member(APP, 0))
    assert group is not None
    group.place(Member(APP, 0), COMMIT, ["x"])
    return made


def test_other_credentials_displace_nobody_whose_mirror_stays(scene: Scene) -> None:
    scene.tell("other", url=OTHER, username="u", password="p")
    scene.tell("shared", url=URL, username="u", password="p")
    group = scene.following.group_of(Member(APP, 0))
    assert group is not None
    assert not group.unplaced


def test_credentials_of_the_project_lead_to_another_mirror(scene: Scene) -> None:
    scene.tell("own", url=URL, project="team", username="u", password="p")
    group = scene.following.group_of(Member(APP, 0))
    assert group is not None
    assert group.repository is scene.mirrors.of(URL, "team")
    assert group.unplaced == {Member(APP, 0)}


def test_only_repositories_whose_credentials_changed_are_asked_again(scene: Scene) -> None:
    [repository] = scene.mirrors
    assert scene.mirrors.unlike() == [repository]
    repository._shown = repository.credential()
    scene.tell("other", url=OTHER, username="u", password="p")
    assert scene.mirrors.unlike() == []
    scene.tell("shared", url=URL, username="u", password="p")
    assert scene.mirrors.unlike() == [repository]


def test_an_inline_password_is_dropped_where_a_secret_opens_the_repository(scene: Scene) -> None:
    own = URL.replace("://", "://u:inline@")
    marked, plain = scene.mirrors.of(own, "team"), scene.mirrors.of(URL, "team")
    assert marked is not plain
    assert marked.address.password == "inline"
    scene.tell("shared", url=URL, username="u", password="p")
    assert scene.mirrors.of(own, "team") is plain
    assert not plain.address.password


async def test_nobody_waits_for_a_fetch_that_takes_long(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch(*_: object, **__: object) -> tuple[()]:
        await asyncio.Event().wait()
        return ()

    [repository] = scene.mirrors
    monkeypatch.setattr(repository.mirror, "check", fetch)
    monkeypatch.setattr(repository.mirror, "_is_open", True)
    for name in ("PATIENCE", "LONGEST_WAIT"):
        monkeypatch.setattr(repository_module, name, 0.05)
    with pytest.raises(GitTransientError, match="still being fetched"):
        await repository.ensure(100.0, Cause.REFRESH)
    repository.mirror.refs = {"refs/heads/main": COMMIT}
    await repository.ensure(100.0, Cause.RESYNC)
    with pytest.raises(GitTransientError, match="still being fetched"):
        await repository.ensure(0.0, Cause.REFRESH)
    assert repository.is_away
    running = repository._looks._running
    assert running is not None
    running.cancel()


async def test_a_revision_has_a_longest_length(scene: Scene) -> None:
    [repository] = scene.mirrors
    with pytest.raises(RevisionError):
        await repository.resolve("x" * 2000)


async def test_mirrors_that_nobody_wants_fit_their_quota(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody: Any = None
    folder = tmp_path / "kept"
    [repository] = scene.mirrors
    wanted = repository.mirror.name
    for age, name in enumerate(("newest", "older", "oldest", wanted, f"{wanted}.new")):
        (folder / name).mkdir(parents=True)
        (folder / name / STATE_FILE).write_bytes(b"x" * 1000)
        stamp = time.time() - 100 * age
        os.utime(folder / name / STATE_FILE, (stamp, stamp))
        os.utime(folder / name, (stamp, stamp))
    os.utime(folder / "older")  # a shelf of submodules that was fetched long ago and is read all the time
    os.utime(folder / "older" / STATE_FILE, (0, 0))
    monkeypatch.setattr(tidy, "SCARCE", 0.0)
    tidier = Tidier(mirrors=scene.mirrors, following=scene.following, records=nobody, folder=folder)
    await tidier.drop_unwanted()
    assert len(list(folder.iterdir())) == 5
    monkeypatch.setattr(tidy, "QUOTA", 2500)
    await tidier.drop_unwanted()
    assert {mirror.name for mirror in folder.iterdir()} == {"newest", "older", wanted, f"{wanted}.new"}
    monkeypatch.setattr(tidy, "SCARCE", 2.0)
    await tidier.drop_unwanted()
    assert {mirror.name for mirror in folder.iterdir()} == {wanted, f"{wanted}.new"}


async def test_a_long_fetch_holds_up_neither_the_tidying_nor_who_asks_for_a_look(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody: Any = None
    [repository] = scene.mirrors
    tidier = Tidier(mirrors=scene.mirrors, following=scene.following, records=nobody, folder=tmp_path)
    answerer = Answerer(
        mirrors=scene.mirrors, renderer=nobody, responder=nobody, sets=nobody, integrity=nobody
    )
    monkeypatch.setattr(repository_module, "LONGEST_WAIT", 0.05)
    async with repository.mirror._writing, asyncio.timeout(120):
        await tidier.unpin()
        with pytest.raises(RemoteError, match="still being fetched"):
            await answerer.look("", encode(LookAtRepository(repo_url=URL, project="team")))


async def test_a_fetch_that_takes_longer_than_a_period_is_waited_for_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody: Any = None
    [repository] = scene.mirrors
    begun, done = 0, asyncio.Event()

    async def check(*_: object, **__: object) -> None:
        nonlocal begun
        begun += 1
        await done.wait()
        raise GitTransientError("too late")

    monkeypatch.setattr(repository, "check", check)
    poller = Poller(mirrors=scene.mirrors, following=scene.following, advancer=nobody, period=0.02)
    polling = asyncio.create_task(poller.run())
    async with asyncio.timeout(30):
        while not begun:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        assert begun == 1
        done.set()
        while begun < 2:
            await asyncio.sleep(0.01)
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)


def test_a_wish_that_nobody_can_follow_keeps_no_other_from_being_followed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one wish would end the process, again after each start."""
    real = scene.mirrors.of_source

    def of(source: RepositorySource, project: str) -> Repository:
        if source.repo_url == OTHER:
            raise ValueError("no address that anybody expected")
        return real(source, project)

    monkeypatch.setattr(scene.mirrors, "of_source", of)
    bad = msgspec.structs.replace(WISH, name="bad", sources=(RepositorySource(repo_url=OTHER, path="x"),))
    odd = AppKey("argocd", "bad")
    scene.wishes[odd] = bad
    for part in {part_of(WISH), part_of(bad)}:
        scene.follower.take(part, scene.wishes)
    assert scene.following.group_of(Member(odd, 0)) is None
    assert scene.following.group_of(Member(APP, 0)) is not None
    scene.follower.changed(odd, None, bad)
