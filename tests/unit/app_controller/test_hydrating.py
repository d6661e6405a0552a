"""One hydration as the controller has it: what it follows, begins anew, says, and in which order."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec
import pytest

from fairlead.app_controller.book import Record
from fairlead.app_controller.hydrating.branches import Branch
from fairlead.app_controller.hydrating.dry import DrySourceError, DrySources
from fairlead.app_controller.hydrating.hydrate import Ended, Failures, Hydration
from fairlead.app_controller.hydrating.hydrator import Hydrator
from fairlead.events.envelope import encode
from fairlead.model.application import AppId, Application
from fairlead.model.status import SourceHydratorStatus
from fairlead.rpc.followed import FollowedRevision
from fairlead.rpc.hydration import DryCommit, Hydrated, HydratedPath, WriteBranchHead
from tests.unit.app_controller.test_hydration import DRY, after, app

BRANCH = Branch("git.example/write", "env")


class Answers:
    """A bus that gives one answer."""

    def __init__(self, ref: str) -> None:
        self._ref = ref

    async def request(self, *_: object, **__: object) -> bytes:
        return encode(FollowedRevision(commit="c1", author="", date="", message="", ref=self._ref))


def sources(ref: str) -> DrySources:
    return DrySources(cast("Any", Answers(ref)))


async def test_head_is_not_followed_where_it_means_the_branch_that_is_written_to() -> None:
    own = app(dry={"repoURL": "https://git.example/write.git", "targetRevision": "HEAD"})
    with pytest.raises(DrySourceError, match="branch env would be hydrated into itself"):
        await sources("refs/heads/env").commit(own, max_age=0.0)
    assert (await sources("refs/heads/main").commit(own, max_age=0.0)).sha == "c1"
    assert (await sources("refs/heads/env").commit(app(), max_age=0.0)).sha == "c1", "of another repository"


async def test_the_password_in_an_address_is_in_nothing_that_is_committed() -> None:
    one = app(dry={"repoURL": "https://ann:hunter2@git.example/dry.git"})
    assert (await sources("").commit(one, max_age=0.0)).repo_url == "https://git.example/dry.git"


class Heard:
    """Something is heard of whenever a look has ended."""

    def covered(self) -> None:
        """It is heard of again at once."""

    def is_newer(self) -> bool:
        return True


class World:
    """What a hydration asks and tells; the dry source is at one of `commits` after the other."""

    def __init__(self, *commits: str) -> None:
        self.commits = list(commits)
        self.asked: list[str] = []
        self.written: list[tuple[AppId, SourceHydratorStatus]] = []
        self.told: list[AppId] = []

    async def commit(self, _: Application, *, max_age: float) -> DryCommit:
        del max_age
        sha = self.commits.pop(0) if len(self.commits) > 1 else self.commits[0]
        return DryCommit(repo_url=DRY, sha=sha)

    async def of(self, apps: Sequence[Application], commit: str, *, hard: bool) -> list[HydratedPath]:
        del commit, hard
        return [HydratedPath(path=app.metadata.name, digest="d") for app in apps]

    async def head(self, _: Sequence[Application]) -> WriteBranchHead:
        return WriteBranchHead()

    async def hydrate(self, _: object, dry: DryCommit, *__: object) -> Hydrated:
        self.asked.append(dry.sha)
        return Hydrated(hydrated_sha="h1", pushed=True)

    def newest(self, app: Application) -> Application:
        said = dict(self.written).get(app.id)
        return after(app, said) if said is not None else app

    async def write(self, wanted: Iterable[tuple[Application, SourceHydratorStatus]]) -> bool:
        self.written += [(app.id, said) for app, said in wanted if said != app.status.source_hydrator]
        return True

    async def clear_request(self, _: Application) -> None:
        """Nothing is kept."""

    async def pushed(self, _: Sequence[Application]) -> None:
        """Nobody looks."""

    async def hydrated(self, apps: Sequence[Application], *_: str, pushed: bool) -> None:
        del pushed
        self.told += [app.id for app in apps]

    async def failed(self, *_: object) -> None:
        raise AssertionError("nothing fails here")

    async def hydrate_all(self, *apps: Application) -> Ended:
        it = cast("Any", self)
        hydration = Hydration(dry=it, renders=it, commits=it, status=it, teller=it, now=time.monotonic)
        return await hydration.look(apps, max_age=0.0, known=Failures(), heard=Heard())


async def test_what_is_heard_of_another_ref_of_the_repository_begins_nothing_anew() -> None:
    world = World("c1")
    ended = await world.hydrate_all(app())
    assert world.asked == ["c1"]
    assert not ended.failures.count


async def test_a_newer_dry_commit_that_is_heard_of_begins_it_anew() -> None:
    world = World("c1", "c1", "c2", "c2")
    await world.hydrate_all(app())
    assert world.asked == ["c2"]


async def test_a_request_of_one_application_is_answered_on_it_and_told_of_no_other() -> None:
    world = World("c1")
    await world.hydrate_all(app("one"), app("two"))
    done = {app_id.name: said for app_id, said in world.written}
    asked = app("one", annotations={"argocd.argoproj.io/hydrate": "normal"})
    again = World("c1")
    await again.hydrate_all(after(asked, done["one"]), after(app("two"), done["two"]))
    assert again.asked == ["c1"]
    assert {app_id.name for app_id, _ in again.written} == {"one"}
    assert [app_id.name for app_id in again.told] == ["one"]


class Looks:
    """Hydrations that are noted; those of one project fail."""

    def __init__(self, failing: str) -> None:
        self._failing = failing
        self.projects: list[str] = []

    async def look(self, apps: Sequence[Application], *, known: Failures, **_: object) -> Ended:
        project = apps[0].spec.project
        self.projects.append(project)
        return Ended(failures=Failures("c1", known.count + 1) if project == self._failing else Failures())


class Unwritten:
    """Statuses as they are; `moved` is one whose newest state only we know."""

    def __init__(self, moved: Application | None = None) -> None:
        self._moved = moved

    def newest(self, found: Application) -> Application:
        return self._moved if self._moved is not None and self._moved.id == found.id else found

    async def write(self, wanted: Iterable[object]) -> bool:
        return not list(wanted)


def hydrator_of(apps: Sequence[Application], looks: object = None, status: object = None) -> Hydrator:
    book = {one.id: Record(one, one.metadata.name) for one in apps}
    found = Hydrator(
        cast("Any", book),
        cast("Any", None),
        cast("Any", looks),
        cast("Any", status or Unwritten()),
        forbidden=lambda _: "",
        period=lambda: 120.0,
        at_once=1,
    )
    for one in apps:
        found._branches.note(one)
    return found


async def test_of_one_branch_the_project_that_failed_last_comes_last_and_holds_up_no_other() -> None:
    apps = [
        msgspec.structs.replace(one, spec=msgspec.structs.replace(one.spec, project=one.metadata.name))
        for one in (app("a"), app("b"))
    ]
    looks = Looks(failing="a")
    hydrator = hydrator_of(apps, looks)
    await hydrator._worked(BRANCH, apps)
    await hydrator._worked(BRANCH, apps)
    assert looks.projects == ["a", "b", "b", "a"]
    await hydrator._worked(BRANCH, apps[1:])
    assert {dry.project for dry in hydrator._failures[BRANCH]} == {"b"}, "who went is not remembered"


def test_one_that_has_left_for_another_branch_takes_no_other_with_it() -> None:
    stays, leaves = app("b"), app("a")
    moved = app("a", hydrateTo={"targetBranch": "next"})
    hydrator = hydrator_of([leaves, stays], status=Unwritten(moved))
    assert [one.id for one in hydrator._apps(BRANCH)] == [stays.id]
