"""Taking over what Argo CD deployed, and giving it back.

What is in sync is not written to, what was under way goes on, and what is left is in the form that Argo CD
takes for its own.
"""

import asyncio
from typing import Any

import pytest

from fairlead.cli.admin.migrate.cleaning import ANNOTATIONS
from fairlead.kube.collection import APPLICATIONS
from fairlead.kube.resource import Resource
from fairlead.model.application import AppId
from fairlead.model.sync import OperationPhase
from tests.integration.app_controller import foreign
from tests.integration.app_controller.lab import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    JOBS,
    PATIENCE,
    Lab,
    automated,
    config_map,
    deployment,
    hook,
)

HOOK_FINALIZER = "argocd.argoproj.io/hook-finalizer"
SETTLES = 1.0
"""Seconds in which a controller that wants to change something has begun to."""
NOT_TOUCHED = ("apiVersion", "kind", "spec", "operation")


async def taken_over(lab: Lab, *names: str) -> None:
    """The controller has looked at each of them, with what the remote holds."""

    def has_looked(name: str) -> bool:
        record = lab.controller.book.get(AppId(lab.namespace, name)) if lab.controller else None
        return record is not None and record.kept.was_compared

    await lab.start()
    async with asyncio.timeout(PATIENCE):
        while not all(map(has_looked, names)):
            await asyncio.sleep(0.02)
    await asyncio.sleep(SETTLES)


async def versions(lab: Lab, *objects: tuple[Resource, str]) -> list[str]:
    return [(await foreign.raw(lab, *one))["metadata"]["resourceVersion"] for one in objects]


@pytest.mark.parametrize("by", ["annotation", "label"])
@pytest.mark.parametrize("policy", [automated(), {}], ids=["automated", "by hand"])
async def test_what_is_in_sync_is_not_written_to_and_neither_is_its_application(
    lab: Lab, by: str, policy: dict[str, Any]
) -> None:
    await lab.stop()
    documents = [config_map("settings", a="1"), deployment("web")]
    revision = lab.renderer.holds(lab.repo, documents)
    name = f"by-{by}"
    if by == "label":  # before there was an installation id, or it would be missing from the objects
        await lab.client.merge_patch(
            CONFIG_MAPS, "argocd-cm", {"data": {"installationID": None}}, lab.namespace
        )
    for document in documents:
        await foreign.applied(lab, document, name, by=by)
    await lab.until_live(DEPLOYMENTS, "web", lambda live: (live or {})["status"].get("readyReplicas") == 1)
    await foreign.application(lab, foreign.status(lab, revision, documents), name, **policy)
    objects = ((CONFIG_MAPS, "settings"), (DEPLOYMENTS, "web"))
    before, app = await versions(lab, *objects), await foreign.raw(lab, APPLICATIONS, name, lab.namespace)

    await taken_over(lab, name)

    assert foreign.changed(app, await foreign.raw(lab, APPLICATIONS, name, lab.namespace)) == {}
    assert await versions(lab, *objects) == before


async def test_a_refresh_that_argo_cd_was_asked_for_is_made_and_nothing_else_is_written(lab: Lab) -> None:
    await lab.stop()
    wanted = config_map("settings", a="1")
    revision = lab.renderer.holds(lab.repo, [wanted])
    await foreign.applied(lab, wanted)
    await foreign.application(
        lab,
        foreign.status(lab, revision, [wanted]),
        annotations={"argocd.argoproj.io/refresh": "hard"},
        **automated(),
    )
    before, [version] = (
        await foreign.raw(lab, APPLICATIONS, "app", lab.namespace),
        await versions(lab, (CONFIG_MAPS, "settings")),
    )

    await lab.start()
    await lab.until(lambda app: "argocd.argoproj.io/refresh" not in app.metadata.annotations)

    after = await foreign.raw(lab, APPLICATIONS, "app", lab.namespace)
    assert after["status"].pop("reconciledAt") > before["status"].pop("reconciledAt")
    assert after["status"] == before["status"]
    assert {name: after.get(name) for name in NOT_TOUCHED} == {name: before.get(name) for name in NOT_TOUCHED}
    assert await versions(lab, (CONFIG_MAPS, "settings")) == [version]


async def test_an_operation_that_argo_cd_began_goes_on_with_its_hook_and_ends_in_its_form(lab: Lab) -> None:
    await lab.stop()
    first, second = hook("migrate", "PreSync"), config_map("settings", a="2")
    revision = lab.renderer.holds(lab.repo, [first, second])
    running = {**first, "metadata": {**first["metadata"], "finalizers": [HOOK_FINALIZER]}}
    await foreign.applied(lab, running)
    await foreign.applied(lab, config_map("settings", a="1"))
    state = foreign.operation_state(lab, revision, [], phase="Running")
    state["syncResult"]["resources"] = [
        {
            **foreign.outcome(first, lab.workloads),
            "hookType": "PreSync",
            "syncPhase": "PreSync",
            "message": "job.batch/migrate created",
        }
    ]
    status = foreign.status(lab, "0" * 40, [second], code="OutOfSync", operationState=state)
    await foreign.application(lab, status, operation=state["operation"])
    [begun] = await versions(lab, (JOBS, "migrate"))

    await lab.start()
    app = await lab.until(
        lambda app: bool(app.status.operation_state and app.status.operation_state.phase.is_final)
    )

    done = app.status.operation_state
    assert done is not None
    assert done.phase is OperationPhase.SUCCEEDED, done.message
    assert (done.started_at, app.operation) == (foreign.STARTED, None)
    assert (await foreign.raw(lab, CONFIG_MAPS, "settings"))["data"] == {"a": "2"}
    assert begun != ""
    assert [item.id for item in app.status.history] == [0, 1]
    hooks = [item for item in done.sync_result.resources if item.hook_type] if done.sync_result else []
    assert [(item.name, item.hook_phase) for item in hooks] == [("migrate", OperationPhase.SUCCEEDED)]


async def test_what_fairlead_leaves_is_what_argo_cd_takes_for_its_own(lab: Lab) -> None:
    await lab.stop()
    wanted = config_map("settings", a="1")
    revision = lab.renderer.holds(lab.repo, [wanted])
    await foreign.applied(lab, wanted)
    await foreign.application(lab, foreign.status(lab, revision, [wanted]), **automated())
    mark = (await foreign.raw(lab, CONFIG_MAPS, "settings"))["metadata"]["annotations"]
    await taken_over(lab, "app")

    later = await lab.renderer.commit(lab.repo, [config_map("settings", a="2"), config_map("new", b="1")])
    await lab.synced(revision=later)
    await lab.stop()

    app = await foreign.raw(lab, APPLICATIONS, "app", lab.namespace)
    ours = {name for name in app["metadata"]["annotations"] if name.startswith("fairlead.dev/")}
    assert ours <= set(ANNOTATIONS)
    assert set(app["metadata"]["annotations"]) == ours
    assert app["metadata"].get("finalizers") is None
    assert "operation" not in app
    state = app["status"]["operationState"]
    assert set(state) == {"phase", "message", "startedAt", "finishedAt", "operation", "syncResult"}
    assert state["phase"] == "Succeeded"
    assert state["operation"]["initiatedBy"] == {"automated": True}
    assert [item["id"] for item in app["status"]["history"]] == [0, 1]
    assert app["status"]["sync"]["revision"] == later
    for name in ("settings", "new"):
        metadata = (await foreign.raw(lab, CONFIG_MAPS, name))["metadata"]
        tracking = f"app:/ConfigMap:{lab.workloads}/{name}"
        assert metadata["annotations"]["argocd.argoproj.io/tracking-id"] == tracking
        assert metadata["annotations"]["argocd.argoproj.io/installation-id"] == lab.namespace
        assert not [key for key in metadata["annotations"] if key.startswith("fairlead.dev/")]
        assert {one["manager"] for one in metadata["managedFields"]} == {foreign.MANAGER}
    assert set(mark) >= {"argocd.argoproj.io/tracking-id"}
