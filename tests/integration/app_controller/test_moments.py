"""What happens to an operation when something else happens while it runs."""

import asyncio

import pytest

from fairlead.events import RenderFailure
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS
from fairlead.kube.errors import BadRequestError, ForbiddenError
from fairlead.kube.resource import Resource
from fairlead.model.application import Application
from fairlead.model.sync import OperationState
from tests.integration.app_controller.lab import (
    JOBS,
    PATIENCE,
    Lab,
    automated,
    conditions,
    config_map,
    default_project,
    hook,
)
from tests.integration.app_controller.renderer import Document

ADMISSION = "admissionregistration.k8s.io"
POLICIES = Resource(
    group=ADMISSION,
    version="v1",
    plural="validatingadmissionpolicies",
    kind="ValidatingAdmissionPolicy",
    namespaced=False,
)
BINDINGS = Resource(
    group=ADMISSION,
    version="v1",
    plural="validatingadmissionpolicybindings",
    kind="ValidatingAdmissionPolicyBinding",
    namespaced=False,
)
DELETED_JOBS = {"apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["jobs"]}
BROKEN = RenderFailure(message="rpc error: code = FailedPrecondition desc = app.yaml: line 3: no mapping")
SLOW, ENDLESS = "sleep 2", "sleep infinity"
RUNNING_HOOK = "waiting for completion of hook batch/Job/before"


async def test_a_broken_commit_does_not_end_the_sync_of_the_one_before(lab: Lab) -> None:
    first = await begun(lab, SLOW)
    broken = await lab.renderer.commit(lab.repo, BROKEN)
    app = await lab.until(lambda app: "ComparisonError" in conditions(app))
    assert app.operation is not None
    assert broken != first
    state = await over(lab)
    assert (state.phase, result_revision(state)) == ("Succeeded", first), state.message
    assert await lab.get(CONFIG_MAPS, "settings") is not None
    assert (await lab.app()).status.sync.status == "Unknown"


async def test_a_restart_beside_a_broken_commit_goes_on_with_the_one_before(lab: Lab) -> None:
    first = await begun(lab, SLOW)
    await lab.stop()
    lab.renderer.holds(lab.repo, BROKEN)
    await lab.start()
    state = await over(lab)
    assert (state.phase, result_revision(state)) == ("Succeeded", first), state.message
    assert await lab.get(CONFIG_MAPS, "settings") is not None


async def test_a_sync_beside_a_broken_commit_can_be_terminated(lab: Lab) -> None:
    await begun(lab, ENDLESS)
    await lab.renderer.commit(lab.repo, BROKEN)
    await lab.until(lambda app: "ComparisonError" in conditions(app))
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    state = await over(lab)
    assert (state.phase, state.message) == ("Failed", "Operation terminated")
    await lab.until_live(JOBS, "before", lambda live: live is None)
    assert await lab.get(CONFIG_MAPS, "settings") is None


async def test_a_sync_that_is_to_end_does_so_although_its_manifests_never_come_again(lab: Lab) -> None:
    await begun(lab, ENDLESS)
    await lab.stop()
    lab.renderer.silent = True
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    await lab.start()
    state = await over(lab)
    assert (state.phase, state.message) == ("Failed", "Operation terminated. there are no manifests yet")
    await lab.until_live(JOBS, "before", lambda live: live is None)


async def test_a_newer_commit_waits_for_the_hook_that_works_and_for_nothing_else(lab: Lab) -> None:
    first = lab.renderer.holds(lab.repo, [hook("before", "PreSync", SLOW), config_map("old")])
    await lab.create_app(**automated())
    job = await lab.until_live(JOBS, "before", lambda live: live is not None)
    second = await lab.renderer.commit(lab.repo, [config_map("new")])
    ended = await lab.until(lambda app: "superseded" in message_of(app))
    assert message_of(ended).endswith(f"(superseded by {second[:7]})")
    assert ended.status.operation_state is not None
    assert result_revision(ended.status.operation_state) == first
    hook_now = await lab.get(JOBS, "before")
    assert hook_now is None or hook_now["status"].get("succeeded") == 1, (job, hook_now)
    app = await lab.synced(revision=second)
    assert [item.revision for item in app.status.history] == [second]
    assert await lab.get(CONFIG_MAPS, "old") is None


async def test_with_the_option_off_a_newer_commit_waits_for_the_end_of_the_sync(lab: Lab) -> None:
    first = lab.renderer.holds(lab.repo, [hook("before", "PreSync", SLOW), config_map(colour="blue")])
    policy = automated()["syncPolicy"]
    await lab.create_app(syncPolicy={**policy, "syncOptions": ["NewestCommitWins=false"]})
    await lab.until_live(JOBS, "before", lambda live: live is not None)
    second = await lab.renderer.commit(lab.repo, [config_map(colour="green")])
    app = await lab.synced(revision=second)
    assert [item.revision for item in app.status.history] == [first, second]


async def test_an_operation_of_which_nothing_can_be_rendered_names_its_revision(lab: Lab) -> None:
    broken = lab.renderer.holds(lab.repo, BROKEN)
    await lab.create_app()
    await lab.until(lambda app: "ComparisonError" in conditions(app))
    await lab.patch_app({"operation": {"sync": {}}})
    state = await over(lab)
    assert (state.phase, result_revision(state)) == ("Error", broken)
    assert state.message.startswith("ComparisonError: Failed to load target state: ")


async def test_an_operation_of_which_nothing_can_be_rendered_is_tried_again(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, BROKEN)
    await lab.create_app()
    await lab.until(lambda app: "ComparisonError" in conditions(app))
    retry = {"limit": 5, "backoff": {"duration": "1s", "factor": 1}}
    await lab.patch_app({"operation": {"sync": {}, "retry": retry}})
    await lab.until(
        lambda app: app.status.operation_state is not None and app.status.operation_state.retry_count == 2
    )
    mended = await lab.renderer.commit(lab.repo, [config_map()])
    state = await over(lab)
    assert (state.phase, result_revision(state)) == ("Succeeded", mended), state.message


async def test_an_application_deleted_while_it_syncs_goes_once_the_sync_is_over(lab: Lab) -> None:
    await begun(lab, SLOW, finalizers=["resources-finalizer.argocd.argoproj.io"])
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "settings") is None
    await lab.until_live(JOBS, "before", lambda live: live is None)


async def test_a_hook_that_somebody_deletes_ends_the_sync(lab: Lab) -> None:
    """Its finalizer keeps the Job there, but nobody works on it any more."""
    await begun(lab, ENDLESS)
    await lab.client.delete(JOBS, "before", lab.workloads)
    state = await over(lab)
    assert state.phase == "Failed"
    assert "Resource batch/Job/before is missing, it might have been deleted" in state.message
    await lab.until_live(JOBS, "before", lambda live: live is None)


async def test_a_hook_whose_record_was_lost_is_freed_however_its_sync_ends(lab: Lab) -> None:
    """The controller was killed between the creation of the hook and the record of it."""
    await begun(lab, ENDLESS)
    await lab.stop()
    await lab.patch_app({"status": {"operationState": {"syncResult": None}}})
    lab.renderer.holds(lab.repo, BROKEN)
    await lab.start()
    state = await over(lab)
    assert state.phase == "Error", state.message
    await lab.until_live(
        JOBS, "before", lambda live: live is None or "hook-finalizer" not in str(live["metadata"])
    )


@pytest.mark.parametrize(
    "forbidding",
    [
        {"namespaceResourceBlacklist": [{"group": "batch", "kind": "Job"}]},
        {"destinations": [{"namespace": "elsewhere", "server": "*"}]},
    ],
    ids=["the hook", "the application"],
)
async def test_a_project_that_forbids_what_runs_leaves_no_hook_held(lab: Lab, forbidding: Document) -> None:
    await begun(lab, ENDLESS)
    await lab.client.merge_patch(APP_PROJECTS, "default", {"spec": forbidding}, lab.namespace)
    try:
        state = await over(lab)
        assert state.phase in ("Failed", "Error"), state.message
        assert "permitted" in state.message or "allowed destinations" in state.message
        await lab.until_live(
            JOBS, "before", lambda live: live is None or "hook-finalizer" not in str(live["metadata"])
        )
    finally:
        permitting = {**default_project()["spec"], "namespaceResourceBlacklist": None}
        await lab.client.merge_patch(APP_PROJECTS, "default", {"spec": permitting}, lab.namespace)


async def test_a_hook_that_vanishes_ends_the_sync(lab: Lab) -> None:
    await begun(lab, ENDLESS)
    await lab.client.merge_patch(JOBS, "before", {"metadata": {"finalizers": None}}, lab.workloads)
    await lab.client.delete(JOBS, "before", lab.workloads)
    state = await over(lab)
    assert state.phase == "Failed"
    assert "Resource batch/Job/before is missing, it might have been deleted" in state.message


async def test_a_hook_that_may_not_be_deleted_does_not_keep_the_sync_from_ending(lab: Lab) -> None:
    await begun(lab, ENDLESS)
    name = f"keep-jobs-{lab.workloads}"
    match = {"resourceRules": [{**DELETED_JOBS, "apiGroups": ["batch"]}]}
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": match,
        "validations": [{"expression": "false", "message": "jobs are kept"}],
    }
    await lab.client.create(POLICIES, {**kind_of(POLICIES, name), "spec": spec})
    only_here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": lab.workloads}}}
    spec = {"policyName": name, "validationActions": ["Deny"], "matchResources": only_here}
    await lab.client.create(BINDINGS, {**kind_of(BINDINGS, name), "spec": spec})
    try:
        await until_kept(lab, "before")
        await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
        state = await over(lab)
    finally:
        await lab.client.delete(BINDINGS, name)
        await lab.client.delete(POLICIES, name)
    assert state.phase == "Error"
    assert state.message.startswith("Operation termination had errors: ")
    assert "jobs are kept" in state.message


async def until_kept(lab: Lab, name: str) -> None:
    """Wait until the API server refuses to delete a Job: a policy takes a moment to be known."""
    options = b'{"apiVersion":"v1","kind":"DeleteOptions","dryRun":["All"]}'
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await lab.client.delete(JOBS, name, lab.workloads, options=options)
            except (BadRequestError, ForbiddenError):
                return
            await asyncio.sleep(0.1)


def kind_of(resource: Resource, name: str) -> Document:
    version = f"{resource.group}/{resource.version}"
    return {"apiVersion": version, "kind": resource.kind, "metadata": {"name": name}}


async def begun(lab: Lab, command: str, **spec: object) -> str:
    """A sync that waits for its PreSync hook; the revision it deploys."""
    revision = lab.renderer.holds(lab.repo, [hook("before", "PreSync", command), config_map()])
    await lab.create_app(**spec)
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.until(lambda app: has_message(app, RUNNING_HOOK))
    return revision


async def over(lab: Lab) -> OperationState:
    app = await lab.until(lambda app: app.operation is None and app.status.operation_state is not None)
    assert app.status.operation_state is not None
    return app.status.operation_state


def has_message(app: Application, message: str) -> bool:
    state = app.status.operation_state
    return state is not None and state.message == message


def message_of(app: Application) -> str:
    state = app.status.operation_state
    return "" if state is None else state.message


def result_revision(state: OperationState) -> str:
    return "" if state.sync_result is None else state.sync_result.revision
