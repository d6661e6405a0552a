"""Where a project asks for it, applications warn of what lies in their namespace and belongs to nobody."""

from typing import Any

from fairlead.kube.collection import APP_PROJECTS, CONFIG_MAPS
from fairlead.model.application import Application
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map

WARNING = "OrphanedResourceWarning"


def says(count: int) -> Any:
    text = f"Application has {count} orphaned resources" if count else None

    def check(app: Application) -> bool:
        return conditions(app).get(WARNING) == text

    return check


async def test_orphans_are_counted_when_they_come_and_when_they_go(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    app = await lab.synced()
    stray = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stray"}}
    await lab.client.create(CONFIG_MAPS, stray, lab.workloads)
    assert WARNING not in conditions(app), "the project does not ask"

    async def project(rules: dict[str, Any] | None) -> None:
        await lab.client.merge_patch(
            APP_PROJECTS, "default", {"spec": {"orphanedResources": rules}}, lab.namespace
        )

    await project({"warn": True})
    app = await lab.until(says(1))
    assert app.status.sync.status == "Synced", "an orphan is nothing that the application wants otherwise"
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stray-too"}}
    await lab.client.create(CONFIG_MAPS, other, lab.workloads)
    await lab.until(says(2))
    await lab.client.delete(CONFIG_MAPS, "stray-too", lab.workloads)
    await lab.until(says(1))
    await project({"warn": True, "ignore": [{"kind": "ConfigMap", "name": "stra*"}]})
    await lab.until(says(0))
    await project({"warn": True, "ignore": []})
    await lab.until(says(1))
    await project({"warn": False})
    await lab.until(says(0))
