"""Dry sources are hydrated together, in order, once, and what becomes of it is said on each application."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fairlead.bus import Bus, BusConfig
from fairlead.kube.collection import APP_PROJECTS, CONFIG_MAPS
from fairlead.model.application import Application
from tests.integration.app_controller.committer import Committer, committing
from tests.integration.app_controller.lab import SECRET, Lab, conditions, config_map
from tests.integration.app_controller.test_faults import process

ENABLED = {"data": {"hydrator.enabled": "true"}}
HYDRATE = "argocd.argoproj.io/hydrate"


@pytest_asyncio.fixture(loop_scope="session")
async def committer(lab: Lab) -> AsyncIterator[Committer]:
    """A lab that hydrates."""
    await lab.stop()
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", ENABLED, lab.namespace)
    bus = await Bus.connect(BusConfig(url=lab.nats.url, service="repo-server", secret=SECRET.encode()))
    async with committing(bus) as found:
        await lab.start()
        yield found
        await lab.stop()
    await bus.close()


def dry_of(lab: Lab) -> str:
    return lab.repo.replace("config", "dry")


def hydrator(lab: Lab, path: str, **more: Any) -> dict[str, Any]:
    return {
        "drySource": {"repoURL": dry_of(lab), "targetRevision": "main", "path": path},
        "syncSource": {"repoURL": lab.repo, "targetBranch": "env/dev", "path": path},
        **more,
    }


async def create(lab: Lab, name: str = "app", path: str = "", **more: Any) -> None:
    await lab.create_app(name, source=None, sourceHydrator=hydrator(lab, path or name, **more))


def said(app: Application) -> tuple[str, str, str]:
    """Phase, dry commit and message."""
    current = app.status.source_hydrator.current_operation
    return (current.phase.value, current.dry_sha, current.message) if current else ("", "", "")


async def hydrated(lab: Lab, commit: str, name: str = "app") -> Application:
    return await lab.until(lambda app: said(app)[:2] == ("Hydrated", commit), name)


async def failed(lab: Lab, words: str, name: str = "app") -> Application:
    return await lab.until(lambda app: said(app)[0] == "Failed" and words in said(app)[2], name)


async def dry_commit(lab: Lab, colour: str) -> str:
    """A commit to the dry source that is detected."""
    commit = lab.renderer.holds(dry_of(lab), [config_map(colour=colour)])
    await lab.renderer.detect(dry_of(lab))
    return commit


async def test_applications_of_one_branch_are_hydrated_by_one_commit_and_each_says_so(
    lab: Lab, committer: Committer
) -> None:
    first = lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    await create(lab, "one")
    one = await hydrated(lab, first, "one")
    await create(lab, "two")
    await hydrated(lab, first, "two")
    last = one.status.source_hydrator.last_successful_operation
    assert last is not None
    assert last.hydrated_sha == committer.branches[lab.repo, "env/dev"][0].sha
    assert last.source_hydrator == one.spec.source_hydrator
    before = len(committer.asked)
    second = await dry_commit(lab, "blue")
    await hydrated(lab, second, "one")
    await hydrated(lab, second, "two")
    [asked] = committer.asked[before:]
    assert [path.path for path in asked.paths] == ["one", "two"]
    assert (asked.dry.sha, asked.dry.message, asked.dry.author) == (
        second,
        "a change",
        "Dev <dev@example.com>",
    )
    assert (asked.target_branch, asked.sync_branch, asked.project) == ("env/dev", "env/dev", "default")
    assert committer.dry_shas(lab.repo, "env/dev") == [first, second]
    await lab.eventually(lambda: bool(lab.renderer.checked))
    assert lab.renderer.checked[-1].refs == ("refs/heads/env/dev",)


async def test_what_is_hydrated_carries_no_marks_and_nothing_is_done_to_it_after_the_build(
    lab: Lab, committer: Committer
) -> None:
    first = lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    annotations = {"fairlead.dev/substitute": '{"colour": "secret"}'}
    await lab.create_app(source=None, annotations=annotations, sourceHydrator=hydrator(lab, "app"))
    await hydrated(lab, first)
    [asked] = [one for one in lab.renderer.generated if one.wanted.home == dry_of(lab)][:1]
    deployed = await lab.renderer.wish("app", lab.namespace)
    assert asked.wanted.after_build is None
    assert asked.revisions == (first,)
    assert asked.wanted.capabilities == deployed.capabilities != ""
    assert [source.path for source in asked.wanted.sources] == ["app"]


async def test_one_that_cannot_be_rendered_keeps_all_of_its_branch_and_each_says_whose_fault_it_is(
    lab: Lab, committer: Committer
) -> None:
    first = lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    lab.renderer.broken["bad"] = "kustomization.yaml: no such file"
    await create(lab, "good")
    await hydrated(lab, first, "good")
    await create(lab, "bad")
    await failed(lab, "kustomization.yaml: no such file", "bad")
    good = await failed(lab, "because application", "good")
    assert f"{lab.namespace}/bad" in said(good)[2]
    last = good.status.source_hydrator.last_successful_operation
    assert last is not None
    assert last.dry_sha == first
    lab.renderer.broken.clear()
    await lab.patch_app({"metadata": {"annotations": {HYDRATE: "hard"}}}, "bad")
    await hydrated(lab, first, "bad")
    await hydrated(lab, first, "good")
    app = await lab.until(lambda app: HYDRATE not in app.metadata.annotations, "bad")
    assert lab.renderer.generated[-1].no_cache
    assert app.status.source_hydrator.current_operation is not None


async def test_two_of_one_path_are_refused_on_both_and_hold_up_no_third(
    lab: Lab, committer: Committer
) -> None:
    first = lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    for name, path in (("one", "shared"), ("two", "./shared/"), ("three", "own")):
        await create(lab, name, path)
    one = await failed(lab, "is also that of", "one")
    await failed(lab, f"{lab.namespace}/one", "two")
    await hydrated(lab, first, "three")
    assert f"{lab.namespace}/two" in said(one)[2]
    await lab.patch_app({"spec": {"sourceHydrator": {"syncSource": {"path": "other"}}}}, "two")
    await hydrated(lab, first, "one")
    await hydrated(lab, first, "two")


async def test_what_a_project_does_not_permit_is_neither_read_nor_written(
    lab: Lab, committer: Committer
) -> None:
    lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "narrow"},
        "spec": {"sourceRepos": [dry_of(lab)], "destinations": [{"namespace": "*", "server": "*"}]},
    }
    await lab.client.create(APP_PROJECTS, project, lab.namespace)
    await lab.create_app(source=None, project="narrow", sourceHydrator=hydrator(lab, "app"))
    words = f"sync source repo {lab.repo} is not permitted in project 'narrow'"
    await failed(lab, words)
    app = await lab.until(lambda app: bool(app.status.conditions))
    assert conditions(app)["InvalidSpecError"] == words
    assert not committer.asked
    assert not committer.heads
    permitted = {"spec": {"sourceRepos": [dry_of(lab), lab.repo]}}
    await lab.client.merge_patch(APP_PROJECTS, "narrow", permitted, lab.namespace)
    await lab.until(lambda app: said(app)[0] == "Hydrated")


async def test_a_newer_dry_commit_takes_the_place_of_one_that_is_under_way(
    lab: Lab, committer: Committer
) -> None:
    committer.gate.clear()
    lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    await create(lab)
    await lab.eventually(lambda: bool(committer.asked))
    newer = await dry_commit(lab, "blue")
    committer.gate.set()
    await hydrated(lab, newer)
    assert committer.dry_shas(lab.repo, "env/dev")[-1] == newer


async def test_a_branch_that_somebody_else_wrote_to_is_read_again_and_then_written(
    lab: Lab, committer: Committer
) -> None:
    committer.gate.clear()
    first = lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    await create(lab)
    await lab.eventually(lambda: bool(committer.asked))
    committer.pushes(lab.repo, "env/dev")
    committer.gate.set()
    await hydrated(lab, first)
    assert [asked.expected_head for asked in committer.asked] == [
        "",
        committer.branches[lab.repo, "env/dev"][0].sha,
    ]
    assert committer.dry_shas(lab.repo, "env/dev") == ["", first]


async def test_a_refusal_is_said_and_tried_again_at_another_commit(lab: Lab, committer: Committer) -> None:
    committer.refusal = "the remote does not let fairlead push to env/dev"
    lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    await create(lab)
    await failed(lab, committer.refusal)
    committer.refusal = ""
    newer = await dry_commit(lab, "blue")
    await hydrated(lab, newer)


async def test_a_dry_source_that_cannot_be_read_is_said_and_read_again(
    lab: Lab, committer: Committer
) -> None:
    await create(lab)
    await failed(lab, "Failed to look at the dry source")
    first = await dry_commit(lab, "white")
    await hydrated(lab, first)


@pytest.mark.parametrize("moment", ["before it is written", "before that is said"])
async def test_a_controller_killed_on_the_way_leaves_what_the_next_one_ends(
    lab: Lab, committer: Committer, tmp_path: Path, moment: str
) -> None:
    await lab.stop()
    committer.gate.clear()
    first = lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    await create(lab)
    async with process(lab, tmp_path):
        await lab.eventually(lambda: bool(committer.asked))
        await lab.until(lambda app: said(app)[:2] == ("Hydrating", first))
    if moment == "before that is said":
        committer.gate.set()
        await lab.eventually(lambda: committer.dry_shas(lab.repo, "env/dev") == [first])
    assert said(await lab.app())[0] == "Hydrating"
    committer.gate.set()
    async with process(lab, tmp_path):
        app = await hydrated(lab, first)
    assert committer.dry_shas(lab.repo, "env/dev") == [first]
    current = app.status.source_hydrator.current_operation
    assert current is not None
    assert current.hydrated_sha == committer.branches[lab.repo, "env/dev"][0].sha


async def test_a_branch_is_not_hydrated_into_itself(lab: Lab, committer: Committer) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="white")])
    own = {"repoURL": lab.repo, "targetRevision": "env/dev", "path": "app"}
    await lab.create_app(source=None, sourceHydrator={**hydrator(lab, "app"), "drySource": own})
    await failed(lab, "would be hydrated into itself")
    assert not committer.asked


async def test_a_staging_branch_is_written_to_and_what_is_deployed_waits_for_somebody(
    lab: Lab, committer: Committer
) -> None:
    first = lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    await create(lab, hydrateTo={"targetBranch": "env/dev-next"})
    await hydrated(lab, first)
    assert (committer.asked[0].target_branch, committer.asked[0].sync_branch) == ("env/dev-next", "env/dev")


async def test_nothing_is_hydrated_while_that_is_switched_off_and_this_is_said(lab: Lab) -> None:
    lab.renderer.holds(dry_of(lab), [config_map(colour="white")])
    lab.renderer.holds(lab.repo, [config_map(colour="red")])
    await create(lab)
    app = await lab.until(lambda app: "UnheededWarning" in conditions(app))
    assert "hydrator.enabled is false" in conditions(app)["UnheededWarning"]
    assert said(app) == ("", "", "")
    await asyncio.sleep(0)
    assert not lab.renderer.followed
