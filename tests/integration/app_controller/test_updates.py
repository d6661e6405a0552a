"""Writes to managed objects that are worth no look at their application cost none."""

import asyncio

import msgspec

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.model.application import AppId
from tests.integration.app_controller.lab import DEPLOYMENTS, Lab, automated, config_map, deployment

QUIET = 2.0
"""Seconds in which a look that somebody asked for would have begun."""
NO_RESYNC = {"timeout.reconciliation": "0"}


def looks(lab: Lab) -> list[AppId]:
    """The looks from now on, one by one."""
    assert lab.controller is not None
    reconciler = lab.controller._looks.reconciler
    found: list[AppId] = []
    work = reconciler.work

    async def counted(app_id: AppId) -> float | None:
        found.append(app_id)
        return await work(app_id)

    reconciler.work = counted  # type: ignore[method-assign]
    return found


async def test_a_status_and_what_is_ignored_cost_no_look_and_everything_else_does(lab: Lab) -> None:
    rules = {
        **NO_RESYNC,
        "resource.customizations.ignoreResourceUpdates.ConfigMap": (
            "jsonPointers: [/data/counter]\njqPathExpressions: ['.data | select(.jq).jq']\n"
        ),
        "resource.customizations.ignoreResourceUpdates.apps_ReplicaSet": "jsonPointers: [/status]\n",
    }
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": rules}, lab.namespace)
    lab.renderer.holds(lab.repo, [deployment(replicas=0), config_map(ours="1")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    await asyncio.sleep(QUIET)
    found = looks(lab)
    for number in range(3):
        status = {"status": {"collisionCount": number}}
        await lab.client.merge_patch(DEPLOYMENTS, "web", status, lab.workloads, subresource="status")
        counted = {"data": {"counter": str(number), "jq": str(number)}}
        await lab.client.merge_patch(CONFIG_MAPS, "settings", counted, lab.workloads)
    await asyncio.sleep(QUIET)
    added = [one for one in found if one.name == "app"]
    assert len(added) <= 1, "the first write added fields of its own"
    found.clear()
    for number in range(5, 8):
        counted = {"data": {"counter": str(number), "jq": str(number)}}
        await lab.client.merge_patch(CONFIG_MAPS, "settings", counted, lab.workloads)
    await asyncio.sleep(QUIET)
    assert not found
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"ours": "2"}}, lab.workloads)
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    assert found


async def test_what_carries_no_mark_costs_no_look_with_its_annotation_and_without(lab: Lab) -> None:
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": NO_RESYNC}, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map(ours="1")])
    await lab.create_app(**automated())
    await lab.synced()
    child = config_map("child", counter="0")
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    uid = live["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", "uid": uid}
    child["metadata"]["ownerReferences"] = [owner]
    await lab.client.create(CONFIG_MAPS, child, lab.workloads)
    await asyncio.sleep(QUIET)
    found = looks(lab)
    for annotations in ({}, {"argocd.argoproj.io/ignore-resource-updates": "true"}):
        body = {"metadata": {"annotations": annotations}, "data": {"counter": str(len(annotations) + 1)}}
        await lab.client.merge_patch(CONFIG_MAPS, "child", msgspec.json.encode(body), lab.workloads)
    await asyncio.sleep(QUIET)
    assert not found
