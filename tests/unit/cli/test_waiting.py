"""When a wait ends, and how."""

import json
import socket
from typing import Any

import pytest

from fairlead.cli.program import run
from tests.unit.cli.api_server import Answer, recorded

SETTINGS = {"verb": "GET", "path": "/api/v1/settings", "body": {"url": "https://cd.example.com"}}
SYNC = {"verb": "POST", "path": "/api/v1/applications/web/sync", "body": {}}
LATER, LAST = "2026-11-23T01:32:45Z", "2026-11-23T01:32:50Z"


def app(sync: str = "Synced", health: str = "Healthy", **status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "namespace": "argocd", "resourceVersion": "1"},
        "spec": {
            "project": "default",
            "destination": {"server": "s"},
            "source": {"repoURL": "u", "path": "p"},
        },
        "status": {
            "sync": {"status": sync},
            "health": {"status": health},
            "reconciledAt": LAST,
            "resources": [
                {
                    "kind": "Service",
                    "name": "web",
                    "namespace": "x",
                    "status": sync,
                    "health": {"status": health},
                }
            ],
            **status,
        },
    }


def operation(phase: str, results: list[dict[str, str]] | None = None) -> dict[str, Any]:
    state: dict[str, Any] = {"phase": phase, "startedAt": LATER, "operation": {"sync": {}}}
    if phase != "Running":
        state["finishedAt"] = LATER
    state["syncResult"] = {"revision": "abc", "resources": results or []}
    return {"operationState": state}


def get(*bodies: dict[str, Any]) -> list[Answer]:
    return [{"verb": "GET", "path": "/api/v1/applications/web", "body": body} for body in bodies]


def stream(*events: tuple[str, dict[str, Any]]) -> Answer:
    lines = [{"type": kind, "application": body} for kind, body in events]
    return {"verb": "GET", "path": "/api/v1/stream/applications", "lines": lines}


def call(answers: list[Answer], *words: str) -> int:
    with recorded([SETTINGS, SYNC, *answers]) as server:
        return run([*words, "--server", server.address, "--plaintext"], "argocd")


def fatal(text: str) -> str:
    return str(json.loads(text.splitlines()[-1])["msg"])


def test_what_is_already_true_is_not_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(get(app()), "app", "wait", "web") == 0
    out = capsys.readouterr().out
    assert out.startswith("\nName:               argocd/web\n")
    assert "TIMESTAMP" not in out


def test_a_wait_ends_when_the_stream_says_it_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    answers = [
        *get(app("OutOfSync", "Missing"), app()),
        stream(("MODIFIED", app("Synced", "Progressing")), ("MODIFIED", app())),
    ]
    assert call(answers, "app", "wait", "web", "--timeout", "30") == 0
    assert capsys.readouterr().out.count(" Service ") == 3


def test_a_wait_that_takes_too_long_ends_with_the_words_scripts_look_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = [*get(app("OutOfSync")), stream()]
    assert call(answers, "app", "wait", "web", "--sync", "--timeout", "1") == 20
    captured = capsys.readouterr()
    assert fatal(captured.err) == 'timed out (1s) waiting for app "web" match desired state'
    assert "Sync Status:        OutOfSync" in captured.out


def test_a_fall_into_degraded_ends_a_wait_for_health(capsys: pytest.CaptureFixture[str]) -> None:
    answers = [*get(app("Synced", "Progressing")), stream(("MODIFIED", app("Synced", "Degraded")))]
    assert call(answers, "app", "wait", "web", "--health", "--timeout", "30") == 20
    said = fatal(capsys.readouterr().err)
    assert said == "application 'web' health state has transitioned from Progressing to Degraded"


def test_any_of_the_healths_that_are_named_will_do() -> None:
    answers = get(app("Synced", "Suspended"))
    assert call(answers, "app", "wait", "web", "--health", "--suspended", "--timeout", "5") == 0


def test_only_the_objects_that_are_named_have_to_be_ready() -> None:
    body = app("OutOfSync", "Degraded")
    body["status"]["resources"].append(
        {
            "group": "apps",
            "kind": "Deployment",
            "name": "web",
            "status": "Synced",
            "health": {"status": "Healthy"},
        }
    )
    words = ("app", "wait", "web", "--resource", "apps:Deployment:web", "--health", "--timeout", "5")
    assert call(get(body), *words) == 0


def test_a_wait_for_deletion_ends_when_it_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    answers = [*get(app()), stream(("DELETED", app()))]
    assert call(answers, "app", "wait", "web", "--delete", "--timeout", "5") == 0
    assert capsys.readouterr().out.endswith("application 'web' deleted\n")


def test_a_sync_of_something_deleted_meanwhile_fails(capsys: pytest.CaptureFixture[str]) -> None:
    running = app("OutOfSync", **operation("Running"))
    assert call([*get(app(), running), stream(("DELETED", app()))], "app", "sync", "web") == 20
    assert "was deleted" in fatal(capsys.readouterr().err)


def test_an_operation_is_over_only_when_the_application_was_compared_since() -> None:
    stale = app(**operation("Succeeded")) | {}
    stale["status"]["reconciledAt"] = "2026-11-23T01:32:00Z"
    fresh = app(**operation("Succeeded"))
    assert call([*get(app(), stale, fresh), stream(("MODIFIED", fresh))], "app", "sync", "web") == 0


@pytest.mark.parametrize("words", [("sync", "web"), ("wait", "web", "--operation")])
def test_an_operation_is_over_even_when_the_comparison_after_it_fails(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    stuck = app("Unknown", **operation("Error"))
    stuck["status"]["reconciledAt"] = "2026-11-23T01:32:00Z"
    answers = [*get(app("Unknown"), stuck), stream(("MODIFIED", stuck))]
    assert call(answers, "app", *words, "--timeout", "30") == (1 if words[0] == "sync" else 0)
    assert "Phase:              Error" in capsys.readouterr().out


@pytest.mark.parametrize("phase", ["Failed", "Error"])
def test_a_failed_sync_ends_with_one_and_its_phase(phase: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(get(app(), app(**operation(phase))), "app", "sync", "web") == 1
    captured = capsys.readouterr()
    assert fatal(captured.err) == f"Operation has completed with phase: {phase}"
    assert f"Phase:              {phase}" in captured.out


def test_a_sync_that_leaves_something_to_prune_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = {
        "group": "",
        "version": "v1",
        "kind": "Service",
        "namespace": "x",
        "name": "web",
        "status": "PruneSkipped",
    }
    left = app("OutOfSync", **operation("Succeeded", [skipped]))
    assert call(get(app(), left), "app", "sync", "web") == 1
    assert fatal(capsys.readouterr().err) == "1 resources require pruning"


def test_a_sync_may_be_left_to_itself() -> None:
    assert call(get(app()), "app", "sync", "web", "--async") == 0


def test_documents_are_printed_without_progress(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(get(app(), app(**operation("Succeeded"))), "app", "sync", "web", "-o", "json") == 0
    assert json.loads(capsys.readouterr().out)["metadata"]["name"] == "web"


def test_a_sync_of_objects_that_are_not_there_asks_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(get(app()), "app", "sync", "web", "--resource", "apps:Deployment:none") == 20
    assert "app resources" in fatal(capsys.readouterr().err)


def test_a_server_that_falls_silent_is_waited_for_no_longer_than_was_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the connection and never answers: the time given ends the wait, not that of an answer."""
    monkeypatch.setattr("fairlead.cli.client.transport.LAST_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert (
            run(["app", "wait", "web", "--timeout", "1", "--server", address, "--plaintext"], "argocd") == 20
        )
    assert fatal(capsys.readouterr().err) == 'timed out (1s) waiting for app "web" match desired state'


def hydration(phase: str, path: str = "web", **last: str) -> dict[str, Any]:
    """An application that is hydrated to one path, and was to another or the same."""
    found = app()
    hydrator = {
        "drySource": {"repoURL": "u", "targetRevision": "main", "path": "p"},
        "syncSource": {"targetBranch": "env", "path": "web"},
    }
    before = {**hydrator, "syncSource": {"targetBranch": "env", "path": path}}
    current = {"phase": phase, "message": "no such chart", "drySHA": "d" * 40, "sourceHydrator": before}
    done = {"drySHA": "d" * 40, "hydratedSHA": "e" * 40, "sourceHydrator": before, **last}
    found["spec"] = {**found["spec"], "source": None, "sourceHydrator": hydrator}
    found["status"]["sourceHydrator"] = {"currentOperation": current, "lastSuccessfulOperation": done}
    return found


def test_a_wait_for_hydration_ends_when_what_the_application_says_now_is_hydrated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("app", "wait", "web", "--hydrated", "--timeout", "1")
    assert call(get(hydration("Hydrated")), *words) == 0
    out = capsys.readouterr().out
    assert "Hydration:          Hydrated (ddddddd)\n" in out
    assert "Hydrated:           ddddddd to eeeeeee\n" in out
    assert call([*get(hydration("Hydrated", path="before")), stream()], *words) == 20
    assert call([*get(hydration("Hydrated", drySHA="c" * 40)), stream()], *words) == 20
    assert call([*get(hydration("Failed")), stream()], *words) == 20
    assert "Hydration Error:    no such chart\n" in capsys.readouterr().out
