"""What a change in Git would do to each application, before it is merged."""

import json
from typing import Any

import pytest

from fairlead.cli.program import run
from tests.unit.cli.api_server import Answer, recorded

REPO = "https://git.example/config.git"


def app(name: str, target: str = "main", repo: str = REPO) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "destination": {"server": "s"},
            "source": {"repoURL": repo, "path": name, "targetRevision": target},
        },
        "status": {"sync": {"status": "Synced", "revision": "old"}},
    }


def obj(kind: str, name: str, value: int = 1) -> str:
    group = "apps/v1" if kind == "Deployment" else "v1"
    return json.dumps({"apiVersion": group, "kind": kind, "metadata": {"name": name}, "spec": {"v": value}})


def manifests(name: str, *answers: list[str]) -> list[Answer]:
    path = f"/api/v1/applications/{name}/manifests"
    return [{"verb": "GET", "path": path, "body": {"manifests": answer}} for answer in answers]


def listed(*apps: dict[str, Any]) -> Answer:
    return {"verb": "GET", "path": "/api/v1/applications", "body": {"items": list(apps)}}


def call(answers: list[Answer], *words: str) -> tuple[int, list[tuple[str, str, dict[str, str], Any]]]:
    with recorded(answers) as server:
        general = ("--server", server.address, "--plaintext")
        return run(["repo", "affected", *words, *general], "argocd"), server.requests


def test_the_applications_that_would_change_are_named_with_their_objects(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, after = obj("Deployment", "web"), obj("Deployment", "web", 2)
    answers = [
        listed(app("web"), app("same"), app("other", repo="https://git.example/another.git")),
        *manifests("web", [before, obj("Service", "old")], [after, obj("ConfigMap", "new")]),
        *manifests("same", [before], [before]),
    ]
    code, requests = call(answers, REPO.removesuffix(".git").upper(), "--revision", "next")
    assert code == 0
    assert capsys.readouterr().out == (
        "NAME        CHANGED         ADDED          REMOVED      ERROR\n"
        "argocd/web  Deployment/web  ConfigMap/new  Service/old  \n"
        "\n1 of 2 applications of the repository are affected.\n"
    )
    asked = [query["revision"] for _, path, query, _ in requests if path.endswith("/manifests")]
    assert asked == ["old", "next", "old", "next"]


def test_only_those_that_follow_the_branch_to_be_merged_into_are_looked_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = [
        listed(app("web"), app("pinned", target="v1.0.0")),
        *manifests("web", [obj("Service", "a")], [obj("Service", "a", 2)]),
    ]
    flags = ("--revision", "next", "--target", "main", "--from", "main", "-o", "name")
    code, requests = call(answers, REPO, *flags)
    assert code == 0
    assert capsys.readouterr().out == "argocd/web\n"
    assert [query["revision"] for _, path, query, _ in requests if path.endswith("manifests")] == [
        "main",
        "next",
    ]


def test_several_sources_are_rendered_with_those_of_the_repository_moved(
    capsys: pytest.CaptureFixture[str],
) -> None:
    many = app("web")
    del many["spec"]["source"]
    many["spec"]["sources"] = [
        {"repoURL": "https://git.example/another.git", "path": "a"},
        {"repoURL": REPO, "path": "b"},
    ]
    many["status"]["sync"]["revisions"] = ["x", "y"]
    answers = [listed(many), *manifests("web", [obj("Service", "a")], [obj("Service", "a", 2)])]
    code, requests = call(answers, REPO, "--revision", "next", "-o", "json")
    assert code == 0
    assert json.loads(capsys.readouterr().out)[0]["changed"] == ["Service/a"]
    queries = [query for _, path, query, _ in requests if path.endswith("manifests")]
    assert queries == [
        {"appNamespace": "argocd", "revisions": "y", "sourcePositions": "2"},
        {"appNamespace": "argocd", "revisions": "next", "sourcePositions": "2"},
    ]


def test_an_application_that_cannot_be_rendered_is_told_and_ends_with_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = "/api/v1/applications/web/manifests"
    refusal = {"verb": "GET", "path": path, "status": 500, "body": {"code": 2, "message": "no such path"}}
    code, _ = call([listed(app("web")), refusal], REPO, "--revision", "next")
    assert code == 1
    said = capsys.readouterr()
    assert "no such path" in said.out
    assert "1 of 1 applications cannot be rendered" in said.err


def test_a_revision_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert call([], REPO)[0] == 1
    assert 'required flag(s) "revision" not set' in capsys.readouterr().out
