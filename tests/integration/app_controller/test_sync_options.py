"""What a sync does differently when its options, or those of one object, ask for it."""

from typing import Any

import pytest

from fairlead.app_controller.syncing import put
from fairlead.kube.collection import CONFIG_MAPS
from fairlead.model.application import Application
from fairlead.model.sync import OperationState
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    JOBS,
    Lab,
    config_map,
    deployment,
    hook,
)
from tests.integration.app_controller.renderer import Document

OPTIONS = "argocd.argoproj.io/sync-options"


async def test_a_dry_run_into_a_namespace_that_is_still_to_be_made_succeeds(lab: Lab) -> None:
    home = f"{lab.workloads}-new"
    lab.renderer.holds(lab.repo, [config_map(), deployment()])
    await lab.create_app(namespace=home)
    state = await synced_once(lab, dryRun=True, syncOptions=["CreateNamespace=true"])
    assert (state.phase, state.message) == ("Succeeded", "successfully synced (no more tasks)")
    assert told(state) == [
        f"namespace/{home} created (dry run)",
        "configmap/settings created (dry run)",
        "deployment.apps/web created (dry run)",
    ]


async def test_a_job_that_says_force_and_replace_is_made_anew(lab: Lab) -> None:
    marks = {OPTIONS: "Force=true,Replace=true"}
    lab.renderer.holds(lab.repo, [job(marks, "true")])
    await lab.create_app()
    first = await synced_once(lab)
    assert first.phase == "Succeeded", first
    before = await lab.get(JOBS, "once")
    await lab.renderer.commit(lab.repo, [job(marks, "echo two")])
    second = await synced_once(lab)
    assert second.phase == "Succeeded", second
    after = await lab.get(JOBS, "once")
    assert before is not None and after is not None
    assert before["metadata"]["uid"] != after["metadata"]["uid"]


async def test_a_selector_that_cannot_change_is_changed_by_force(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [deployment()])
    await lab.create_app()
    await synced_once(lab)
    changed = deployment()
    changed["spec"]["selector"]["matchLabels"] = {"app": "other"}
    changed["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    await lab.renderer.commit(lab.repo, [changed])
    refused = await synced_once(lab)
    assert refused.phase == "Failed"
    assert "field is immutable" in refused.message
    assert (await lab.app()).status.sync.status == "OutOfSync"
    state = await synced_once(lab, syncStrategy={"hook": {"force": True}})
    assert state.phase == "Succeeded", state


async def test_an_object_that_does_not_go_is_named_when_it_is_to_be_made_anew(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(put, "RECREATE_SECONDS", 0.5)
    marks = {OPTIONS: "Force=true,Replace=true"}
    held = job(marks, "true")
    held["metadata"]["finalizers"] = ["example.io/hold"]
    lab.renderer.holds(lab.repo, [held])
    await lab.create_app()
    await synced_once(lab)
    try:
        state = await synced_once(lab)
    finally:
        await lab.client.merge_patch(JOBS, "once", {"metadata": {"finalizers": None}}, lab.workloads)
    assert state.phase == "Failed"
    assert "Job/once is to be made anew but was still there" in state.message
    assert "example.io/hold" in state.message


async def test_replacing_puts_the_object_as_it_is_in_git(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [deployment(), config_map(a="b")])
    await lab.create_app()
    await synced_once(lab, syncOptions=["Replace=true"])
    await lab.renderer.commit(lab.repo, [deployment(replicas=2), config_map(c="d")])
    state = await synced_once(lab, syncOptions=["Replace=true"])
    assert state.phase == "Succeeded", state
    assert told(state) == ["configmap/settings replaced", "deployment.apps/web replaced"]


@pytest.mark.parametrize(
    ("of_app", "of_object"),
    [
        (["Replace=true"], ""),
        ([], "Replace=true"),
        ([], "Replace=true,Force=true"),
        ([], "Force=true"),
        ([], "ServerSideApply=false"),
    ],
)
async def test_what_git_drops_of_an_object_goes_however_that_is_written_and_nothing_else_is_missed(
    lab: Lab, of_app: list[str], of_object: str
) -> None:
    def web(**env: str) -> Document:
        found = deployment()
        found["metadata"]["annotations"] = {OPTIONS: of_object} if of_object else {}
        listed = [{"name": name, "value": value} for name, value in env.items()]
        found["spec"]["template"]["spec"]["containers"][0]["env"] = listed
        return found

    def named(live: Document | None) -> list[str]:
        if live is None:  # it is being made anew
            return []
        return [each["name"] for each in live["spec"]["template"]["spec"]["containers"][0].get("env", [])]

    lab.renderer.holds(lab.repo, [web(A="1", B="2")])
    policy = {"automated": {"selfHeal": True}, "syncOptions": of_app}
    await lab.create_app(syncPolicy=policy)
    await lab.until(is_over)
    await lab.client.merge_patch(
        DEPLOYMENTS, "web", {"metadata": {"labels": {"others": "own"}}}, lab.workloads
    )
    app = await lab.app()
    before = app.status.operation_state
    await lab.patch_app({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    app = await lab.until(lambda app: not app.metadata.annotations.get("argocd.argoproj.io/refresh"))
    assert (app.status.sync.status, app.status.operation_state) == ("Synced", before), "it is not of Git"
    await lab.renderer.commit(lab.repo, [web(A="1")])
    live = await lab.until_live(DEPLOYMENTS, "web", lambda live: named(live) == ["A"])
    assert live is not None
    app = await lab.until(lambda app: is_over(app) and app.status.operation_state != before)
    assert app.status.sync.status == "Synced"


async def test_fields_that_a_kind_does_not_have_pass_without_validation(lab: Lab) -> None:
    odd = deployment()
    odd["metadata"]["annotations"] = {OPTIONS: "Validate=false"}
    odd["spec"]["colour"] = "red"
    odd["spec"]["template"]["spec"]["containers"][0]["shade"] = {"deep": [1]}
    lab.renderer.holds(lab.repo, [odd])
    await lab.create_app()
    dry = await synced_once(lab, dryRun=True)
    assert dry.phase == "Succeeded", dry.message
    state = await synced_once(lab)
    assert state.phase == "Succeeded", state.message
    await lab.synced()


async def test_fields_that_a_kind_does_not_have_are_named(lab: Lab) -> None:
    odd = deployment()
    odd["spec"]["template"]["spec"]["containers"][0]["shade"] = 1
    lab.renderer.holds(lab.repo, [odd])
    await lab.create_app()
    state = await synced_once(lab)
    assert state.phase == "Failed"
    assert "shade" in state.message
    assert "field not declared in schema" in state.message


async def test_what_was_just_applied_is_awaited_although_only_differences_are_applied(lab: Lab) -> None:
    failing = deployment()
    failing["spec"]["template"]["metadata"]["annotations"] = {"fairlead.dev/simulate": "fail"}
    late = config_map("late")
    late["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": "1"}
    lab.renderer.holds(lab.repo, [failing, late])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {"syncOptions": ["ApplyOutOfSyncOnly=true"]}}})
    waiting = "waiting for healthy state of apps/Deployment/web"
    await lab.until(lambda app: has_message(app, waiting))
    assert await lab.get(CONFIG_MAPS, "late") is None


def has_message(app: Application, message: str) -> bool:
    state = app.status.operation_state
    return state is not None and state.message.startswith(message)


def job(marks: dict[str, str], command: str) -> Document:
    document = hook("once", "Skip", command)
    document["metadata"]["annotations"] = marks
    return document


def told(state: OperationState) -> list[str]:
    assert state.sync_result is not None
    return [item.message for item in state.sync_result.resources]


async def synced_once(lab: Lab, **sync: Any) -> OperationState:
    """Ask for one operation and wait for its end."""
    app = await lab.until(lambda app: bool(app.status.sync.status) and app.operation is None)
    before = app.status.operation_state
    await lab.patch_app({"operation": {"sync": sync}})

    def is_over(app: Application) -> bool:
        state = app.status.operation_state
        return app.operation is None and state is not None and state != before and state.phase.is_final

    state = (await lab.until(is_over)).status.operation_state
    assert state is not None
    return state


def is_over(app: Application) -> bool:
    """Whether an operation has ended, and what there is is what Git says."""
    state = app.status.operation_state
    is_done = state is not None and state.phase == "Succeeded" and app.operation is None
    return is_done and app.status.sync.status == "Synced"
