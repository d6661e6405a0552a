"""A name is no identity: what somebody else made under the name of a hook is named, and left alone."""

from typing import Any

from fairlead.events import RenderFailure
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS, SECRETS
from tests.integration.app_controller.lab import (
    JOBS,
    Lab,
    automated,
    conditions,
    config_map,
    default_project,
    hook,
)

FINALIZER = "resources-finalizer.argocd.argoproj.io"
APPROVED = "argocd.argoproj.io/deletion-approved"


def leftovers() -> dict[str, Any]:
    marks = {
        "argocd.argoproj.io/hook": "PostDelete",
        "argocd.argoproj.io/hook-delete-policy": "HookSucceeded",
    }
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "leftovers", "annotations": marks}}


def somebodys_job(name: str) -> dict[str, Any]:
    job = hook(name, "PreSync", "exit 1")
    del job["metadata"]["annotations"]
    return job


async def test_a_secret_with_the_name_of_a_deletion_hook_is_left_alone(
    lab: Lab,
) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "leftovers"}}
    await lab.client.create(SECRETS, secret, lab.workloads)
    lab.renderer.holds(lab.repo, [config_map("one"), leftovers()])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    app = await lab.until(lambda app: "DeletionError" in conditions(app))
    assert (
        "leftovers: an object of this name is there that is not this hook" in conditions(app)["DeletionError"]
    )
    live = await lab.get(SECRETS, "leftovers")
    assert live is not None
    assert "annotations" not in live["metadata"]
    await lab.client.delete(SECRETS, "leftovers", lab.workloads)
    await lab.gone()
    await lab.until_live(SECRETS, "leftovers", lambda found: found is None)


async def test_a_failed_job_with_the_name_of_a_deletion_hook_stays(lab: Lab) -> None:
    await lab.client.create(JOBS, somebodys_job("cleanup"), lab.workloads)
    before = await lab.until_live(JOBS, "cleanup", lambda job: bool(job and job["status"].get("conditions")))
    lab.renderer.holds(lab.repo, [config_map("one"), hook("cleanup", "PostDelete")])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.until(lambda app: "DeletionError" in conditions(app))
    after = await lab.get(JOBS, "cleanup")
    assert before is not None
    assert after is not None
    assert after["metadata"]["uid"] == before["metadata"]["uid"]


async def test_a_job_with_the_name_of_a_sync_hook_stops_the_sync_and_stays(lab: Lab) -> None:
    await lab.client.create(JOBS, somebodys_job("migrate"), lab.workloads)
    before = await lab.get(JOBS, "migrate")
    lab.renderer.holds(lab.repo, [hook("migrate", "PreSync"), config_map()])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {}}})
    app = await lab.until(lambda app: app.status.operation_state is not None and app.operation is None)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Failed"
    assert "migrate: an object of this name is there" in app.status.operation_state.message
    after = await lab.get(JOBS, "migrate")
    assert before is not None
    assert after is not None
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert await lab.get(CONFIG_MAPS, "settings") is None


async def test_a_confirmation_asked_for_after_the_deployment_is_awaited(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    await lab.patch_app({"spec": {"syncPolicy": {"syncOptions": ["Delete=confirm"]}}})
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    app = await lab.until(lambda app: "DeletionError" in conditions(app))
    assert APPROVED in conditions(app)["DeletionError"]
    assert await lab.get(CONFIG_MAPS, "one") is not None
    await lab.patch_app({"metadata": {"annotations": {APPROVED: app.metadata.deletion_timestamp}}})
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "one") is None


async def test_a_deletion_needs_no_project_that_exists(lab: Lab) -> None:
    project = default_project()
    project["metadata"]["name"] = "team"
    await lab.client.create(APP_PROJECTS, project, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app(project="team", finalizers=[FINALIZER], **automated())
    await lab.synced()
    await lab.client.delete(APP_PROJECTS, "team", lab.namespace)
    await lab.until(lambda app: "InvalidSpecError" in conditions(app))
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "one") is None


async def test_a_deletion_whose_hooks_cannot_be_rendered_says_so(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one"), hook("before", "PreDelete")])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    await lab.renderer.commit(lab.repo, RenderFailure(message="repository not found"))
    await lab.until(lambda app: "ComparisonError" in conditions(app))
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    app = await lab.until(lambda app: "DeletionError" in conditions(app))
    assert "repository not found" in conditions(app)["DeletionError"]
    assert "remove the finalizer pre-delete-finalizer" in conditions(app)["DeletionError"]
