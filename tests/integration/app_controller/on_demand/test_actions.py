"""Actions on an object: which there are, and what they may do."""

import asyncio

import msgspec
import pytest

from fairlead.bus import RemoteError
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS, SECRETS
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    JOBS,
    Lab,
    automated,
    config_map,
    deployment,
)
from tests.integration.app_controller.on_demand.asking import Asking, cron_job


async def test_actions_are_found_and_carried_out_by_lua(lab: Lab, asking: Asking) -> None:
    lab.renderer.holds(lab.repo, [deployment(), cron_job(), config_map(colour="blue")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    web = asking.named("apps", "Deployment", "web")
    assert await asking.actions(web) == {"pause": False, "restart": False, "resume": True, "scale": False}

    await asking.run(web, "pause")
    assert await asking.actions(web) == {"pause": True, "restart": False, "resume": False, "scale": False}
    await asking.run(web, "resume")
    await asking.run(web, "scale", replicas="3")
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert live["spec"]["replicas"] == 3
    assert "paused" not in live["spec"]
    await asking.run(web, "restart")
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert "kubectl.kubernetes.io/restartedAt" in live["spec"]["template"]["metadata"]["annotations"]

    for wrong in ("-1", "1.5", "many", ""):
        with pytest.raises(RemoteError, match="whole number"):
            await asking.run(web, "scale", replicas=wrong)
    with pytest.raises(RemoteError) as refused:
        await asking.run(web, "explode")
    assert str(refused.value) == (
        'error getting Lua resource action: built-in script "apps/Deployment/actions/explode/action.lua" '
        "does not exist"
    )

    nightly = asking.named("batch", "CronJob", "nightly")
    assert await asking.actions(nightly) == {"create-job": False, "resume": True, "suspend": False}
    await asking.run(nightly, "create-job")
    jobs = [msgspec.json.decode(raw) for raw in await lab.client.list_all(JOBS, lab.workloads)]
    assert [job["metadata"]["ownerReferences"][0]["name"] for job in jobs] == ["nightly"]
    await asking.run(nightly, "suspend")
    assert await asking.actions(nightly) == {"create-job": False, "resume": False, "suspend": True}

    own = asking.named("argoproj.io", "Application", "app", lab.namespace)
    assert list(await asking.actions(own)) == ["toggle-auto-sync"]
    await asking.run(own, "toggle-auto-sync")
    raw = msgspec.json.decode(await lab.client.get(APPLICATIONS, "app", lab.namespace))
    assert raw["spec"]["syncPolicy"]["automated"]["enabled"] is False
    assert raw["spec"]["syncPolicy"]["automated"]["prune"] is True


CUSTOM = """
discovery.lua: |
  local actions = {["loop"] = {}, ["steal"] = {}, ["peek"] = {}, ["half"] = {}}
  actions["paint"] = {params = {{name = "colour"}}, displayName = "Paint it", iconClass = "fa fa-brush"}
  actions["copy"] = {disabled = obj.data.colour == "copied", params = {{name = "first"}, {name = "second"}}}
  return actions
definitions:
- name: copy
  action.lua: |
    local impacted = {}
    for _, name in ipairs({actionParams["first"], actionParams["second"]}) do
      table.insert(impacted, {operation = "create", resource = {apiVersion = "v1", kind = "ConfigMap",
        metadata = {name = name, namespace = obj.metadata.namespace}, data = {colour = obj.data.colour}}})
    end
    obj.data.colour = "copied"
    table.insert(impacted, {operation = "patch", resource = obj})
    return impacted
- name: half
  action.lua: |
    return {
      {operation = "create", resource = {apiVersion = "v1", kind = "ConfigMap",
        metadata = {name = "half", namespace = obj.metadata.namespace}}},
      {operation = "create", resource = {apiVersion = "v1", kind = "ConfigMap",
        metadata = {name = "Not A Name", namespace = obj.metadata.namespace}}},
    }
- name: paint
  action.lua: |
    obj.data.colour = actionParams["colour"]
    return obj
- name: loop
  action.lua: |
    while true do end
- name: steal
  action.lua: |
    obj.metadata.name = "another"
    return obj
- name: peek
  action.lua: |
    return {{operation = "create", resource = {apiVersion = "v1", kind = "Secret",
      metadata = {name = "made", namespace = "kube-system"}}}}
"""


async def test_configured_actions_replace_ours_and_cannot_reach_further(lab: Lab, asking: Asking) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    data = {"resource.customizations.actions.ConfigMap": CUSTOM}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": data}, lab.namespace)
    settings = asking.named("", "ConfigMap", "settings")
    async with asyncio.timeout(60):
        while not await asking.actions(settings):
            await asyncio.sleep(0.1)
    found = await asking.actions(settings)
    assert found == dict.fromkeys(["copy", "half", "loop", "paint", "peek", "steal"], False)

    await asking.run(settings, "paint", colour="red")
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "red"}
    await asking.run(settings, "copy", first="one", second="two")
    for name in ("one", "two"):
        live = await lab.get(CONFIG_MAPS, name)
        assert live is not None
        assert live["data"] == {"colour": "red"}
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "copied"}
    assert (await asking.actions(settings))["copy"] is True, "it is disabled now"
    with pytest.raises(RemoteError, match="Not A Name"):
        await asking.run(settings, "half")
    assert await lab.get(CONFIG_MAPS, "half") is None, "nothing is made unless all can be"
    with pytest.raises(RemoteError, match=r"took longer than 1s|ran more than [0-9]+ instructions"):
        await asking.run(settings, "loop")
    with pytest.raises(RemoteError, match="may patch only the object it is run on"):
        await asking.run(settings, "steal")
    forbidding = {"spec": {"destinations": [{"namespace": lab.workloads, "server": "*"}]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", forbidding, lab.namespace)
    async with asyncio.timeout(60):
        while True:
            with pytest.raises(RemoteError) as refused:
                await asking.run(settings, "peek")
            if refused.value.code == "PermissionDenied":
                break
            await lab.client.delete(SECRETS, "made", "kube-system")
            await asyncio.sleep(0.1)
