"""What a person reads when an application cannot work, and that it recovers when the cause is gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from fairlead.kube.collection import APP_PROJECTS, CONFIG_MAPS
from fairlead.kube.errors import AlreadyExistsError, KubeError
from fairlead.kube.resource import Resource
from fairlead.model.application import Application
from tests.integration.app_controller.lab import (
    JOBS,
    LOCAL,
    Lab,
    automated,
    conditions,
    config_map,
    default_project,
    hook,
)


def message(app: Application) -> str:
    """What the latest operation says."""
    state = app.status.operation_state
    return state.message if state is not None else ""


async def test_an_unknown_cluster_is_named(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app(destination={"name": "nowhere", "namespace": lab.workloads}, **automated())
    app = await lab.until(lambda app: "InvalidSpecError" in conditions(app))
    assert conditions(app)["InvalidSpecError"] == "there are no clusters with this name: nowhere"
    assert (app.status.sync.status, app.status.health.status) == ("Unknown", "Unknown")
    await lab.patch_app({"spec": {"destination": {"name": None, "server": LOCAL}}})
    app = await lab.synced()
    assert conditions(app) == {}


async def test_a_project_that_does_not_exist_is_named(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app(project="team", **automated())
    app = await lab.until(lambda app: "InvalidSpecError" in conditions(app))
    assert conditions(app)["InvalidSpecError"] == "Application referencing project team which does not exist"
    project = default_project()
    project["metadata"]["name"] = "team"
    await lab.client.create(APP_PROJECTS, project, lab.namespace)
    await lab.synced()


async def test_a_kind_the_cluster_does_not_serve_fails_the_sync_with_its_name(lab: Lab) -> None:
    strange = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}}
    lab.renderer.holds(lab.repo, [config_map(), strange])
    await lab.create_app(**automated())
    await lab.until(lambda app: 'Make sure the "Widget" CRD' in message(app))
    assert await lab.get(CONFIG_MAPS, "settings") is None


async def test_two_objects_of_one_identity_are_a_warning_and_the_last_one_wins(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue"), config_map(colour="green")])
    await lab.create_app(**automated())
    app = await lab.synced()
    assert conditions(app)["RepeatedResourceWarning"] == (
        f"Resource /ConfigMap/{lab.workloads}/settings appeared 2 times among application resources."
    )
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "green"}


async def test_an_object_of_two_applications_is_a_warning(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app("first", **automated())
    await lab.synced("first")
    await lab.create_app("second")
    app = await lab.until(lambda app: "SharedResourceWarning" in conditions(app), "second")
    assert "ConfigMap/settings is part of applications" in conditions(app)["SharedResourceWarning"]
    assert app.status.sync.status == "OutOfSync"


async def test_a_kind_the_project_forbids_is_not_synced(lab: Lab) -> None:
    project = default_project()
    project["metadata"]["name"] = "narrow"
    project["spec"]["namespaceResourceBlacklist"] = [{"group": "", "kind": "ConfigMap"}]
    await lab.client.create(APP_PROJECTS, project, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app(project="narrow", operation=None)
    app = await lab.until(lambda app: app.status.sync.status == "Unknown" and bool(app.status.resources))
    await lab.patch_app({"operation": {"sync": {}}})
    app = await lab.until(lambda app: app.status.operation_state is not None and app.operation is None)
    assert app.status.operation_state is not None
    assert "resource :ConfigMap is not permitted in project narrow" in app.status.operation_state.message
    assert await lab.get(CONFIG_MAPS, "settings") is None


async def test_a_source_without_a_path_is_refused(lab: Lab) -> None:
    await lab.create_app(source={"repoURL": lab.repo})
    app = await lab.until(lambda app: "InvalidSpecError" in conditions(app))
    assert conditions(app)["InvalidSpecError"] == (
        "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
    )


async def test_a_malformed_pointer_is_a_condition_and_ends_the_operation(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    rules = [{"group": "*", "kind": "*", "jsonPointers": ["data/colour"]}]
    await lab.patch_app({"spec": {"ignoreDifferences": rules}})
    app = await lab.until(lambda app: "ComparisonError" in conditions(app))
    assert app.status.sync.status == "Unknown"
    assert 'JSON pointer "data/colour" must start with "/"' in conditions(app)["ComparisonError"]
    await lab.patch_app({"operation": {"sync": {}}})
    app = await lab.until(lambda app: app.operation is None and message(app).startswith("ComparisonError"))
    await lab.patch_app({"spec": {"ignoreDifferences": None}})
    app = await lab.until(lambda app: not conditions(app))
    assert app.status.sync.status == "Synced"


async def test_an_excluded_kind_is_neither_applied_nor_awaited(lab: Lab) -> None:
    endpoints = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "db"}}
    lab.renderer.holds(lab.repo, [hook("before", "PreSync"), endpoints, config_map()])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {}}})
    app = await lab.synced()
    assert "is excluded in the settings" in conditions(app)["ExcludedResourceWarning"]
    kind = Resource(group="", version="v1", plural="endpoints", kind="Endpoints", namespaced=True)
    assert await lab.get(kind, "db") is None


def guard(name: str, namespace: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A policy by which nobody may delete Jobs in a namespace."""
    rule = {"apiGroups": ["batch"], "apiVersions": ["*"], "operations": ["DELETE"], "resources": ["jobs"]}
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": "false", "message": "jobs stay"}],
        },
    }
    chosen = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {
            "policyName": name,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": chosen},
        },
    }
    return policy, binding


async def test_a_hook_that_may_not_be_deleted_ends_the_operation_with_the_reason(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [hook("before", "PreSync"), config_map()])
    await lab.create_app()
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.synced()
    async with guarded(lab):
        await lab.patch_app({"operation": {"sync": {}}})
        app = await lab.until(lambda app: app.operation is None and "jobs stay" in message(app), patience=60)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Failed"
    assert "failed to delete resource" in message(app)


@contextlib.asynccontextmanager
async def guarded(lab: Lab) -> AsyncIterator[None]:
    """Nobody deletes Jobs in the workloads' namespace, and that is in force."""
    resources = [
        Resource(
            group="admissionregistration.k8s.io", version="v1", plural=plural, kind=kind, namespaced=False
        )
        for plural, kind in (
            ("validatingadmissionpolicies", "ValidatingAdmissionPolicy"),
            ("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding"),
        )
    ]
    for resource, body in zip(resources, guard(lab.workloads, lab.workloads), strict=True):
        await lab.client.create(resource, body)
    probe = hook("probe", "PreSync")
    del probe["metadata"]["annotations"]
    try:
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(AlreadyExistsError):
                    await lab.client.create(JOBS, probe, lab.workloads)
                try:
                    await lab.client.delete(JOBS, "probe", lab.workloads)
                except KubeError as error:
                    if "jobs stay" in error.message:
                        break
                await asyncio.sleep(0.2)
        yield
    finally:
        for resource in resources:
            await lab.client.delete(resource, lab.workloads)


async def test_what_has_no_effect_yet_is_said_and_fences_that_cannot_be_kept_refuse(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map()])
    policy = {**automated()["syncPolicy"], "syncOptions": ["Prun=false"]}
    await lab.create_app(syncPolicy=policy)
    app = await lab.synced()
    said = [item.message for item in app.status.conditions if item.type == "UnheededWarning"]
    assert said == [
        "spec.syncPolicy.syncOptions: Prun=false is not known and has no effect",
    ]
    project = default_project()
    project["metadata"]["name"] = "fenced"
    project["spec"]["permitOnlyProjectScopedClusters"] = True
    await lab.client.create(APP_PROJECTS, project, lab.namespace)
    await lab.patch_app({"spec": {"project": "fenced"}})
    await lab.until(
        lambda app: "permitOnlyProjectScopedClusters" in conditions(app).get("InvalidSpecError", "")
    )
    await lab.patch_app({"spec": {"project": "default"}})
    await lab.until(lambda app: "InvalidSpecError" not in conditions(app))
    await lab.client.delete(APP_PROJECTS, "fenced", lab.namespace)
