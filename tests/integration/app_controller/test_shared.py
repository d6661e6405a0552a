"""An object that two applications want: who holds it keeps it, and nobody prunes what another one wants."""

import asyncio
from typing import Any

from fairlead.kube.collection import APPLICATIONS, CONFIG_MAPS
from fairlead.manifest.tracking import TRACKING_ID
from fairlead.model.application import Application
from tests.integration.app_controller.lab import Lab, automated, config_map

WARNING = "SharedResourceWarning"


async def mark(lab: Lab, name: str = "settings") -> tuple[str, str]:
    """The application that holds the object, and the object's version."""
    live = await lab.get(CONFIG_MAPS, name)
    assert live is not None
    metadata = live["metadata"]
    return metadata["annotations"][TRACKING_ID].partition(":")[0], metadata["resourceVersion"]


def source(repo: str) -> dict[str, Any]:
    return {"source": {"repoURL": repo, "path": "."}}


def message(app: Application) -> str:
    state = app.status.operation_state
    return state.message if state is not None else ""


def warnings(app: Application) -> list[str]:
    return [found.message for found in app.status.conditions if found.type == WARNING]


def says(app: Application, text: str) -> bool:
    return any(text in found for found in warnings(app))


async def test_who_holds_an_object_keeps_it_until_it_wants_it_no_longer(lab: Lab) -> None:
    other = f"{lab.repo}-other"
    lab.renderer.holds(lab.repo, [config_map(colour="blue"), config_map("own", colour="blue")])
    lab.renderer.holds(other, [config_map(colour="red"), config_map("else", colour="red")])
    await lab.create_app("first", **automated())
    await lab.synced("first")
    await lab.create_app("second", **automated(), **source(other))
    await lab.until_live(CONFIG_MAPS, "else", lambda found: found is not None)
    app = await lab.until(lambda app: says(app, "is left to application"), "second")
    assert app.status.sync.status == "OutOfSync"
    assert says(app, f"ConfigMap/settings is left to application {lab.namespace}/first")
    assert says(app, f"is part of applications {lab.namespace}/second and ")
    app = await lab.until(lambda app: bool(warnings(app)), "first")
    names = f"{lab.namespace}/first and {lab.namespace}/second"
    assert warnings(app) == [f"ConfigMap/settings is part of applications {names}"]
    assert app.status.sync.status == "Synced"

    held = await mark(lab)
    assert held[0] == "first"
    await lab.patch_app({"operation": {"sync": {"syncOptions": ["FailOnSharedResource=true"]}}}, "second")
    await lab.until(lambda app: message(app).startswith("Shared resource found: "), "second")
    await lab.patch_app({"operation": {"sync": {}}}, "second")
    app = await lab.until(lambda app: app.operation is None and message(app).startswith("success"), "second")
    await asyncio.sleep(1.0)
    assert await mark(lab) == held, "neither a sync by hand nor self-healing takes it"

    lab.renderer.holds(lab.repo, [config_map("own", colour="blue")])
    await lab.patch_app({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}, "first")
    await lab.until_live(
        CONFIG_MAPS,
        "settings",
        lambda found: found is not None and found["data"] == {"colour": "red"},
    )
    assert (await mark(lab))[0] == "second"
    await lab.synced("second")
    await lab.until(lambda app: not warnings(app), "first")
    await lab.until(lambda app: not warnings(app), "second")


async def test_what_another_application_wants_outlives_the_one_that_held_it(lab: Lab) -> None:
    other = f"{lab.repo}-other"
    lab.renderer.holds(lab.repo, [config_map(colour="blue"), config_map("own", colour="blue")])
    lab.renderer.holds(other, [config_map(colour="red")])
    await lab.create_app("first", finalizers=["resources-finalizer.argocd.argoproj.io"], **automated())
    await lab.synced("first")
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    await lab.create_app("second", **automated(), **source(other))
    await lab.until(lambda app: says(app, "is left to application"), "second")
    await lab.client.delete(APPLICATIONS, "first", lab.namespace)
    await lab.gone("first")
    await lab.until_live(CONFIG_MAPS, "own", lambda found: found is None)
    found = await lab.until_live(
        CONFIG_MAPS, "settings", lambda found: found is not None and found["data"] == {"colour": "red"}
    )
    assert found is not None
    assert found["metadata"]["uid"] == live["metadata"]["uid"], "it was handed over, not made anew"
    await lab.synced("second")


async def test_what_another_application_would_sync_by_hand_outlives_the_one_that_held_it(lab: Lab) -> None:
    other = f"{lab.repo}-other"
    lab.renderer.holds(lab.repo, [config_map(colour="blue"), config_map("own", colour="blue")])
    lab.renderer.holds(other, [config_map(colour="red")])
    await lab.create_app("first", finalizers=["resources-finalizer.argocd.argoproj.io"], **automated())
    await lab.synced("first")
    await lab.create_app("second", **source(other))
    await lab.until(lambda app: says(app, "is left to application"), "second")
    held = await mark(lab)
    await hold(lab, "own", ["example.org/held"])
    await lab.client.delete(APPLICATIONS, "first", lab.namespace)
    await lab.patch_app({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}, "second")
    await lab.until(lambda app: not says(app, "is left to application"), "second")
    await hold(lab, "own", None)
    await lab.gone("first")
    assert await mark(lab) == held


async def hold(lab: Lab, name: str, finalizers: list[str] | None) -> None:
    """Let an object be deleted only once somebody agrees."""
    await lab.client.merge_patch(CONFIG_MAPS, name, {"metadata": {"finalizers": finalizers}}, lab.workloads)


async def test_what_is_let_go_stays_until_an_application_that_is_synced_by_hand_takes_it(lab: Lab) -> None:
    other = f"{lab.repo}-other"
    lab.renderer.holds(lab.repo, [config_map(colour="blue"), config_map("own", colour="blue")])
    lab.renderer.holds(other, [config_map(colour="red")])
    await lab.create_app("first", finalizers=["resources-finalizer.argocd.argoproj.io"], **automated())
    await lab.synced("first")
    await lab.create_app("second", **source(other))
    await lab.until(lambda app: says(app, "is left to application"), "second")
    held = await mark(lab)
    await lab.renderer.commit(lab.repo, [config_map("own", colour="green")])
    await lab.until_live(
        CONFIG_MAPS, "own", lambda found: found is not None and found["data"] == {"colour": "green"}
    )
    await lab.until(lambda app: not says(app, "is left to application"), "second")
    for _ in range(2):
        await lab.until(lambda app: app.operation is None, "first")
        await lab.patch_app({"operation": {"sync": {"prune": True}}}, "first")
    await lab.until(lambda app: app.operation is None, "first")
    assert await mark(lab) == held, "it is not pruned, however often"
    await lab.client.delete(APPLICATIONS, "first", lab.namespace)
    await lab.gone("first")
    assert await mark(lab) == held, "nor deleted"
    await lab.patch_app({"operation": {"sync": {}}}, "second")
    await lab.synced("second")
    assert (await mark(lab))[0] == "second"
