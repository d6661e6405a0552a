"""What was typed is what is asked: no flag is accepted and passed over."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.cli import kubernetes
from fairlead.cli.admin import control_plane
from fairlead.cli.command.flags import many
from fairlead.cli.command.parse import Parser
from fairlead.cli.command.values import Values
from fairlead.cli.config_file import ConfigFile
from fairlead.cli.program import run
from tests.unit.cli.api_server import RecordedServer, recorded

BASE = "/api/v1/applications"
SOURCES = [
    {
        "repoURL": "https://git.example/a.git",
        "path": "a",
        "name": "one",
        "helm": {"parameters": [{"name": "p", "value": "1"}]},
    },
    {
        "repoURL": "https://git.example/b.git",
        "path": "b",
        "name": "two",
        "helm": {"parameters": [{"name": "q", "value": "2"}]},
    },
]
APP = {
    "metadata": {"name": "web", "namespace": "argocd"},
    "spec": {"project": "default", "sources": SOURCES, "destination": {"server": "s", "namespace": "n"}},
    "status": {},
}
OBJECT = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "c", "namespace": "n"},
    "data": {"x": "live"},
}
MANAGED = {
    "items": [
        {
            "kind": "ConfigMap",
            "namespace": "n",
            "name": "c",
            "liveState": json.dumps(OBJECT),
            "targetState": json.dumps(OBJECT),
        }
    ]
}
OTHER = {"manifests": [json.dumps({**OBJECT, "data": {"x": "other"}})]}
ANSWERS: list[dict[str, Any]] = [
    {"verb": "GET", "path": f"{BASE}/web", "body": APP},
    {"verb": "GET", "path": f"{BASE}/web/managed-resources", "body": MANAGED},
    {"verb": "GET", "path": f"{BASE}/web/manifests", "body": OTHER},
    {"verb": "GET", "path": f"{BASE}/web/syncwindows", "body": {}},
    {"verb": "GET", "path": BASE, "body": {"items": [APP]}},
    {"verb": "POST", "path": f"{BASE}/web/sync", "body": APP},
    {"verb": "GET", "path": "/api/v1/settings", "body": {}},
]


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    for name in ("ARGOCD_SERVER", "ARGOCD_AUTH_TOKEN", "ARGOCD_OPTS", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)


def ask(server: RecordedServer, *words: str) -> int:
    return run([*words, "--server", server.address, "--plaintext"], "argocd")


@pytest.mark.parametrize(
    "words",
    [
        ["--revisions", "v1", "--revisions", "v2", "--source-positions", "1,2"],
        ["--revisions", "v1", "--source-positions", "1", "--revisions", "v2", "--source-positions", "2"],
        ["--revisions", "v1", "--source-names", "one", "--revisions", "v2", "--source-names", "two"],
    ],
)
def test_a_difference_with_other_revisions_is_asked_for_and_shown(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded(ANSWERS) as server:
        assert ask(server, "app", "diff", "web", *words) == 1
        (asked,) = [query for _, path, query, _ in server.requests if path.endswith("/manifests")]
    assert asked["revisions"] == "v2"
    assert asked["sourcePositions"] == "2"
    assert "x: other" in capsys.readouterr().out


def test_positions_without_revisions_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with recorded(ANSWERS) as server:
        assert ask(server, "app", "diff", "web", "--source-positions", "1") == 1
    assert "are for --revisions" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "shown", "hidden"),
    [
        ([], ["p", "q"], []),
        (["--source-position", "2"], ["q"], ["p"]),
        (["--source-name", "one"], ["p"], ["q"]),
    ],
)
def test_parameters_are_those_of_the_source_that_was_chosen(
    words: list[str], shown: list[str], hidden: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded(ANSWERS) as server:
        assert ask(server, "app", "get", "web", "--show-params", *words) == 0
    table = capsys.readouterr().out.partition("NAME")[2].splitlines()
    names = {line.split()[0] for line in table if line.strip()}
    assert set(shown) <= names
    assert not set(hidden) & names


@pytest.mark.parametrize(
    "words", [["--source-position", "3"], ["--source-position", "0"], ["--source-name", "x"]]
)
def test_a_source_that_is_not_there_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with recorded(ANSWERS) as server:
        assert ask(server, "app", "get", "web", "--show-params", *words) == 20
    assert "there is no source" in json.loads(capsys.readouterr().err)["msg"]


def test_all_applications_of_projects_are_synced_without_a_name() -> None:
    with recorded(ANSWERS) as server:
        assert ask(server, "app", "sync", "--project", "a", "--project", "b", "--async") == 0
        (listed,) = [query for verb, path, query, _ in server.requests if (verb, path) == ("GET", BASE)]
        assert listed["projects"] == "b"
        assert [path for verb, path, _, _ in server.requests if verb == "POST"] == [f"{BASE}/web/sync"]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (["a: b,c: d"], ["a: b", "c: d"]),
        (["a: b", "c: d"], ["a: b", "c: d"]),
        (['"a: b,c",d: e'], ["a: b,c", "d: e"]),
    ],
)
def test_several_headers_may_stand_in_one_value(given: list[str], values: list[str]) -> None:
    flags = (many("header", "", short="H", commas=True),)
    parser = Parser(flags)
    parser.read([word for value in given for word in ("-H", value)])
    assert Values(flags, parser.given).many("header") == values


def test_an_error_is_exactly_one_line_with_its_hint_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    refused = {
        "verb": "GET",
        "path": BASE,
        "status": 401,
        "body": {"code": 16, "message": "no session information"},
    }
    for form in ("json", "text"):
        with recorded([refused]) as server:
            assert ask(server, "app", "list", "--logformat", form) == 20
        (line,) = capsys.readouterr().err.splitlines()
        assert "relogin" in line
        if form == "json":
            told = json.loads(line)
            assert told["level"] == "fatal"
            assert "no session information" in told["msg"]
            assert "relogin" not in told["msg"]


def test_a_version_is_one_that_tools_can_compare(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["version", "--client"], "argocd") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("argocd: v3.6.1+fairlead.")
    assert [line.partition(":")[0].strip() for line in lines[1:]] == [
        "BuildDate",
        "GitCommit",
        "GitTreeState",
        "GoVersion",
        "Compiler",
        "Platform",
    ]


def test_a_login_keeps_what_it_does_not_know_and_forgets_what_it_decides_anew(tmp_path: Path) -> None:
    path = tmp_path / "config"
    server = {"server": "s", "insecure": True, "plain-text": True, "client-certificate-data": "c", "new": 1}
    content = {
        "servers": [server],
        "users": [{"name": "s", "auth-token": "old", "refresh-token": "r", "x": 2}],
    }
    path.write_text(yaml.safe_dump(content))
    path.chmod(0o600)
    config = ConfigFile(path)
    config.remember("s", {"server": "s", "insecure": True}, "token")
    config.save()
    kept = yaml.safe_load(path.read_text())
    assert kept["servers"] == [{"server": "s", "insecure": True, "new": 1}]
    assert kept["users"] == [{"name": "s", "auth-token": "token", "x": 2}]


@pytest.mark.parametrize(
    ("words", "environment", "expected"),
    [
        ([], {}, "suite"),
        ([], {"KUBECONFIG": "/prod"}, "/prod"),
        (["--kubeconfig", "/named"], {"KUBECONFIG": "/prod"}, "/named"),
        (["--data-dir", "/data"], {"KUBECONFIG": "/prod"}, "suite"),
    ],
)
def test_the_cluster_that_was_named_beats_the_suite_that_happens_to_run(
    words: list[str], environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class State:
        kubeconfig, kube_context, namespace = "suite", "", "argocd"

    def chosen(file: str, *_: str | None, **__: str) -> None:
        asked.append(file)
        raise SystemExit(0)

    monkeypatch.setattr(control_plane, "read_state", lambda _: State())
    monkeypatch.setattr(kubernetes, "from_kubeconfig", chosen)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        run(["admin", "initial-password", *words], "argocd")
    assert asked == [expected]
