"""`--local`: manifests of a folder in place of Git's, for diff, manifests and sync."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from fairlead.cli.program import run
from tests.unit.cli.api_server import RecordedServer, recorded

LIVE = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "a", "namespace": "x"},
    "data": {"k": "1"},
}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "s", "namespace": "x"},
    "data": {"k": "+"},
}


def app(**source: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/a.git", "path": "a", **source},
            "destination": {"namespace": "x"},
        },
    }


def answers(**source: Any) -> list[dict[str, Any]]:
    path = "/api/v1/applications/web"
    items = [
        {"kind": obj["kind"], "namespace": "x", "name": obj["metadata"]["name"], "liveState": json.dumps(obj)}
        for obj in (LIVE, SECRET)
    ]
    return [
        {"verb": "GET", "path": path, "body": app(**source)},
        {"verb": "GET", "path": f"{path}/managed-resources", "body": {"items": items}},
        {"verb": "POST", "path": f"{path}/sync", "body": app(**source)},
    ]


def called(words: list[str], folder: Path, **source: Any) -> tuple[int, RecordedServer]:
    with recorded(answers(**source)) as server:
        more = ["--server", server.address, "--plaintext", "--local", str(folder)]
        return run([*words, *more], "argocd"), server


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))


def written(folder: Path, value: str) -> None:
    (folder / "a.yaml").write_text(
        json.dumps(LIVE | {"data": {"k": value}}) + "\n---\n" + json.dumps(SECRET | {"data": {"k": "eA=="}})
    )


def test_what_is_the_same_is_no_difference(tmp_path: Path) -> None:
    written(tmp_path, "1")
    assert called(["app", "diff", "web"], tmp_path)[0] == 0


def test_a_changed_file_is_a_difference_and_masked_secrets_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, "2")
    assert called(["app", "diff", "web"], tmp_path)[0] == 1
    said = capsys.readouterr().out
    assert '>   k: "2"' in said
    assert "Secret" not in said


def test_manifests_are_those_of_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, "3")
    assert called(["app", "manifests", "web"], tmp_path)[0] == 0
    assert 'k: "3"' in capsys.readouterr().out


def test_a_sync_sends_the_manifests_of_the_folder(tmp_path: Path) -> None:
    written(tmp_path, "4")
    code, server = called(["app", "sync", "web", "--async"], tmp_path)
    assert code == 0
    sent = next(body for verb, _, _, body in server.requests if verb == "POST")
    assert [json.loads(text)["data"] for text in sent["manifests"]] == [{"k": "4"}, {"k": "eA=="}]


def test_charts_are_rendered_by_the_users_helm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Chart.yaml").write_text("name: c\n")
    tools = tmp_path / "bin"
    tools.mkdir()
    program = (
        '#!/bin/sh\necho "{kind: ConfigMap, apiVersion: v1, metadata: {name: a}, data: {args: \\"$*\\"}}"\n'
    )
    (tools / "helm").write_text(program)
    (tools / "helm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    helm = {"releaseName": "rel", "parameters": [{"name": "n", "value": "5"}], "valueFiles": ["v.yaml"]}
    assert called(["app", "manifests", "web"], tmp_path, helm=helm)[0] == 0
    said = capsys.readouterr().out
    assert "template rel" in said
    assert "--set n=5" in said
    assert f"--values {tmp_path}/v.yaml" in said


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"helm": {"values": "a: 1"}}, "values that stand in the application"),
        ({"plugin": {"name": "p"}}, "unavailable for a plugin"),
    ],
)
def test_what_is_not_known_here_is_refused_aloud(
    source: dict[str, Any], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "helm" in source:
        (tmp_path / "Chart.yaml").write_text("name: c\n")
    assert called(["app", "diff", "web"], tmp_path, **source)[0] == 20
    assert words in capsys.readouterr().err
