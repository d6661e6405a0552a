"""`app explain` names the object, the condition or the setting that each sentence comes from."""

import json
from typing import Any

import msgspec
import pytest

from fairlead.cli.app.explain import explained
from fairlead.cli.program import run
from fairlead.model.application import Application
from tests.unit.cli.api_server import recorded


def app(**status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "namespace": "argocd"},
        "spec": {"project": "default", "source": {"repoURL": "r"}, "destination": {"namespace": "x"}},
        "status": {"sync": {"status": "OutOfSync"}, "health": {"status": "Degraded"}, **status},
    }


def item(live: Any, target: Any, **more: Any) -> dict[str, Any]:
    states = {"liveState": live, "targetState": target}
    texts = {key: json.dumps(value) if value is not None else "" for key, value in states.items()}
    return {"kind": "Deployment", "namespace": "x", "name": "web", **texts, **more}


def told(status: dict[str, Any], items: list[dict[str, Any]], windows: dict[str, Any] | None = None) -> Any:
    return explained(msgspec.convert(app(**status), Application), items, windows or {"canSync": True})


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (item(None, {"a": 1}), "Deployment x/web is missing in the cluster"),
        (item({"a": 1}, None), "Deployment x/web is no longer in Git and waits to be pruned"),
        (
            item(
                {"spec": {"replicas": 3, "l": [1, 2]}}, {"spec": {"replicas": 4, "l": [1, 3]}}, modified=True
            ),
            "Deployment x/web differs in spec.replicas (3 → 4), spec.l[1] (2 → 3)",
        ),
    ],
)
def test_a_difference_is_told_by_object_and_field(found: dict[str, Any], words: str) -> None:
    assert told({}, [found]).differences == [words]


def test_hooks_and_what_is_the_same_are_no_differences() -> None:
    assert told({}, [item({"a": 1}, {"a": 1}), item(None, {"a": 1}, hook=True)]).differences == []


def test_nobody_syncs_it_while_automation_is_off_and_a_window_denies_it() -> None:
    window = {"kind": "deny", "schedule": "0 0 * * *", "duration": "1h"}
    waiting = told({}, [], {"canSync": False, "activeWindows": [window]}).waiting
    assert "automated sync is off" in waiting[0]
    assert "deny 0 0 * * * for 1h" in waiting[1]


def test_a_hook_that_runs_is_what_the_operation_waits_for() -> None:
    result = {"group": "batch", "version": "v1", "kind": "Job", "namespace": "x", "name": "migrate"}
    state = {
        "operation": {},
        "phase": "Running",
        "message": "waiting for completion of hook batch/Job/migrate",
        "startedAt": "2026-11-23T01:32:40Z",
        "syncResult": {
            "revision": "r",
            "resources": [{**result, "hookPhase": "Running", "message": "1 of 3"}],
        },
    }
    waiting = told({"operationState": state}, []).waiting
    assert "waiting for completion of hook" in waiting[0]
    assert waiting[1] == "Job x/migrate has to become ready: 1 of 3"


def test_conditions_and_sick_objects_are_what_is_wrong() -> None:
    sick = {"kind": "Pod", "version": "v1", "namespace": "x", "name": "p"}
    problems = told(
        {
            "conditions": [{"type": "ComparisonError", "message": "no such path"}],
            "resources": [{**sick, "health": {"status": "Degraded", "message": "CrashLoopBackOff"}}],
        },
        [],
    ).problems
    assert problems == ["ComparisonError: no such path", "Pod x/p is Degraded: CrashLoopBackOff"]


def test_it_is_printed_as_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    path = "/api/v1/applications/web"
    answers = [
        {"verb": "GET", "path": path, "body": app()},
        {"verb": "GET", "path": f"{path}/managed-resources", "body": {"items": [item(None, {"a": 1})]}},
        {"verb": "GET", "path": f"{path}/syncwindows", "body": {"canSync": True}},
    ]
    with recorded(answers) as server:
        assert run(["app", "explain", "web", "--server", server.address, "--plaintext"], "argocd") == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "argocd/web is OutOfSync and Degraded.\n\nWhat differs:\n- Deployment x/web is missing"
    )
