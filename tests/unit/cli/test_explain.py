"""`app explain` names the object, the condition or the setting that each sentence comes from."""

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


RULE = {
    "group": "apps",
    "kind": "Deployment",
    "name": "web",
    "namespace": "x",
    "jsonPointers": ["/spec/replicas"],
}
REPLICAS = {
    "path": ".spec.replicas",
    "desired": "3",
    "live": "4",
    "manager": "kube-controller-manager",
    "operation": "Update",
    "subresource": "scale",
    "since": "2026-11-23T01:32:40Z",
    "rule": RULE,
}


def item(reason: str, **more: Any) -> dict[str, Any]:
    return {"kind": "Deployment", "namespace": "x", "name": "web", "reason": reason, **more}


def told(status: dict[str, Any], items: list[dict[str, Any]], windows: dict[str, Any] | None = None) -> Any:
    read = msgspec.convert(app(**status), Application)
    return explained(read, {"items": items}, windows or {"canSync": True})


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (item("missing"), "Deployment x/web is missing in the cluster"),
        (item("extra"), "Deployment x/web is no longer in Git and waits to be pruned"),
        (item("unknown", problem="no such kind"), "Deployment x/web could not be compared: no such kind"),
        (
            item("differs", differences=[REPLICAS]),
            "Deployment x/web differs:\n"
            "    .spec.replicas: Git says 3, the cluster has 4\n"
            "      owned by kube-controller-manager (Update of scale) since 2026-11-23T01:32:40Z\n"
            "      to leave it out: {group: apps, kind: Deployment, name: web, namespace: x, "
            "jsonPointers: [/spec/replicas]}",
        ),
        (
            item("differs", differences=[{"path": ".spec.a", "desired": "1"}] * 7),
            "Deployment x/web differs:\n"
            + "    .spec.a: Git says 1, the cluster has nothing\n" * 5
            + "    and in 2 more fields (-o json shows all)",
        ),
    ],
)
def test_a_difference_is_told_by_object_and_field(found: dict[str, Any], words: str) -> None:
    assert told({}, [found]).differences == [words]


def test_the_differences_are_there_as_data_too() -> None:
    found = item("differs", differences=[REPLICAS])
    assert told({}, [found]).objects == [found]


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
        {"verb": "GET", "path": "/api/v1/explain", "body": {"items": [item("missing")], "more": 2}},
        {"verb": "GET", "path": f"{path}/syncwindows", "body": {"canSync": True}},
    ]
    with recorded(answers) as server:
        assert run(["app", "explain", "web", "--server", server.address, "--plaintext"], "argocd") == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "argocd/web is OutOfSync and Degraded.\n\nWhat differs:\n"
        "- Deployment x/web is missing in the cluster\n- 2 more objects differ\n"
    )
