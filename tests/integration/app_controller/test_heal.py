"""Drift: what somebody changes in the cluster comes back, and what may not be touched stays."""

from fairlead.kube.collection import APPLICATIONS, CONFIG_MAPS
from fairlead.model.application import Application
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    Lab,
    automated,
    config_map,
    deployment,
    is_synced,
)


def heals(app: Application) -> int:
    """How often in a row the application was healed."""
    state = app.status.operation_state
    return state.operation.sync.auto_heal_attempts_count if state and state.operation.sync else 0


async def test_a_changed_object_is_healed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    await lab.until_live(
        CONFIG_MAPS, "settings", lambda live: live is not None and live["data"]["colour"] == "blue"
    )
    app = await lab.until(lambda app: heals(app) == 1)
    assert is_synced(app)
    assert len(app.status.history) == 1


async def test_a_deleted_object_is_made_again(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.client.delete(CONFIG_MAPS, "settings", lab.workloads)
    await lab.until_live(CONFIG_MAPS, "settings", lambda live: live is not None)
    await lab.synced()


async def test_a_scaled_deployment_is_scaled_back(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [deployment(replicas=2)])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.client.merge_patch(DEPLOYMENTS, "web", {"spec": {"replicas": 5}}, lab.workloads)
    await lab.until_live(DEPLOYMENTS, "web", lambda live: live is not None and live["spec"]["replicas"] == 2)
    await lab.synced()


async def test_an_added_label_of_somebody_else_is_no_drift(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    before = await lab.synced()
    patch = {"metadata": {"labels": {"somebody": "else"}}}
    await lab.client.merge_patch(CONFIG_MAPS, "settings", patch, lab.workloads)
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    await lab.until_live(
        CONFIG_MAPS, "settings", lambda live: live is not None and live["data"]["colour"] == "blue"
    )
    after = await lab.synced()
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["metadata"]["labels"] == {"somebody": "else"}
    assert live["data"] == {"colour": "blue"}
    assert after.status.sync.revision == before.status.sync.revision


async def test_without_self_heal_drift_is_only_shown(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "red"}


async def test_a_fight_backs_off_and_says_so(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    for turn in (1, 2):
        await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
        await lab.until_live(
            CONFIG_MAPS, "settings", lambda live: live is not None and live["data"]["colour"] == "blue"
        )
        await lab.until(lambda app, turn=turn: heals(app) == turn)  # type: ignore[misc]
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    app = await lab.until(lambda app: any("backing off" in item.message for item in app.status.conditions))
    assert app.status.sync.status == "OutOfSync"


async def test_nothing_is_written_when_nothing_changed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    before = await lab.synced()
    assert lab.controller is not None
    for record in lab.controller.book:
        lab.controller.queue.add(record.id)
    await lab.renderer.commit(lab.repo, [config_map(name="settings", colour="blue")])
    after = await lab.until(lambda app: app.status.sync.revision != before.status.sync.revision)
    raw = await lab.client.get(APPLICATIONS, "app", lab.namespace)
    assert after.metadata.resource_version.encode() in raw
