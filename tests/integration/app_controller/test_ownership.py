"""Synced means that nothing of the last desired state is left which the new one lacks."""

from fairlead.kube.apply import apply
from fairlead.kube.collection import CONFIG_MAPS
from fairlead.kube.writer import ClusterWriter
from tests.integration.app_controller.lab import DEPLOYMENTS, Lab, automated, config_map, deployment
from tests.integration.app_controller.renderer import Document
from tests.unit.kube.objects import anything


def with_containers(*names: str) -> Document:
    document = deployment(replicas=0)
    containers = [{"name": name, "image": "nginx:1.27"} for name in names]
    document["spec"]["template"]["spec"]["containers"] = containers
    return document


async def test_what_git_drops_goes_also_when_another_client_created_it(lab: Lab) -> None:
    by_kubectl = {"fieldManager": "kubectl-create"}
    both = [config_map(keep="1", drop="1"), with_containers("one", "two")]
    await lab.client.create(
        CONFIG_MAPS, config_map(keep="1", drop="1", own="1"), lab.workloads, params=by_kubectl
    )
    await lab.client.create(DEPLOYMENTS, with_containers("one", "two"), lab.workloads, params=by_kubectl)
    lab.renderer.holds(lab.repo, both)
    await lab.create_app(**automated())
    await lab.synced()
    await lab.stop()
    await lab.start()
    revision = await lab.renderer.commit(lab.repo, [config_map(keep="1"), with_containers("one")])
    await lab.synced(revision=revision)
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"keep": "1", "own": "1"}
    web = await lab.get(DEPLOYMENTS, "web")
    assert web is not None
    assert [item["name"] for item in web["spec"]["template"]["spec"]["containers"]] == ["one"]


async def test_what_git_drops_is_out_of_sync_until_somebody_syncs(lab: Lab) -> None:
    await lab.client.create(CONFIG_MAPS, config_map(keep="1", drop="1"), lab.workloads)
    lab.renderer.holds(lab.repo, [config_map(keep="1", drop="1")])
    await lab.create_app()
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.synced()
    revision = await lab.renderer.commit(lab.repo, [config_map(keep="1")])
    await lab.until(
        lambda app: app.status.sync.status == "OutOfSync" and app.status.sync.revision == revision
    )


async def test_a_container_with_somebodys_limit_can_be_dropped(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [with_containers("one", "two")])
    await lab.create_app(**automated())
    await lab.synced()
    limit = {"name": "two", "resources": {"limits": {"cpu": "1"}}}
    theirs = {**with_containers(), "spec": {"template": {"spec": {"containers": [limit]}}}}
    await apply(
        ClusterWriter(lab.client, fence=lambda: True, gate=anything),
        DEPLOYMENTS,
        "web",
        theirs,
        lab.workloads,
        field_manager="somebody",
    )
    revision = await lab.renderer.commit(lab.repo, [with_containers("one")])
    await lab.synced(revision=revision)
    web = await lab.get(DEPLOYMENTS, "web")
    assert web is not None
    assert [item["name"] for item in web["spec"]["template"]["spec"]["containers"]] == ["one"]
