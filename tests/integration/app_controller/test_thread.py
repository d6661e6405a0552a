"""From rendered manifests to a live object and a status that says so."""

from fairlead.kube.collection import CONFIG_MAPS
from tests.integration.app_controller.lab import Lab, automated, config_map


async def test_an_automated_application_becomes_synced_and_healthy(lab: Lab) -> None:
    revision = lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    app = await lab.synced()
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "blue"}
    assert app.status.sync.revision == revision
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Succeeded"
    assert app.status.operation_state.message == "successfully synced (all tasks run)"
    assert [entry.revision for entry in app.status.history] == [revision]
    assert [(item.kind, item.status) for item in app.status.resources] == [("ConfigMap", "Synced")]


async def test_a_commit_reaches_the_cluster(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    revision = await lab.renderer.commit(lab.repo, [config_map(colour="green")])
    app = await lab.synced(revision=revision)
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "green"}
    assert [entry.id for entry in app.status.history] == [0, 1]
