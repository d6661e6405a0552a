"""What an application says that it depends on, and when that is ready for it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fairlead.events.envelope import encode
from fairlead.events.ref_history import Move, RefHistories, RefHistory
from fairlead.matching.circles import circles
from fairlead.matching.dependencies import (
    ANNOTATION,
    DEPENDENTS,
    MOST,
    Accepted,
    declared,
    is_behind,
    is_permitted,
    unready,
)
from fairlead.matching.repository import identity
from fairlead.model.application import AppId, Application
from fairlead.model.decode import decode_app_project, decode_application

REPO = "https://git.example/team/config.git"
NOTHING = RefHistories()


def app(
    name: str = "web", *, repo: str = REPO, ref: str = "", project: str = "default", **more: Any
) -> Application:
    source = {"repoURL": repo, "path": name, "targetRevision": ref}
    destination = {"server": "https://kubernetes.default.svc", "namespace": "work"}
    status = more.get("status")
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "annotations": more.get("annotations", {})},
        "spec": {"project": project, "source": source, "destination": destination},
    }
    if status is not None:
        compared = {"source": source, "destination": destination}
        sync = {"status": "Synced", "revision": "c1", "comparedTo": compared, **status.get("sync", {})}
        body["status"] = {"health": {"status": "Healthy"}, **status, "sync": sync}
    body.update(more.get("body", {}))
    return decode_application(msgspec.json.encode(body))


def on(text: str) -> Application:
    return app(annotations={ANNOTATION: text})


def ended(phase: str, revision: str, **sync: Any) -> dict[str, Any]:
    return {
        "phase": phase,
        "startedAt": "2030-01-01T00:00:00Z",
        "operation": {"sync": sync},
        "syncResult": {"revision": revision, "source": {"repoURL": REPO}},
    }


def why(
    status: dict[str, Any], accepted: Accepted = Accepted.READY, revision: str = "c1", **more: Any
) -> str:
    database = app("database", status=status, **more)
    return unready(app(), (revision,), accepted, database, NOTHING)


def history(*moves: Move) -> RefHistories:
    found = RefHistories()
    found.take("key", encode(RefHistory(repository=identity(REPO), ref="", moves=moves)))
    return found


def test_names_stand_apart_by_commas_each_with_its_state() -> None:
    found = declared(on(" database, infra/queue=healthy ,cache = synced,"))
    assert found.dependencies == (
        (AppId("argocd", "database"), Accepted.READY),
        (AppId("infra", "queue"), Accepted.HEALTHY),
        (AppId("argocd", "cache"), Accepted.SYNCED),
    )
    assert not found.problems


@pytest.mark.parametrize("text", ["a/b/c", "/name", "space/", "db=ok", "db=", "=synced", "db,db"])
def test_what_nobody_understands_is_said(text: str) -> None:
    assert declared(on(text)).problems


def test_of_too_many_none_counts() -> None:
    found = declared(on(",".join(f"app-{number}" for number in range(MOST + 1))))
    assert not found.dependencies
    assert found.problems


def test_what_is_synced_and_healthy_at_the_commit_is_ready() -> None:
    assert why({}) == ""


@pytest.mark.parametrize(
    ("status", "accepted", "words"),
    [
        ({"sync": {"status": "OutOfSync"}}, Accepted.READY, "it is OutOfSync"),
        ({"sync": {"status": "OutOfSync"}}, Accepted.HEALTHY, ""),
        ({"health": {"status": "Progressing"}}, Accepted.READY, "it is Progressing"),
        ({"health": {"status": "Progressing"}}, Accepted.SYNCED, ""),
        ({"operationState": ended("Running", "c1")}, Accepted.SYNCED, "it is being synced"),
        ({"operationState": ended("Failed", "c1")}, Accepted.READY, "its last sync failed"),
        ({"operationState": ended("Failed", "c0")}, Accepted.READY, ""),
        ({"operationState": ended("Failed", "c1", dryRun=True)}, Accepted.READY, ""),
        ({"sync": {"comparedTo": None}}, Accepted.READY, "it was not compared yet"),
        (
            {"sync": {"comparedTo": {"source": {"repoURL": REPO, "path": "other"}, "destination": {}}}},
            Accepted.READY,
            "it was not compared yet",
        ),
    ],
)
def test_each_state_accepts_its_own(status: dict[str, Any], accepted: Accepted, words: str) -> None:
    assert why(status, accepted) == words


def test_a_status_of_an_earlier_commit_is_not_ready_however_synced_it_says_it_is() -> None:
    assert why({}, revision="c2") == "it is at c1, c2 is to come"
    assert why({}, Accepted.HEALTHY, revision="c2") == ""
    database = app("database", status={})
    assert is_behind(app(), ("c2",), database, NOTHING)


@pytest.mark.parametrize("more", [{"repo": "https://git.example/other.git"}, {"ref": "v1"}])
def test_commits_of_another_repository_or_ref_have_no_order(more: dict[str, str]) -> None:
    assert why({}, revision="c2", **more) == ""


def test_a_commit_that_left_the_dependency_as_it_was_counts_as_its_own() -> None:
    database, web = app("database", status={}), AppId("argocd", "web")
    touching_web = history(Move(commit="c1"), Move(commit="c2", touched=(web,)))
    assert unready(app(), ("c2",), Accepted.READY, database, touching_web) == ""
    touching_both = history(Move(commit="c1"), Move(commit="c2", touched=(web, database.id)))
    assert unready(app(), ("c2",), Accepted.READY, database, touching_both)


def test_a_dependency_that_is_further_is_ready() -> None:
    database = app("database", status={"sync": {"revision": "c3"}})
    moved = history(*(Move(commit=name, touched=(database.id,)) for name in ("c1", "c2", "c3")))
    assert unready(app(), ("c2",), Accepted.READY, database, moved) == ""
    assert unready(app(), ("c4",), Accepted.READY, database, moved)


def test_a_status_of_a_pin_that_is_over_says_nothing_of_the_branch() -> None:
    """Of a branch that it did not follow no history says whom a commit touched."""
    condition = {"type": "PinnedWarning", "message": "pinned to c1"}
    status = {"sync": {"revision": "c1"}, "conditions": [condition]}
    moved = history(Move(commit="c1"), Move(commit="c2"))
    let_go = app("database", status=status)
    assert unready(app(), ("c2",), Accepted.READY, let_go, moved) == "it was not compared yet"
    pinned = {"fairlead.dev/pinned-revisions": "c1"}
    held = app("database", status=status, annotations=pinned)
    assert unready(app(), ("c2",), Accepted.READY, held, moved) == ""
    fresh = app("database", status={"sync": {"revision": "c2"}}, annotations=pinned)
    assert unready(app(), ("c2",), Accepted.READY, fresh, moved) == "it was not compared yet"


def test_other_projects_are_depended_on_where_they_let_it() -> None:
    web, database = app(project="shop"), app("database", project="infra")
    body: dict[str, Any] = {"metadata": {"name": "infra"}, "spec": {}}
    closed = decode_app_project(msgspec.json.encode(body))
    body["metadata"]["annotations"] = {DEPENDENTS: "team-*, shop"}
    opened = decode_app_project(msgspec.json.encode(body))
    assert not is_permitted(web, database, closed)
    assert not is_permitted(web, database, None)
    assert is_permitted(web, database, opened)
    assert is_permitted(web, app("cache", project="shop"), closed)


def test_what_is_said_of_an_annotation_has_a_bound_however_long_it_is() -> None:
    many = declared(on(",".join(f"a/b/{number}" for number in range(20_000))))
    assert many.problems == (f"20000 applications are named, of at most {MOST}",)
    [problem] = declared(on("x" * 100_000)).problems
    assert len(problem) < 250
    assert "is not understood" in problem


def test_circles_are_what_can_be_come_back_to() -> None:
    edges = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": ["e"], "e": [], "self": ["self"], "far": ["a"]}
    assert circles(edges) == dict.fromkeys("abc", ("a", "b", "c")) | {"self": ("self",)}


def test_a_path_of_many_thousands_is_searched() -> None:
    length = 20_000
    edges = {number: [number + 1] for number in range(length)}
    assert circles(edges) == {}
    assert len(circles(edges | {length: [0]})) == length + 1
