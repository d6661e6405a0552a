"""Pruning, and every reason not to."""

from fairlead.events import RenderFailure
from fairlead.kube.collection import CONFIG_MAPS
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    Lab,
    automated,
    conditions,
    config_map,
    deployment,
    is_synced,
)


async def test_what_git_no_longer_has_is_pruned(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one"), config_map("two")])
    await lab.create_app(**automated())
    await lab.synced()
    revision = await lab.renderer.commit(lab.repo, [config_map("one")])
    await lab.synced(revision=revision)
    assert await lab.get(CONFIG_MAPS, "two") is None
    assert await lab.get(CONFIG_MAPS, "one") is not None


async def test_without_prune_the_object_stays_and_is_shown(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one"), config_map("two")])
    await lab.create_app(**automated(prune=False))
    await lab.synced()
    revision = await lab.renderer.commit(lab.repo, [config_map("one")])
    app = await lab.until(
        lambda app: app.status.sync.status == "OutOfSync" and app.status.sync.revision == revision
    )
    assert [item.name for item in app.status.resources if item.requires_pruning] == ["two"]
    assert await lab.get(CONFIG_MAPS, "two") is not None


async def test_an_object_that_says_prune_false_stays(lab: Lab) -> None:
    kept = config_map("two")
    kept["metadata"]["annotations"] = {"argocd.argoproj.io/sync-options": "Prune=false"}
    lab.renderer.holds(lab.repo, [config_map("one", a="1"), kept])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.renderer.commit(lab.repo, [config_map("one", a="2")])
    app = await lab.until(
        lambda app: (
            app.status.operation_state is not None
            and app.status.operation_state.sync_result is not None
            and any(
                item.message == "ignored (no prune)"
                for item in app.status.operation_state.sync_result.resources
            )
            and app.operation is None
        )
    )
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Succeeded"
    assert await lab.get(CONFIG_MAPS, "two") is not None


async def test_an_empty_render_never_wipes_an_application_out(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app(**automated())
    await lab.synced()
    revision = await lab.renderer.commit(lab.repo, [])
    app = await lab.until(lambda app: "SyncError" in conditions(app))
    assert conditions(app)["SyncError"] == (
        f"Skipping sync attempt to [{revision}]: auto-sync will wipe out all resources"
    )
    assert await lab.get(CONFIG_MAPS, "one") is not None
    fixed = await lab.renderer.commit(lab.repo, [config_map("one")])
    app = await lab.synced(revision=fixed)
    assert "SyncError" not in conditions(app)


async def test_an_empty_render_is_pruned_when_that_is_allowed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app(**automated(allowEmpty=True))
    await lab.synced()
    revision = await lab.renderer.commit(lab.repo, [])
    await lab.synced(revision=revision)
    assert await lab.get(CONFIG_MAPS, "one") is None


async def test_a_failed_render_prunes_nothing_and_heals_itself(lab: Lab) -> None:
    good = lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.renderer.commit(
        lab.repo, RenderFailure(message="app.yaml: line 3: mapping values are not allowed")
    )
    app = await lab.until(lambda app: "ComparisonError" in conditions(app))
    assert app.status.sync.status == "Unknown"
    assert app.status.sync.revision == good
    assert "app.yaml: line 3" in conditions(app)["ComparisonError"]
    assert conditions(app)["ComparisonError"].startswith(
        "Failed to load target state: failed to generate manifest for source 1 of 1: "
    )
    assert await lab.get(CONFIG_MAPS, "one") is not None
    fixed = await lab.renderer.commit(lab.repo, [config_map("one", a="b")])
    app = await lab.synced(revision=fixed)
    assert "ComparisonError" not in conditions(app)


async def test_an_object_with_a_copied_mark_is_not_ours(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app(**automated())
    await lab.synced()
    live = await lab.get(CONFIG_MAPS, "one")
    assert live is not None
    copy = config_map("copy")
    copy["metadata"]["annotations"] = live["metadata"]["annotations"]
    await lab.client.create(CONFIG_MAPS, copy, lab.workloads)
    revision = await lab.renderer.commit(lab.repo, [config_map("one", a="b")])
    await lab.synced(revision=revision)
    assert await lab.get(CONFIG_MAPS, "copy") is not None


async def test_a_set_that_the_cache_lost_is_asked_for_again(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one"), config_map("two")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.stop()
    await lab.start()
    await lab.client.merge_patch(CONFIG_MAPS, "one", {"data": {"x": "y"}}, lab.workloads)
    await lab.synced()
    assert await lab.get(CONFIG_MAPS, "two") is not None


async def test_a_strangers_copied_mark_neither_lifts_the_protection_nor_counts_for_anything(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("precious")])
    await lab.create_app(**automated())
    await lab.synced()
    live = await lab.get(CONFIG_MAPS, "precious")
    assert live is not None
    copy = deployment("copy")
    copy["metadata"]["annotations"] = live["metadata"]["annotations"]
    copy["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:of-somebody-else"
    copy["spec"]["template"]["spec"]["nodeSelector"] = {"no": "node"}
    await lab.client.create(DEPLOYMENTS, copy, lab.workloads)
    app = await lab.until(lambda app: "CopiedResourceWarning" in conditions(app))
    assert "Deployment/copy" in conditions(app)["CopiedResourceWarning"]
    assert is_synced(app)
    assert app.status.summary.images == ()
    (entry,) = [item for item in app.status.resources if item.name == "copy"]
    assert (str(entry.status), entry.requires_pruning) == ("", False)
    await lab.renderer.commit(lab.repo, [])
    app = await lab.until(lambda app: "SyncError" in conditions(app))
    assert "auto-sync will wipe out all resources" in conditions(app)["SyncError"]
    assert await lab.get(CONFIG_MAPS, "precious") is not None
