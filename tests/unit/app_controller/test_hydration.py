"""Who is hydrated with whom, whether it is due, and what is said of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fairlead.app_controller.hydrating import outcome
from fairlead.app_controller.hydrating.branches import Branch, Branches, together
from fairlead.app_controller.hydrating.commands import commands_of
from fairlead.app_controller.hydrating.decide import Reason, pause_after, reason_of
from fairlead.app_controller.hydrating.hydrator import usual_wait
from fairlead.app_controller.hydrating.refuse import refused
from fairlead.app_controller.syncing.target import render_problem
from fairlead.events import RenderFailure
from fairlead.matching.hydrator import shape_problems
from fairlead.matching.repository import token
from fairlead.model.application import Application
from fairlead.model.decode import decode_application
from fairlead.model.metadata import Time
from fairlead.model.source import SourceHydrator
from fairlead.repo_server.remotes.interests import LASTING

DRY, WRITE = "https://git.example/dry.git", "https://git.example/write"
THEN = Time("2026-01-02T03:04:05Z")


def app(
    name: str = "app", *, path: str = "", annotations: dict[str, str] | None = None, **more: Any
) -> Application:
    hydrator = {
        "drySource": {"repoURL": DRY, "targetRevision": "main", "path": "base", **more.pop("dry", {})},
        "syncSource": {"repoURL": WRITE, "targetBranch": "env", "path": path or name},
        **more,
    }
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "annotations": annotations or {}},
        "spec": {"destination": {"namespace": "web"}, "sourceHydrator": hydrator},
    }
    return decode_application(msgspec.json.encode(body))


def after(found: Application, status: Any) -> Application:
    return msgspec.structs.replace(
        found, status=msgspec.structs.replace(found.status, source_hydrator=status)
    )


def test_those_of_one_branch_are_worked_on_together_however_their_repositories_are_spelled() -> None:
    branches = Branches()
    one, other = app("one"), app("two", dry={"repoURL": "git@git.example:dry"})
    [branch] = {*branches.note(one), *branches.note(other)}
    assert branch == Branch("git.example/write", "env")
    assert set(branches.apps(branch)) == {one.id, other.id}
    assert branches.fed_by(token(DRY)) == (branch,)
    assert list(map(len, together((one, other)).values())) == [2]
    foreign = msgspec.structs.replace(one, spec=msgspec.structs.replace(one.spec, project="other"))
    assert list(map(len, together((foreign, other)).values())) == [1, 1], "none is held up by another project"
    elsewhere = app("two", hydrateTo={"targetBranch": "next"})
    assert set(branches.note(elsewhere)) == {branch, Branch("git.example/write", "next")}
    branches.forget(one.id)
    branches.forget(elsewhere.id)
    assert not branches.all()
    assert not branches.fed_by(token(DRY))


def test_others_of_the_branch_go_on_without_those_that_are_refused() -> None:
    apps = [app("a", path="x"), app("b", path="./x/"), app("c"), app("d")]
    found = refused(apps, lambda one: "not permitted" if one.metadata.name == "d" else "")
    assert {app_id.name for app_id in found} == {"a", "b", "d"}
    assert "argocd/b" in found[apps[0].id]
    assert found[apps[3].id] == "not permitted"


def test_what_is_refused_takes_no_path_from_another() -> None:
    apps = [app("a", path="x"), app("b", path="x")]
    found = refused(apps, lambda one: "not permitted" if one.metadata.name == "b" else "")
    assert {app_id.name for app_id in found} == {"b"}


def test_of_two_projects_the_one_that_was_first_keeps_the_path_and_names_nothing_to_the_other() -> None:
    projects = (("shop", "2"), ("other", "3"), ("late", "4"))
    first, second, third = (of_project(name, at) for name, at in projects)
    found = refused([third, second, first], lambda _: "")
    assert {app_id.name for app_id in found} == {"other", "late"}
    assert "also that of an application of another project; give" in found[second.id]
    own = of_project("shop", "5", name="twin")
    assert set(refused([second, first, own], lambda _: "")) == {first.id, second.id, own.id}


def of_project(project: str, at: str, name: str = "") -> Application:
    """An application that writes to x, made at a moment."""
    found = app(name or project, path="x")
    metadata = msgspec.structs.replace(found.metadata, creation_timestamp=Time(f"2026-01-0{at}T00:00:00Z"))
    spec = msgspec.structs.replace(found.spec, project=project)
    return msgspec.structs.replace(found, metadata=metadata, spec=spec)


def test_who_says_already_what_was_hydrated_keeps_its_times_unless_it_asked() -> None:
    done = after(app(), outcome.hydrated(app(), "c1", "h1", THEN))
    later = Time("2027-01-01T00:00:00Z")
    assert outcome.hydrated(done, "c1", "h1", later) is done.status.source_hydrator
    for dry, commit in (("c2", "h1"), ("c1", "h2")):
        current = outcome.hydrated(done, dry, commit, later).current_operation
        assert current is not None
        assert (current.started_at, current.dry_sha, current.hydrated_sha) == (later, dry, commit)
    asked = after(app(annotations={"argocd.argoproj.io/hydrate": "normal"}), done.status.source_hydrator)
    current = outcome.hydrated(asked, "c1", "h1", later).current_operation
    assert current is not None
    assert current.started_at == later


def test_a_revision_is_followed_anew_before_nobody_is_told_of_it_any_more() -> None:
    assert usual_wait(24 * 3600.0) < LASTING
    assert usual_wait(120.0) == 120.0
    assert usual_wait(0.0) < LASTING


def test_it_is_due_once_for_each_dry_commit_change_and_request() -> None:
    new = app()
    assert reason_of(new, "c1") is Reason.NEW
    begun = after(new, outcome.hydrating(new, "c1", THEN))
    assert reason_of(begun, "c1") is Reason.UNFINISHED
    done = after(begun, outcome.hydrated(begun, "c1", "h1", THEN))
    assert reason_of(done, "c1") is None
    assert reason_of(done, "") is None
    assert reason_of(done, "c2") is Reason.COMMIT
    asked = app(annotations={"argocd.argoproj.io/hydrate": "normal"})
    assert reason_of(after(asked, done.status.source_hydrator), "c1") is Reason.ASKED
    changed = app(path="elsewhere")
    assert reason_of(after(changed, done.status.source_hydrator), "c1") is Reason.CHANGED
    broken = after(done, outcome.failed(done, "c2", "no", THEN))
    assert reason_of(broken, "c2") is Reason.FAILED
    last = broken.status.source_hydrator.last_successful_operation
    assert last is not None
    assert last.dry_sha == "c1"


def test_the_same_failure_is_not_written_again() -> None:
    broken = after(app(), outcome.failed(app(), "c1", "no", THEN))
    later = outcome.failed(broken, "c1", "no", Time("2027-01-01T00:00:00Z"))
    assert later is broken.status.source_hydrator
    assert outcome.failed(broken, "c1", "other", THEN) != broken.status.source_hydrator


def test_a_failure_is_tried_again_ever_more_seldom() -> None:
    pauses = [pause_after(count) for count in range(1, 30)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 10.0
    assert pauses[-1] == 300.0


def test_commands_tell_no_value_of_a_parameter() -> None:
    helm = {"helm": {"parameters": [{"name": "password", "value": "hunter2"}], "valueFiles": ["prod.yaml"]}}
    one = app(dry=helm)
    hydrator = one.spec.source_hydrator
    assert hydrator is not None
    [command] = commands_of(one, hydrator.dry_source, "Helm")
    assert "hunter2" not in command
    assert command.startswith(
        "helm template base --name-template app --namespace web --values base/prod.yaml"
    )
    assert commands_of(one, hydrator.dry_source, "Directory") == ()


def test_commands_tell_no_password_of_an_address() -> None:
    one = app(dry={"helm": {"valueFiles": ["https://ann:hunter2@files.example/prod.yaml"]}})
    hydrator = one.spec.source_hydrator
    assert hydrator is not None
    [command] = commands_of(one, hydrator.dry_source, "Helm")
    assert "https://files.example/prod.yaml" in command
    assert "hunter2" not in command


@pytest.mark.parametrize(
    ("hydrator", "words"),
    [
        ({}, "spec.sourceHydrator.drySource.repoURL is required"),
        ({}, "spec.sourceHydrator.syncSource.targetBranch is required"),
        ({"hydrateTo": {}}, "when spec.sourceHydrator.hydrateTo is set, "),
        (
            {"drySource": {"repoURL": DRY}, "syncSource": {"targetBranch": "refs/heads/env", "path": "web"}},
            "syncSource.targetBranch is the name of a branch",
        ),
        (
            {
                "drySource": {"repoURL": DRY},
                "syncSource": {"targetBranch": "env", "path": "web"},
                "hydrateTo": {"targetBranch": "refs/tags/env"},
            },
            "hydrateTo.targetBranch is the name of a branch",
        ),
        (
            {"drySource": {"repoURL": DRY}, "syncSource": {"targetBranch": "env", "path": "/web"}},
            "syncSource.path: the path '/web' is absolute",
        ),
        (
            {
                "drySource": {"repoURL": DRY, "targetRevision": "refs/heads/env"},
                "syncSource": {"targetBranch": "env"},
            },
            "branch env would be hydrated into itself",
        ),
    ],
)
def test_what_is_missing_or_cannot_be_is_said(hydrator: dict[str, Any], words: str) -> None:
    assert words in "; ".join(shape_problems(msgspec.convert(hydrator, SourceHydrator)))


def test_what_was_staged_and_not_moved_on_is_said_where_the_path_is_not_there_yet() -> None:
    failure = RenderFailure(message="web: app path does not exist")
    staged = app(hydrateTo={"targetBranch": "env-next"})
    assert render_problem(staged, failure).endswith(
        "app path does not exist - waiting for an external process to update env from env-next"
    )
    assert render_problem(app(), failure).endswith("app path does not exist")
