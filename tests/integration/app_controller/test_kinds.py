"""What popular charts write down in odd spellings is in sync once applied, and what changes it is noticed."""

import asyncio

import msgspec
import pytest

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.kube.resource import Resource
from fairlead.manifest.tracking import TRACKING_ID
from fairlead.model.application import Application
from fairlead.model.sync import OperationPhase
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    NAMESPACES,
    Lab,
    automated,
    config_map,
    deployment,
)
from tests.integration.app_controller.renderer import Document

PRIORITIES = Resource(
    group="scheduling.k8s.io", version="v1", plural="priorityclasses", kind="PriorityClass", namespaced=False
)
SETTLES = 2.0
"""Seconds in which a controller that wants to change something has begun to."""


def autoscaler() -> Document:
    """Of a version that is served, and that is not the one the cluster prefers."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": target, "maxReplicas": 3, "targetCPUUtilizationPercentage": 80},
    }


def repeated_variable() -> Document:
    document = deployment(replicas=0)
    container = document["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "MODE", "value": "slow"}, {"name": "MODE", "value": "fast"}]
    return document


def roles(lab: Lab) -> list[Document]:
    """An aggregated role that says it has no rules, and one that is aggregated."""
    labels = {f"aggregate-to-{lab.workloads}": "true"}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
    selectors = [{"matchLabels": labels}]
    return [
        {
            **role,
            "metadata": {"name": f"{lab.workloads}:all"},
            "aggregationRule": {"clusterRoleSelectors": selectors},
            "rules": [],
        },
        {**role, "metadata": {"name": f"{lab.workloads}:one", "labels": labels}, "rules": [rule]},
    ]


async def stays_in_sync(lab: Lab, documents: list[Document]) -> None:
    """Synced, and left alone from then on, by this controller and by the one that follows it."""
    lab.renderer.holds(lab.repo, documents)
    await lab.create_app(**automated())
    await lab.until(has_synced)
    before = await settled(lab)
    await lab.stop()
    await lab.start()
    after = await settled(lab)
    assert (before.status.sync.status, after.status.sync.status) == ("Synced", "Synced")
    state = after.status.operation_state
    assert state == before.status.operation_state
    assert state is not None
    assert state.operation.sync is not None
    assert not state.operation.sync.auto_heal_attempts_count


async def settled(lab: Lab) -> Application:
    await asyncio.sleep(SETTLES)
    return await lab.app()


def has_synced(app: Application) -> bool:
    state = app.status.operation_state
    return state is not None and state.phase is OperationPhase.SUCCEEDED


@pytest.mark.parametrize(
    "document",
    [autoscaler(), repeated_variable()],
    ids=["a version that is not preferred", "a variable that is named twice"],
)
async def test_an_odd_spelling_is_in_sync_once_applied(lab: Lab, document: Document) -> None:
    await stays_in_sync(lab, [document])


async def test_the_cluster_keeps_the_rules_of_an_aggregated_role(lab: Lab) -> None:
    await stays_in_sync(lab, roles(lab))


async def test_a_change_of_an_object_in_a_version_that_is_not_preferred_is_healed(lab: Lab) -> None:
    resource = Resource(
        group="autoscaling",
        version="v1",
        plural="horizontalpodautoscalers",
        kind="HorizontalPodAutoscaler",
        namespaced=True,
    )
    lab.renderer.holds(lab.repo, [autoscaler()])
    await lab.create_app(**automated())
    await lab.until(has_synced)
    change = {"spec": {"targetCPUUtilizationPercentage": 50}}
    await lab.client.merge_patch(resource, "web", change, lab.workloads)
    await lab.until_live(
        resource,
        "web",
        lambda live: live is not None and live["spec"]["targetCPUUtilizationPercentage"] == 80,
    )


async def test_a_field_that_git_sets_to_nothing_is_healed_when_it_is_set(lab: Lab) -> None:
    """Neither `paused: false` nor an empty description is stored, so nobody owns it."""
    document = deployment(replicas=0)
    document["spec"]["paused"] = False
    name = f"{lab.workloads}-low"
    priority = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": 1,
        "description": "",
    }
    lab.renderer.holds(lab.repo, [document, priority])
    await lab.create_app(**automated())
    await lab.until(has_synced)
    await lab.client.merge_patch(DEPLOYMENTS, "web", {"spec": {"paused": True}}, lab.workloads)
    await lab.client.merge_patch(PRIORITIES, name, {"description": "mine"})
    await lab.until_live(DEPLOYMENTS, "web", lambda live: live is not None and not live["spec"].get("paused"))
    await lab.until_live(PRIORITIES, name, lambda live: live is not None and "description" not in live)


async def test_a_desired_object_that_carries_the_mark_of_another_is_taken_over(lab: Lab) -> None:
    """As `kubectl get -o yaml`, a new name and `kubectl apply` leave it."""
    lab.renderer.holds(lab.repo, [config_map("first", colour="blue")])
    await lab.create_app(**automated())
    await lab.until(has_synced)
    original = await lab.get(CONFIG_MAPS, "first")
    assert original is not None
    annotations = original["metadata"]["annotations"]
    copy = config_map("second", colour="red")
    copy["metadata"]["annotations"] = annotations
    await lab.client.create(CONFIG_MAPS, copy, lab.workloads)
    await lab.renderer.commit(
        lab.repo, [config_map("first", colour="blue"), config_map("second", colour="blue")]
    )
    live = await lab.until_live(
        CONFIG_MAPS, "second", lambda live: live is not None and live["data"]["colour"] == "blue"
    )
    assert live is not None
    assert live["metadata"]["annotations"][TRACKING_ID] != annotations[TRACKING_ID]


async def test_an_automated_sync_that_is_refused_ends_after_its_retries(lab: Lab) -> None:
    """The Application names the operation between the attempts, so that it goes on where it was."""
    refused = {**config_map(colour="blue"), "data": {"not a key": "x"}}
    retry = {"limit": 2, "backoff": {"duration": "1s", "factor": 1}}
    policy = automated()["syncPolicy"]
    lab.renderer.holds(lab.repo, [refused])
    await lab.create_app(syncPolicy={**policy, "retry": retry})
    waiting = await lab.until(
        lambda app: app.status.operation_state is not None and app.status.operation_state.retry_count == 1
    )
    assert waiting.operation is not None
    ended = await lab.until(
        lambda app: (
            app.status.operation_state is not None
            and app.status.operation_state.phase is OperationPhase.FAILED
        )
    )
    state = ended.status.operation_state
    assert state is not None
    assert state.retry_count == 2
    assert ended.operation is None


async def test_a_namespace_that_was_deleted_is_made_again_by_the_heal(lab: Lab) -> None:
    """The heal names the objects that are missing; their namespace is none of them."""
    home = f"{lab.workloads}-home"
    policy = {**automated()["syncPolicy"], "syncOptions": ["CreateNamespace=true"]}
    policy["retry"] = {"limit": -1, "backoff": {"duration": "1s", "factor": 1}}
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(namespace=home, syncPolicy=policy)
    await lab.until(has_synced)
    before = msgspec.json.decode(await lab.client.get(NAMESPACES, home))["metadata"]["uid"]
    await lab.client.delete(NAMESPACES, home)
    async with asyncio.timeout(60):
        while (found := await lab.client.find(CONFIG_MAPS, "settings", home)) is None or uid(
            await lab.client.find(NAMESPACES, home)
        ) == before:
            await asyncio.sleep(0.1)
    assert found is not None


def uid(raw: bytes | None) -> str:
    return "" if raw is None else msgspec.json.decode(raw)["metadata"]["uid"]


async def test_a_manifest_read_back_from_a_cluster_with_all_that_the_server_wrote_is_in_sync(
    lab: Lab,
) -> None:
    made = deployment("template", replicas=0)
    await lab.client.create(DEPLOYMENTS, made, lab.workloads)
    exported = await lab.until_live(DEPLOYMENTS, "template", lambda live: bool(live and live.get("status")))
    assert exported is not None
    assert exported["metadata"]["managedFields"]
    exported["metadata"]["name"] = "web"
    exported["metadata"].pop("namespace")
    await stays_in_sync(lab, [exported])
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert live["metadata"]["uid"] != exported["metadata"]["uid"]
