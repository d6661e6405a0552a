"""What is refused, vanishes or does not fit: the deletion or sync concerned says so and comes to its end."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fairlead.app_controller.reporting.fit import OVERSIZED
from fairlead.app_controller.syncing import evaluate
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import ResourceKey
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map
from tests.integration.app_controller.test_clusters import FINALIZER, cluster_secret
from tests.integration.app_controller.test_delete import project
from tests.integration.app_controller.test_economy import counted
from tests.integration.app_controller.test_moments import over
from tests.integration.kube.fault_proxy import status

SKIPPED = "argocd.argoproj.io/skip-reconcile"
ROLES = Resource(
    group="rbac.authorization.k8s.io", version="v1", plural="roles", kind="Role", namespaced=True
)
BINDINGS = Resource(
    group="rbac.authorization.k8s.io",
    version="v1",
    plural="rolebindings",
    kind="RoleBinding",
    namespaced=True,
)


async def test_a_cluster_secret_that_became_unusable_keeps_the_application_until_its_objects_can_go(
    lab: Lab,
) -> None:
    await elsewhere(lab)
    await lab.client.merge_patch(
        SECRETS, "elsewhere", {"stringData": {"config": '{"execProviderConfig": {}}'}}, lab.namespace
    )
    await lab.until(lambda app: "InvalidSpecError" in conditions(app))
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    app = await lab.until(lambda app: "DeletionError" in conditions(app))
    assert FINALIZER in app.metadata.finalizers
    assert await lab.get(CONFIG_MAPS, "settings") is not None
    config = {"stringData": {"config": cluster_secret(lab)["stringData"]["config"]}}
    await lab.client.merge_patch(SECRETS, "elsewhere", config, lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "settings") is None


async def test_a_cluster_that_is_to_be_left_alone_keeps_what_is_deleted_until_it_is_not(lab: Lab) -> None:
    await elsewhere(lab)
    await leave_alone(lab, "true")
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.until(lambda app: app.is_deleting)
    assert lab.controller is not None
    await lab.eventually(lambda: lab.controller is not None and lab.controller.queue.is_quiet(1.0))
    assert FINALIZER in (await lab.app()).metadata.finalizers
    assert await lab.get(CONFIG_MAPS, "settings") is not None
    await leave_alone(lab, None)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "settings") is None


async def test_an_object_that_vanishes_between_comparison_and_plan_is_made_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.renderer.holds(lab.repo, [config_map("one", colour="blue"), config_map("two", colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    compared = evaluate.Evaluation._comparison
    gone: list[str] = []

    async def compared_too_early(self: evaluate.Evaluation, target: Any) -> Any:
        found = await compared(self, target)
        if not gone:
            gone.append("one")
            await lab.client.delete(CONFIG_MAPS, "one", lab.workloads)
            live = self._attempt.context.subject.cluster.live
            await lab.eventually(lambda: live.get(ResourceKey("", "ConfigMap", lab.workloads, "one")) is None)
        return found

    monkeypatch.setattr(evaluate.Evaluation, "_comparison", compared_too_early)
    commit = await lab.renderer.commit(
        lab.repo, [config_map("one", colour="green"), config_map("two", colour="green")]
    )
    app = await lab.synced(revision=commit)
    assert gone
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Succeeded", app.status.operation_state.message
    live = await lab.get(CONFIG_MAPS, "one")
    assert live is not None
    assert live["data"] == {"colour": "green"}


async def test_a_status_that_the_server_finds_too_large_is_cut_and_the_operation_ends(
    lab: Lab, tmp_path: Path
) -> None:
    names = [f"{'long-' * 40}{number}" for number in range(120)]
    lab.renderer.holds(lab.repo, [config_map(name) for name in names])
    async with counted(lab, tmp_path) as proxy:
        refused: list[int] = []

        async def too_large(request: web.BaseRequest) -> web.StreamResponse | None:
            if request.method != "PATCH" or "/applications/" not in request.path:
                return None
            size = len(await request.read())
            if size < 70_000:
                return None
            refused.append(size)
            return status(413, "RequestEntityTooLarge", "Request entity too large: limit is 70000")

        proxy.rule = too_large
        await lab.create_app()
        await lab.patch_app({"operation": {"sync": {}}})
        state = await over(lab)
        assert refused
        assert (state.phase, state.finished_at is not None) == ("Succeeded", True), state.message
        app = await lab.until(lambda app: OVERSIZED in conditions(app).values())
        assert app.operation is None
        assert len(app.status.resources) < len(names)


async def test_an_account_of_the_project_tries_and_applies_and_nobody_else_does(
    lab: Lab, tmp_path: Path
) -> None:
    await impersonate(lab, verbs=["get", "create", "patch"])
    async with counted(lab, tmp_path) as proxy:
        sent: list[tuple[bool, str]] = []

        async def note(request: web.BaseRequest) -> None:
            if request.method == "PATCH" and "/configmaps/" in request.path:
                sent.append(("dryRun" in request.query_string, request.headers.get("Impersonate-User", "")))

        proxy.rule = note
        both = [config_map("one", colour="blue"), config_map("two", colour="blue")]
        lab.renderer.holds(lab.repo, both)
        await lab.create_app(project="team", **automated())
        await lab.synced()
        commit = await lab.renderer.commit(
            lab.repo, [config_map("one", colour="green"), config_map("two", colour="green")]
        )
        await lab.synced(revision=commit)
        account = f"system:serviceaccount:{lab.workloads}:deployer"
        assert {user for _, user in sent} == {account}
        assert {tried for tried, _ in sent} == {True, False}


async def test_what_the_account_may_not_try_is_refused_before_anything_changes(lab: Lab) -> None:
    await impersonate(lab, verbs=["get", "create"])
    lab.renderer.holds(lab.repo, [config_map("one", colour="blue"), config_map("two", colour="blue")])
    await lab.create_app(project="team")
    for name in ("one", "two"):
        body = {**config_map(name, colour="blue"), "metadata": {"name": name, "labels": {"by": "hand"}}}
        await lab.client.create(CONFIG_MAPS, body, lab.workloads)
    await lab.patch_app({"operation": {"sync": {}}})
    state = await over(lab)
    assert state.phase == "Error", state.message
    assert f"system:serviceaccount:{lab.workloads}:deployer" in state.message
    assert "cannot patch" in state.message
    for name in ("one", "two"):
        live = await lab.get(CONFIG_MAPS, name)
        assert live is not None
        assert live["metadata"].get("annotations") is None


async def elsewhere(lab: Lab) -> None:
    """An application with a finalizer, synced to a registered cluster."""
    await lab.client.create(SECRETS, cluster_secret(lab), lab.namespace)
    lab.renderer.holds(lab.repo, [config_map()])
    destination = {"name": "elsewhere", "namespace": lab.workloads}
    await lab.create_app(destination=destination, finalizers=[FINALIZER], **automated())
    await lab.synced()


async def leave_alone(lab: Lab, value: str | None) -> None:
    patch = {"metadata": {"annotations": {SKIPPED: value}}}
    await lab.client.merge_patch(SECRETS, "elsewhere", patch, lab.namespace)
    await lab.eventually(
        lambda: (
            lab.controller is not None
            and any(entry.is_skipped is (value is not None) for entry in skippable(lab))
        )
    )


def skippable(lab: Lab) -> list[Any]:
    assert lab.controller is not None
    return [entry for entry in lab.controller.clusters.entries() if entry.name == "elsewhere"]


async def impersonate(lab: Lab, *, verbs: list[str]) -> None:
    """A project whose account may do this to ConfigMaps."""
    group = "rbac.authorization.k8s.io"
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": verbs}]
    await lab.client.create(ROLES, {"metadata": {"name": "deployer"}, "rules": rules}, lab.workloads)
    binding = {
        "metadata": {"name": "deployer"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "deployer"},
        "subjects": [{"kind": "ServiceAccount", "name": "deployer", "namespace": lab.workloads}],
    }
    await lab.client.create(BINDINGS, binding, lab.workloads)
    team = project("team")
    team["spec"]["destinationServiceAccounts"] = [
        {"server": "*", "namespace": "*", "defaultServiceAccount": "deployer"}
    ]
    await lab.client.create(APP_PROJECTS, team, lab.namespace)
    settings = {"data": {"application.sync.impersonation.enabled": "true"}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", settings, lab.namespace)
    await lab.eventually(
        lambda: lab.controller is not None and lab.controller.control.current().impersonation
    )
