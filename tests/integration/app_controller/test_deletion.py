"""How the objects of an application go: last waves first, once it is confirmed, each as it was asked for."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS, SECRETS
from tests.integration.app_controller.lab import EVENTS, Document, Lab, automated, conditions, config_map

FINALIZER = "resources-finalizer.argocd.argoproj.io"
APPROVED = "argocd.argoproj.io/deletion-approved"
HOLD = "example.com/hold"


def in_wave(name: str, wave: int, **metadata: Any) -> Document:
    made = config_map(name)
    marks = {"argocd.argoproj.io/sync-wave": str(wave)}
    made["metadata"].update({"annotations": marks, **metadata})
    return made


async def is_leaving(lab: Lab, name: str) -> bool | None:
    """Whether it is being deleted; None when it is gone."""
    live = await lab.get(CONFIG_MAPS, name)
    return None if live is None else "deletionTimestamp" in live["metadata"]


async def released(lab: Lab, name: str) -> None:
    await lab.client.merge_patch(CONFIG_MAPS, name, {"metadata": {"finalizers": None}}, lab.workloads)


async def until_leaving(lab: Lab, name: str) -> None:
    await lab.until_live(
        CONFIG_MAPS, name, lambda live: live is not None and "deletionTimestamp" in live["metadata"]
    )


async def test_later_waves_go_first_and_the_next_waits_until_the_last_is_gone(lab: Lab) -> None:
    held = {"finalizers": [HOLD]}
    lab.renderer.holds(
        lab.repo,
        [
            in_wave("first", -1),
            in_wave("second", 0),
            in_wave("third", 1, **held),
            in_wave("beside", 1),
            in_wave("fourth", 2, **held),
        ],
    )
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    assert lab.controller is not None
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await until_leaving(lab, "fourth")
    for _ in range(3):
        lab.controller.queue.add((await lab.app()).id)
        await asyncio.sleep(0.2)
        assert [await is_leaving(lab, name) for name in ("first", "second", "third", "beside")] == [False] * 4
    await released(lab, "fourth")
    await until_leaving(lab, "third")
    await lab.until_live(CONFIG_MAPS, "beside", lambda live: live is None)
    assert await is_leaving(lab, "fourth") is None
    assert [await is_leaving(lab, name) for name in ("first", "second")] == [False] * 2
    await released(lab, "third")
    await lab.gone()
    assert [await is_leaving(lab, name) for name in ("first", "second", "third")] == [None] * 3


async def test_nothing_is_deleted_before_it_is_confirmed_after_the_deletion_was_asked_for(lab: Lab) -> None:
    asking = config_map("asking")
    asking["metadata"]["annotations"] = {"argocd.argoproj.io/sync-options": "Delete=confirm"}
    lab.renderer.holds(lab.repo, [asking, config_map("plain")])
    stale = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    await lab.create_app(finalizers=[FINALIZER], annotations={APPROVED: stale}, **automated())
    app = await lab.synced()
    assert {item.name: item.requires_deletion_confirmation for item in app.status.resources} == {
        "asking": True,
        "plain": False,
    }
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    app = await lab.until(lambda app: "DeletionError" in conditions(app))
    words = conditions(app)["DeletionError"]
    assert words.startswith(f"waiting for the annotation {APPROVED}"), words
    assert "asking" in words
    assert "plain" not in words
    assert [await is_leaving(lab, name) for name in ("asking", "plain")] == [False, False]
    later = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    await lab.patch_app({"metadata": {"annotations": {APPROVED: later}}})
    await lab.gone()
    assert [await is_leaving(lab, name) for name in ("asking", "plain")] == [None, None]


async def test_objects_go_before_or_after_what_they_own_as_the_finalizer_says(lab: Lab) -> None:
    """In the foreground, which is usual, an owner waits for what it owns; in the background it does not."""
    ways = {"usual": FINALIZER, "front": f"{FINALIZER}/foreground", "back": f"{FINALIZER}/background"}
    for name, finalizer in ways.items():
        repo = f"{lab.repo}/{name}"
        lab.renderer.holds(repo, [config_map(f"{name}-owner")])
        source = {"repoURL": repo, "path": "."}
        await lab.create_app(name, source=source, finalizers=[finalizer], **automated())
    for name in ways:
        await lab.synced(name)
        owner = await lab.get(CONFIG_MAPS, f"{name}-owner")
        assert owner is not None
        owned = config_map(f"{name}-owned")
        owned["metadata"]["finalizers"] = [HOLD]
        owned["metadata"]["ownerReferences"] = [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "name": owner["metadata"]["name"],
                "uid": owner["metadata"]["uid"],
                "blockOwnerDeletion": True,
            }
        ]
        await lab.client.create(CONFIG_MAPS, owned, lab.workloads)
    for name in ways:
        await lab.client.delete(APPLICATIONS, name, lab.namespace)
    await lab.gone("back")
    assert await is_leaving(lab, "back-owner") is None
    assert await is_leaving(lab, "back-owned") is not None
    for name in ("usual", "front"):
        await until_leaving(lab, f"{name}-owner")
        live = await lab.get(CONFIG_MAPS, f"{name}-owner")
        assert live is not None
        assert live["metadata"]["finalizers"] == ["foregroundDeletion"]
        assert (await lab.app(name)).metadata.finalizers == (ways[name],)
    for name in ways:
        await until_leaving(lab, f"{name}-owned")
        await released(lab, f"{name}-owned")
    await lab.gone("usual")
    await lab.gone("front")


async def test_what_the_project_does_not_permit_any_more_stays_and_is_told(lab: Lab) -> None:
    kept = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "kept"}}
    lab.renderer.holds(lab.repo, [config_map("one"), kept])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    forbidding = {"namespaceResourceBlacklist": [{"group": "", "kind": "Secret"}]}
    await lab.client.merge_patch(APP_PROJECTS, "default", {"spec": forbidding}, lab.namespace)
    await lab.until(lambda app: "ExcludedResourceWarning" in conditions(app))
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "one") is None
    assert await lab.get(SECRETS, "kept") is not None

    async def told() -> list[str]:
        found = [msgspec.json.decode(raw) for raw in await lab.client.list_all(EVENTS, lab.namespace)]
        return [event["message"] for event in found if event["reason"] == "ResourcesLeft"]

    async with asyncio.timeout(60):
        while not await told():
            await asyncio.sleep(0.1)
    [words] = await told()
    assert "kept" in words
    assert "resource :Secret is not permitted in project default" in words
