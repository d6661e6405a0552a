"""An application whose manifests cannot be rendered: nobody is told that all is well."""

import json

import pytest

from fairlead.cli.program import run
from tests.unit.cli.api_server import Answer, recorded

WHY = "Failed to load target state: failed to generate manifest for source 1 of 1: values.yaml: no such file"
APPLICATION = {
    "metadata": {"name": "web", "namespace": "argocd"},
    "spec": {
        "project": "default",
        "destination": {"server": "s"},
        "source": {"repoURL": "u", "path": "p"},
    },
    "status": {
        "sync": {"status": "Unknown"},
        "conditions": [
            {"type": "ComparisonError", "message": WHY, "lastTransitionTime": "2026-11-23T01:32:45Z"}
        ],
    },
}
ANSWERS: list[Answer] = [
    {"verb": "GET", "path": "/api/v1/applications/web", "body": APPLICATION},
    {"verb": "GET", "path": "/api/v1/applications/web/managed-resources", "body": {}},
    {"verb": "GET", "path": "/api/v1/applications/web/manifests", "body": {"manifests": []}},
]


@pytest.mark.parametrize("verb", ["manifests", "diff"])
def test_what_cannot_be_rendered_is_an_error_that_says_why(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded(ANSWERS) as server:
        assert run(["app", verb, "web", "--server", server.address, "--plaintext"], "argocd") == 20
    assert json.loads(capsys.readouterr().err)["msg"] == f"ComparisonError: {WHY}"


@pytest.mark.parametrize(("verb", "code"), [("manifests", 0), ("diff", 1)])
def test_what_is_known_is_shown_with_a_warning(
    verb: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {"kind": "ConfigMap", "name": "web", "targetState": '{"kind": "ConfigMap"}'}
    answers = [ANSWERS[0], {**ANSWERS[1], "body": {"items": [known]}}]
    with recorded(answers) as server:
        assert run(["app", verb, "web", "--server", server.address, "--plaintext"], "argocd") == code
    told = json.loads(capsys.readouterr().err)
    assert (told["level"], told["msg"]) == ("warning", f"ComparisonError: {WHY}")


@pytest.mark.parametrize(
    "words",
    [
        ("manifests", "web", "--source", "live"),
        ("manifests", "web", "--revision", "v1"),
        ("diff", "web", "--revision", "v1"),
    ],
)
def test_another_revision_or_the_live_state_is_shown_all_the_same(words: tuple[str, ...]) -> None:
    with recorded(ANSWERS) as server:
        assert run(["app", *words, "--server", server.address, "--plaintext"], "argocd") == 0
