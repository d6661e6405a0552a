"""Dry sources are hydrated together, in order, once, and what becomes of it is said on each application."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from fairlead.app_controller.start import connected
from fairlead.app_controller.wiring import Controller
from fairlead.bus import Bus, BusConfig
from fairlead.kube.collection import APP_PROJECTS, CONFIG_MAPS
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.model.application import Application
from fairlead.process import Probes
from fairlead.rpc.hydration import Hydrate
from tests.integration.app_controller.committer import Committer
from tests.integration.app_controller.lab import SECRET, Lab, conditions, config_map, running
from tests.integration.app_controller.test_faults import process

ENABLED = {"data": {"hydrator.enabled": "true"}}
HYDRATE, REFRESH = "argocd.argoproj.io/hydrate", "argocd.argoproj.io/refresh"
BRANCH = "env/dev"


class Dry:
    """One test's dry source, the branch that it is hydrated to, and its applications by what they are for."""

    numbers = itertools.count(1)

    def __init__(self, lab: Lab, committer: Committer) -> None:
        self.lab, self.committer, self.number = lab, committer, next(self.numbers)
        self.url = f"https://git.example/dry/{self.number}.git"
        self.write_url = f"https://git.example/written/{self.number}.git"

    def name(self, role: str) -> str:
        return f"{role}-{self.number}"

    def holds(self, colour: str = "white") -> str:
        """A commit that nobody is told of."""
        return self.lab.renderer.holds(self.url, [config_map(colour=colour)])

    async def commit(self, colour: str) -> str:
        """A commit that is detected."""
        commit = self.holds(colour)
        await self.lab.renderer.detect(self.url)
        return commit

    def hydrator(self, path: str, **more: Any) -> dict[str, Any]:
        return {
            "drySource": {"repoURL": self.url, "targetRevision": "main", "path": path},
            "syncSource": {"repoURL": self.write_url, "targetBranch": BRANCH, "path": path},
            **more,
        }

    async def create(self, role: str = "app", path: str = "", **more: Any) -> None:
        spec = {name: more.pop(name) for name in ("project", "annotations") if name in more}
        hydrator = self.hydrator(path or role, **more)
        await self.lab.create_app(self.name(role), source=None, sourceHydrator=hydrator, **spec)

    async def patch(self, body: dict[str, Any], role: str = "app") -> None:
        await self.lab.patch_app(body, self.name(role))

    async def ask(self, annotation: str, value: str, role: str = "app") -> None:
        await self.patch({"metadata": {"annotations": {annotation: value}}}, role)

    async def until(self, wanted: Any, role: str = "app") -> Application:
        return await self.lab.until(wanted, self.name(role))

    async def hydrated(self, commit: str, role: str = "app") -> Application:
        return await self.until(lambda app: said(app)[:2] == ("Hydrated", commit), role)

    async def failed(self, words: str, role: str = "app") -> Application:
        return await self.until(lambda app: said(app)[0] == "Failed" and words in said(app)[2], role)

    @property
    def asked(self) -> list[Hydrate]:
        """The requests to write."""
        return [one for one in self.committer.asked if one.repo_url == self.write_url]

    @property
    def pushed(self) -> list[str]:
        """The dry commits of the branch."""
        return self.committer.dry_shas(self.write_url, BRANCH)

    def sha(self, place: int) -> str:
        """A commit of the branch."""
        return self.committer.branches[self.write_url, BRANCH][place].sha


def said(app: Application) -> tuple[str, str, str]:
    """Phase, dry commit and message."""
    current = app.status.source_hydrator.current_operation
    return (current.phase.value, current.dry_sha, current.message) if current else ("", "", "")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hydrating(
    control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> AsyncIterator[tuple[Lab, Committer]]:
    """A lab that hydrates, shared by all tests."""
    async with running(control_plane, nats_server, redis_server) as lab:
        await lab.stop()
        await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", ENABLED, lab.namespace)
        bus = await Bus.connect(BusConfig(url=lab.nats.url, service="repo-server", secret=SECRET.encode()))
        committer = Committer(bus)
        await committer.serve()
        await lab.start()
        yield lab, committer
        await lab.stop()
        await bus.close()


@pytest.fixture
def dry(hydrating: tuple[Lab, Committer]) -> Dry:
    lab, committer = hydrating
    committer.refusal = ""
    committer.gate.set()
    committer.reading.set()
    lab.renderer.broken.clear()
    return Dry(lab, committer)


async def test_applications_of_one_branch_are_hydrated_by_one_commit_and_each_says_so(dry: Dry) -> None:
    first = dry.holds()
    await dry.create("one")
    one = await dry.hydrated(first, "one")
    await dry.create("two")
    await dry.hydrated(first, "two")
    last = one.status.source_hydrator.last_successful_operation
    assert last is not None
    assert last.hydrated_sha == dry.sha(0)
    assert last.source_hydrator == one.spec.source_hydrator
    before = len(dry.asked)
    second = await dry.commit("blue")
    await dry.hydrated(second, "one")
    await dry.hydrated(second, "two")
    [asked] = dry.asked[before:]
    assert [path.path for path in asked.paths] == ["one", "two"]
    assert (asked.expected_head, asked.expected_dry_sha) == (dry.sha(-2), first), "what was read of it"
    told = (asked.dry.sha, asked.dry.message, asked.dry.author)
    assert told == (second, "a change", "Dev <dev@example.com>")
    assert (asked.target_branch, asked.sync_branch, asked.project) == (BRANCH, BRANCH, "default")
    assert dry.pushed == [first, first, second], "the first of two was there before the second"
    checked = dry.lab.renderer.checked
    await dry.lab.eventually(lambda: [one.refs for one in checked][-1:] == [(f"refs/heads/{BRANCH}",)])


async def test_what_is_hydrated_carries_no_marks_and_nothing_is_done_to_it_after_the_build(dry: Dry) -> None:
    first = dry.holds()
    await dry.create(annotations={"fairlead.dev/substitute": '{"colour": "secret"}'})
    await dry.hydrated(first)
    renderer = dry.lab.renderer
    asked = next(one for one in renderer.generated if one.wanted.home == dry.url)
    deployed = await renderer.wish(dry.name("app"), dry.lab.namespace)
    assert asked.wanted.after_build is None
    assert asked.revisions == (first,)
    assert asked.wanted.capabilities == deployed.capabilities != ""
    assert [source.path for source in asked.wanted.sources] == ["app"]


async def test_one_that_cannot_be_rendered_keeps_all_of_its_branch_and_each_says_whose_fault_it_is(
    dry: Dry,
) -> None:
    first, renderer = dry.holds(), dry.lab.renderer
    renderer.broken[dry.name("bad")] = "kustomization.yaml: no such file"
    await dry.create("good")
    await dry.hydrated(first, "good")
    await dry.create("bad")
    await dry.failed("kustomization.yaml: no such file", "bad")
    good = await dry.failed("because application", "good")
    assert dry.name("bad") in said(good)[2]
    last = good.status.source_hydrator.last_successful_operation
    assert last is not None
    assert last.dry_sha == first
    renderer.broken.clear()
    await dry.ask(HYDRATE, "hard", "bad")
    await dry.hydrated(first, "bad")
    await dry.hydrated(first, "good")
    await dry.until(lambda app: HYDRATE not in app.metadata.annotations, "bad")
    assert renderer.generated[-1].no_cache


async def test_two_of_one_path_are_refused_on_both_and_hold_up_no_third(dry: Dry) -> None:
    first = dry.holds()
    for role, path in (("one", "shared"), ("two", "./shared/"), ("three", "own")):
        await dry.create(role, path)
    one = await dry.failed("is also that of", "one")
    await dry.failed(dry.name("one"), "two")
    await dry.hydrated(first, "three")
    assert dry.name("two") in said(one)[2]
    await dry.patch({"spec": {"sourceHydrator": {"syncSource": {"path": "other"}}}}, "two")
    await dry.hydrated(first, "one")
    await dry.hydrated(first, "two")


async def test_what_a_project_does_not_permit_is_neither_read_nor_written(dry: Dry) -> None:
    lab, heads = dry.lab, dry.committer.heads
    dry.holds()
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "narrow"},
        "spec": {"sourceRepos": [dry.url], "destinations": [{"namespace": "*", "server": "*"}]},
    }
    await lab.client.create(APP_PROJECTS, project, lab.namespace)
    await dry.create(project="narrow")
    words = f"sync source repo {dry.write_url} is not permitted in project 'narrow'"
    await dry.failed(words)
    app = await dry.until(lambda app: bool(app.status.conditions))
    assert conditions(app)["InvalidSpecError"] == words
    assert not dry.asked
    assert dry.committer.heads == heads
    assert dry.url not in {one.repo_url for one in lab.renderer.followed}
    permitted = {"spec": {"sourceRepos": [dry.url, dry.write_url]}}
    await lab.client.merge_patch(APP_PROJECTS, "narrow", permitted, lab.namespace)
    await dry.until(lambda app: said(app)[0] == "Hydrated")


async def test_a_newer_dry_commit_takes_the_place_of_one_that_is_under_way(dry: Dry) -> None:
    dry.committer.gate.clear()
    dry.holds()
    await dry.create()
    await dry.lab.eventually(lambda: bool(dry.asked))
    newer = await dry.commit("blue")
    dry.committer.gate.set()
    await dry.hydrated(newer)
    assert dry.pushed[-1] == newer


async def test_a_branch_that_somebody_else_wrote_to_is_read_again_and_then_written(dry: Dry) -> None:
    dry.committer.gate.clear()
    first = dry.holds()
    await dry.create()
    await dry.lab.eventually(lambda: bool(dry.asked))
    dry.committer.pushes(dry.write_url, BRANCH)
    dry.committer.gate.set()
    await dry.hydrated(first)
    assert [asked.expected_head for asked in dry.asked] == ["", dry.sha(0)]
    assert dry.pushed == ["", first]


async def test_what_was_looked_at_before_the_branch_was_read_is_never_put_over_what_came_since(
    dry: Dry,
) -> None:
    dry.committer.reading.clear()
    dry.holds()
    heads = dry.committer.heads
    await dry.create()
    await dry.lab.eventually(lambda: dry.committer.heads > heads)
    newer = dry.holds("blue")
    dry.committer.pushes(dry.write_url, BRANCH, newer)
    dry.committer.reading.set()
    await dry.hydrated(newer)
    assert set(dry.pushed) == {newer}


async def test_two_that_hydrate_one_branch_at_once_put_no_older_commit_over_a_newer(dry: Dry) -> None:
    """Whatever Leases say: both take the branch for theirs, and see what they see when they see it."""
    lab, committer = dry.lab, dry.committer
    commits = [dry.holds()]
    await dry.create()
    await dry.hydrated(commits[0])
    config = msgspec.structs.replace(lab.config)
    async with connected(config, Probes()) as other:
        beside = asyncio.create_task(other.run())
        try:
            for controller in (lab.controller, other):
                _own_all(controller)
            await lab.eventually(lambda: bool(other.book.get(app_id(dry))))
            for colour in ("blue", "green", "red", "black"):
                committer.gate.clear()
                before = len(dry.asked)
                commits.append(await dry.commit(colour))
                await lab.eventually(lambda: len(dry.asked) >= before + 2)  # noqa: B023 - awaited here
                commits.append(await dry.commit(f"{colour}er"))
                committer.gate.set()
                await dry.hydrated(commits[-1])
        finally:
            committer.gate.set()
            beside.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beside
    await lab.stop()
    await lab.start()
    places = [commits.index(one) for one in dry.pushed]
    assert places == sorted(set(places)), "in the order of the commits, and each once"
    assert dry.pushed[-1] == commits[-1]


def app_id(dry: Dry) -> Any:
    assert dry.lab.controller is not None
    return next(record.id for record in dry.lab.controller.book if record.id.name == dry.name("app"))


def _own_all(controller: Controller | None) -> None:
    """Have a controller take every branch for its own, and no cluster that it has not got."""
    assert controller is not None
    membership = controller._hydrations.hydrator._membership
    owns, may_act = membership.owns, membership.may_act
    membership.owns = lambda key: key.startswith("hydrated ") or owns(key)
    membership.may_act = lambda key: key.startswith("hydrated ") or may_act(key)
    controller._hydrations.hydrator.wake()


async def test_a_refusal_is_said_and_tried_again_at_another_commit_and_at_a_refresh(dry: Dry) -> None:
    dry.committer.refusal = "the remote does not let fairlead push"
    first = dry.holds()
    await dry.create()
    await dry.failed(dry.committer.refusal)
    dry.committer.refusal = ""
    await dry.ask(REFRESH, "normal")
    await dry.hydrated(first)
    dry.committer.refusal = "not now"
    blue = await dry.commit("blue")
    assert said(await dry.failed("not now"))[1] == blue
    dry.committer.refusal = ""
    await dry.hydrated(await dry.commit("green"))


async def test_a_dry_source_that_cannot_be_read_is_said_and_read_again(dry: Dry) -> None:
    await dry.create()
    await dry.failed("Failed to look at the dry source")
    await dry.hydrated(await dry.commit("white"))


async def test_a_branch_is_not_hydrated_into_itself(dry: Dry) -> None:
    own = {"repoURL": dry.write_url, "targetRevision": BRANCH, "path": "app"}
    await dry.create(drySource=own)
    await dry.failed("would be hydrated into itself")
    assert not dry.asked


async def test_what_was_hydrated_is_not_hydrated_once_more_for_ever(dry: Dry) -> None:
    """The dry source follows HEAD, and that is the branch that is written to."""
    first = dry.holds()
    await dry.create()
    await dry.hydrated(first)
    dry.lab.renderer._heads[dry.url] = dry.sha(0)
    await dry.lab.renderer.detect(dry.url)
    await dry.failed("which was itself hydrated")
    assert dry.pushed == [first]


async def test_a_staging_branch_is_written_to_and_what_is_deployed_waits_for_somebody(dry: Dry) -> None:
    first = dry.holds()
    await dry.create(hydrateTo={"targetBranch": "env/dev-next"})
    await dry.hydrated(first)
    assert (dry.asked[0].target_branch, dry.asked[0].sync_branch) == ("env/dev-next", BRANCH)


@pytest.mark.parametrize("moment", ["before it is written", "before that is said"])
async def test_a_controller_killed_on_the_way_leaves_what_the_next_one_ends(
    dry: Dry, tmp_path: Path, moment: str
) -> None:
    lab, committer = dry.lab, dry.committer
    await lab.stop()
    committer.gate.clear()
    first = dry.holds()
    await dry.create()
    async with process(lab, tmp_path):
        await lab.eventually(lambda: bool(dry.asked))
        await dry.until(lambda app: said(app)[:2] == ("Hydrating", first))
    if moment == "before that is said":
        committer.gate.set()
        await lab.eventually(lambda: dry.pushed == [first])
    assert said(await lab.app(dry.name("app")))[0] == "Hydrating"
    committer.gate.set()
    await lab.start()
    app = await dry.hydrated(first)
    assert dry.pushed == [first]
    current = app.status.source_hydrator.current_operation
    assert current is not None
    assert current.hydrated_sha == dry.sha(0)


async def test_nothing_is_hydrated_while_that_is_switched_off_and_this_is_said(dry: Dry) -> None:
    lab = dry.lab
    await lab.stop()
    switched = {"data": {"hydrator.enabled": "false"}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", switched, lab.namespace)
    dry.holds()
    lab.renderer.holds(dry.write_url, [config_map(colour="red")])
    await dry.create()
    await lab.start()
    app = await dry.until(lambda app: "UnheededWarning" in conditions(app))
    assert "hydrator.enabled is false" in conditions(app)["UnheededWarning"]
    assert said(app) == ("", "", "")
    assert dry.url not in {one.repo_url for one in lab.renderer.followed}
