"""What a project permits is asked at every entry by which an application's cluster is written or tried."""

from typing import Any

import msgspec
import pytest

from fairlead.bus import RemoteError
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS
from fairlead.model.sync import OperationState
from fairlead.rpc.resource import DELETE, PREDICT, DeleteResource, Predict
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    Lab,
    automated,
    conditions,
    config_map,
    deployment,
)
from tests.integration.app_controller.on_demand.asking import PODS, Asking

FINALIZER = "resources-finalizer.argocd.argoproj.io"
MAPS = {"group": "", "kind": "ConfigMap"}
REFUSED = "resource :ConfigMap is not permitted in project default"
PAINT = """
discovery.lua: |
  return {["paint"] = {}}
definitions:
- name: paint
  action.lua: |
    obj.data.colour = "red"
    return obj
"""


async def forbid(lab: Lab, *kinds: dict[str, str]) -> None:
    spec = {"namespaceResourceBlacklist": list(kinds)}
    await lab.client.merge_patch(APP_PROJECTS, "default", {"spec": spec}, lab.namespace)

    def is_seen() -> bool:
        assert lab.controller is not None
        project = lab.controller.control.projects.get("default")
        return project is not None and [
            {"group": rule.group, "kind": rule.kind} for rule in project.spec.namespace_resource_blacklist
        ] == list(kinds)

    await lab.eventually(is_seen)


async def operated(lab: Lab, **sync: Any) -> OperationState:
    before = (await lab.app()).status.operation_state
    await lab.patch_app({"operation": {"sync": sync}})
    app = await lab.until(
        lambda app: app.operation is None and app.status.operation_state not in (None, before)
    )
    assert app.status.operation_state is not None
    return app.status.operation_state


async def test_what_a_project_stops_permitting_is_left_as_it_is_by_every_entry(
    lab: Lab, asking: Asking
) -> None:
    await lab.client.merge_patch(
        CONFIG_MAPS,
        "argocd-cm",
        {"data": {"resource.customizations.actions.ConfigMap": PAINT}},
        lab.namespace,
    )
    content = [config_map(colour="blue"), deployment()]
    first = lab.renderer.holds(lab.repo, content)
    await lab.create_app(finalizers=[FINALIZER])
    assert (await operated(lab)).phase == "Succeeded"
    await lab.synced()
    await forbid(lab, MAPS)

    settings, web = asking.named("", "ConfigMap", "settings"), asking.named("apps", "Deployment", "web")
    with pytest.raises(RemoteError):
        await asking.patch(settings, {"data": {"colour": "red"}})
    with pytest.raises(RemoteError):
        await asking.ask(DELETE, DeleteResource(**settings))
    with pytest.raises(RemoteError):
        await asking.run(settings, "paint")
    text = msgspec.json.encode(config_map(colour="red")).decode()
    with pytest.raises(RemoteError) as refused:
        await asking.ask(PREDICT, Predict(namespace=lab.namespace, name="app", manifests=(text,)))
    assert refused.value.code == "PermissionDenied"

    await lab.renderer.commit(lab.repo, [config_map(colour="green"), deployment()])
    wishes: list[dict[str, Any]] = [
        {},
        {"dryRun": True},
        {"manifests": [text]},
        {"revision": first},
        {"resources": [{"kind": "ConfigMap", "name": "settings"}]},
        {"syncOptions": ["Replace=true", "Force=true"]},
    ]
    for wish in wishes:
        state = await operated(lab, **wish)
        assert (state.phase, REFUSED in state.message) == ("Failed", True), (wish, state.message)
    state = await operated(lab, resources=[{"group": "apps", "kind": "Deployment", "name": "web"}])
    assert state.phase == "Succeeded", "what is permitted is still synced"
    await lab.renderer.commit(lab.repo, [deployment()])
    assert (await operated(lab, prune=True)).phase == "Succeeded"
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "blue"}

    await lab.until_live(DEPLOYMENTS, "web", lambda live: bool(live and live["status"].get("readyReplicas")))
    await forbid(lab, MAPS, {"group": "", "kind": "Pod"})
    [pod] = [msgspec.json.decode(raw) for raw in await lab.client.list_all(PODS, lab.workloads)]
    name = pod["metadata"]["name"]
    await asking.ask(DELETE, DeleteResource(**asking.named("", "Pod", name)))
    await lab.until_live(PODS, name, lambda live: live is None)
    await lab.until_live(DEPLOYMENTS, "web", lambda live: bool(live and live["status"].get("readyReplicas")))
    await forbid(lab, MAPS, {"group": "apps", "kind": "Deployment"})
    [pod] = [msgspec.json.decode(raw) for raw in await lab.client.list_all(PODS, lab.workloads)]
    with pytest.raises(RemoteError):
        await asking.ask(DELETE, DeleteResource(**asking.named("", "Pod", pod["metadata"]["name"])))
    with pytest.raises(RemoteError):
        await asking.run(web, "restart")

    await forbid(lab, MAPS)
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    await lab.until_live(DEPLOYMENTS, "web", lambda live: live is None)
    assert await lab.get(CONFIG_MAPS, "settings") is not None, "it was not the project's to delete any more"


async def test_an_action_makes_what_the_project_permits_in_the_namespaces_it_permits(
    lab: Lab, asking: Asking
) -> None:
    made = """
discovery.lua: |
  return {["make"] = {}, ["spread"] = {}}
definitions:
- name: make
  action.lua: |
    return {{operation = "create", resource = {apiVersion = "v1", kind = "ConfigMap",
      metadata = {name = "made", namespace = obj.metadata.namespace}}}}
- name: spread
  action.lua: |
    return {{operation = "create", resource = {apiVersion = "v1", kind = "Namespace",
      metadata = {name = obj.metadata.namespace .. "-made"}}}}
"""
    data = {"resource.customizations.actions.ConfigMap": made}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": data}, lab.namespace)
    await lab.client.merge_patch(
        APP_PROJECTS, "default", {"spec": {"clusterResourceWhitelist": []}}, lab.namespace
    )
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    app = await lab.synced()
    assert conditions(app) == {}
    settings = asking.named("", "ConfigMap", "settings")
    await asking.run(settings, "make")
    assert await lab.get(CONFIG_MAPS, "made") is not None
    with pytest.raises(RemoteError) as refused:
        await asking.run(settings, "spread")
    assert refused.value.code == "PermissionDenied"
    assert str(refused.value) == "resource :Namespace is not permitted in project default"
