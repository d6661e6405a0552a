"""How objects are marked, and that a change of it loses, prunes and doubles nothing."""

from typing import Any

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.manifest.tracking import INSTALLATION_ID, INSTANCE_LABEL, TRACKING_ID
from tests.integration.app_controller.lab import Lab, automated, config_map

METHOD = "application.resourceTrackingMethod"
KEY = "application.instanceLabelKey"
OWN_KEY = "argocd.argoproj.io/instance"
Marks = tuple[str, str, str]
"""The application that the annotation names, the one that the label names, and the installation."""


async def settings(lab: Lab, **data: str) -> None:
    """Change how objects are marked; the controller knows it then."""
    names = {"method": METHOD, "key": KEY, "installation": "installationID"}
    body = {"data": {names[name]: value for name, value in data.items()}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", body, lab.namespace)

    def is_known() -> bool:
        assert lab.controller is not None
        found = lab.controller.control.current().tracking
        known = {"method": found.method.value, "key": found.label_key, "installation": found.installation_id}
        return all(known[name] == value for name, value in data.items())

    await lab.eventually(is_known)


def marks(live: dict[str, Any] | None, key: str = INSTANCE_LABEL) -> Marks:
    metadata = (live or {}).get("metadata", {})
    annotations, labels = metadata.get("annotations") or {}, metadata.get("labels") or {}
    mark = annotations.get(TRACKING_ID, "").partition(":")[0]
    return mark, labels.get(key, ""), annotations.get(INSTALLATION_ID, "")


async def marked(lab: Lab, name: str, wanted: Marks, key: str = INSTANCE_LABEL) -> str:
    """The uid of an object once it is marked so."""
    live = await lab.until_live(CONFIG_MAPS, name, lambda live: marks(live, key) == wanted)
    assert live is not None
    return str(live["metadata"]["uid"])


async def test_every_method_takes_over_from_every_other_without_losing_an_object(lab: Lab) -> None:
    here = lab.namespace
    other = f"{lab.repo}-other"
    lab.renderer.holds(lab.repo, [config_map("first", colour="blue")])
    lab.renderer.holds(other, [config_map("second", colour="blue")])
    await lab.create_app("one", **automated())
    await lab.create_app("two", source={"repoURL": other, "path": "."}, **automated())
    uids = await marked(lab, "first", ("one", "", here)), await marked(lab, "second", ("two", "", here))

    async def become(first: Marks, second: Marks) -> None:
        found = await marked(lab, "first", first), await marked(lab, "second", second)
        assert found == uids, "nothing was deleted on the way"
        for name in ("one", "two"):
            await lab.until(lambda app: app.status.sync.status == "Synced", name)

    await settings(lab, method="label")
    await become(("", "one", here), ("", "two", here))
    stray = config_map("stray")
    stray["metadata"] |= {"labels": {INSTANCE_LABEL: "one"}, "annotations": {INSTALLATION_ID: here}}
    await lab.client.create(CONFIG_MAPS, stray, lab.workloads)
    await lab.until_live(CONFIG_MAPS, "stray", lambda live: live is None)
    assert await lab.get(CONFIG_MAPS, "second") is not None
    await settings(lab, method="annotation+label")
    for name in ("one", "two"):  # what has its label counts as marked until somebody syncs
        await lab.patch_app({"operation": {"sync": {}}}, name)
    await become(("one", "one", here), ("two", "two", here))
    await settings(lab, method="annotation")
    await become(("one", "", here), ("two", "", here))


async def test_from_labels_to_annotations_nothing_is_out_of_sync_nor_pruned_on_the_way(lab: Lab) -> None:
    await settings(lab, method="label")
    lab.renderer.holds(lab.repo, [config_map("kept"), config_map("left")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    uid = await marked(lab, "kept", ("", "app", lab.namespace))
    await settings(lab, method="annotation")
    commit = await lab.renderer.commit(lab.repo, [config_map("kept")])
    await lab.synced(revision=commit)
    assert await lab.get(CONFIG_MAPS, "left") is not None, "by annotations it is not known to be ours"
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.until(lambda app: app.operation is None)
    assert await marked(lab, "kept", ("app", "", lab.namespace)) == uid


async def test_an_annotation_decides_beside_a_label_that_names_another(lab: Lab) -> None:
    await settings(lab, method="annotation+label")
    lab.renderer.holds(lab.repo, [config_map("ours")])
    await lab.create_app("a" * 70, **automated())
    name = "a" * 70
    await lab.synced(name)
    await marked(lab, "ours", (name, name[:63], lab.namespace))
    stray = config_map("stray")
    stray["metadata"]["labels"] = {INSTANCE_LABEL: name[:63]}
    await lab.client.create(CONFIG_MAPS, stray, lab.workloads)
    commit = await lab.renderer.commit(lab.repo, [config_map("ours", colour="blue")])
    app = await lab.synced(name, revision=commit)
    assert [item.name for item in app.status.resources] == ["ours"]
    assert await lab.get(CONFIG_MAPS, "stray") is not None


async def test_another_label_or_installation_marks_the_same_objects_anew(lab: Lab) -> None:
    await settings(lab, method="label")
    lab.renderer.holds(lab.repo, [config_map("ours")])
    await lab.create_app(**automated())
    await lab.synced()
    uid = await marked(lab, "ours", ("", "app", lab.namespace))
    await settings(lab, key=OWN_KEY)
    assert await marked(lab, "ours", ("", "app", lab.namespace), OWN_KEY) == uid
    assert marks(await lab.get(CONFIG_MAPS, "ours")) == ("", "", lab.namespace), "the old label went"
    theirs = config_map("theirs")
    theirs["metadata"] |= {"labels": {OWN_KEY: "app"}, "annotations": {INSTALLATION_ID: "elsewhere"}}
    await lab.client.create(CONFIG_MAPS, theirs, lab.workloads)
    await settings(lab, installation="moved")
    assert await marked(lab, "ours", ("", "app", "moved"), OWN_KEY) == uid
    app = await lab.until(lambda app: app.status.sync.status == "Synced")
    assert [item.name for item in app.status.resources] == ["ours"]
    assert await lab.get(CONFIG_MAPS, "theirs") is not None, "another installation's is nobody of ours"
