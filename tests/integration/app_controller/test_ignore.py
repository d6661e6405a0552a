"""What is not to be looked at is not looked at, and not written either when that is said."""

import asyncio

from fairlead.kube.collection import CONFIG_MAPS
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    Lab,
    automated,
    conditions,
    config_map,
    deployment,
)

RESPECTS = "RespectIgnoreDifferences=true"


async def test_ignored_replicas_survive_a_sync_that_respects_them(lab: Lab) -> None:
    rules = [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]
    policy = automated()["syncPolicy"]
    lab.renderer.holds(lab.repo, [deployment(replicas=1)])
    await lab.create_app(ignoreDifferences=rules, syncPolicy={**policy, "syncOptions": [RESPECTS]})
    await lab.synced()
    await lab.client.merge_patch(DEPLOYMENTS, "web", {"spec": {"replicas": 2}}, lab.workloads)
    changed = deployment(replicas=1)
    changed["spec"]["revisionHistoryLimit"] = 3
    revision = await lab.renderer.commit(lab.repo, [changed])
    await lab.synced(revision=revision)
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert (live["spec"]["replicas"], live["spec"]["revisionHistoryLimit"]) == (2, 3)


async def test_an_objects_own_annotation_says_what_is_ignored(lab: Lab) -> None:
    rule = "jsonPointers:\n- /data/theirs\n"
    document = config_map(ours="1", theirs="1")
    document["metadata"]["annotations"] = {"argocd.argoproj.io/ignore-differences": rule}
    lab.renderer.holds(lab.repo, [document])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"theirs": "2"}}, lab.workloads)
    await asyncio.sleep(1)
    app = await lab.synced()
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"ours": "1", "theirs": "2"}
    assert app.status.sync.status == "Synced"


async def test_fields_that_a_jq_expression_names_are_ignored_and_respected(lab: Lab) -> None:
    expression = '.spec.template.spec.containers[] | select(.name == "main") | .image'
    rules = [{"group": "apps", "kind": "Deployment", "jqPathExpressions": [expression]}]
    policy = automated()["syncPolicy"]
    lab.renderer.holds(lab.repo, [deployment(replicas=0)])
    await lab.create_app(ignoreDifferences=rules, syncPolicy={**policy, "syncOptions": [RESPECTS]})
    await lab.synced()
    path = "/spec/template/spec/containers/0/image"
    change = [{"op": "replace", "path": path, "value": "nginx:of-an-updater"}]
    await lab.client.json_patch(DEPLOYMENTS, "web", change, lab.workloads)
    changed = deployment(replicas=0)
    changed["spec"]["revisionHistoryLimit"] = 3
    revision = await lab.renderer.commit(lab.repo, [changed])
    await lab.synced(revision=revision)
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:of-an-updater"
    assert live["spec"]["revisionHistoryLimit"] == 3
    broken = [{"group": "apps", "kind": "Deployment", "jqPathExpressions": [".spec.["]}]
    await lab.patch_app({"spec": {"ignoreDifferences": broken}})
    await lab.client.json_patch(
        DEPLOYMENTS, "web", [{"op": "replace", "path": path, "value": "nginx:other"}], lab.workloads
    )
    await lab.until(lambda app: "jq expression" in conditions(app).get("ComparisonError", ""))
