"""Operations: asked for by a person, with hooks and waves, ended, tried again, and resumed after a crash."""

from pathlib import Path

import msgspec
import pytest

from fairlead.app_controller.following.asked import REFRESH
from fairlead.events import RenderFailure
from fairlead.kube.collection import APP_PROJECTS, CONFIG_MAPS
from fairlead.model.application import Application
from tests.integration.app_controller.lab import (
    JOBS,
    LOCAL,
    NAMESPACES,
    Lab,
    automated,
    config_map,
    default_project,
    deployment,
    hook,
    is_synced,
)
from tests.integration.app_controller.test_economy import counted


async def test_a_person_syncs_a_paused_application(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app()
    app = await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    assert app.status.health.status == "Missing"
    assert await lab.get(CONFIG_MAPS, "settings") is None
    await lab.patch_app({"operation": {"initiatedBy": {"username": "ada"}, "sync": {}}})
    app = await lab.synced()
    assert app.status.history[0].initiated_by is not None
    assert app.status.history[0].initiated_by.username == "ada"


async def test_a_dry_run_changes_nothing(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {"dryRun": True}}})
    app = await lab.until(lambda app: app.operation is None and app.status.operation_state is not None)
    state = app.status.operation_state
    assert state is not None
    assert (state.phase, state.message) == ("Succeeded", "successfully synced (no more tasks)")
    assert state.sync_result is not None
    assert [item.message for item in state.sync_result.resources] == ["configmap/settings created (dry run)"]
    assert await lab.get(CONFIG_MAPS, "settings") is None
    assert app.status.history == ()


async def test_an_earlier_revision_can_be_synced(lab: Lab) -> None:
    first = lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app()
    await lab.renderer.commit(lab.repo, [config_map(colour="green")])
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {"revision": first}}})
    app = await lab.until(lambda app: app.operation is None and app.status.operation_state is not None)
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "blue"}
    assert app.status.sync.status == "OutOfSync"
    assert app.status.history[-1].revision == first


async def test_hooks_run_before_and_after(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [hook("before", "PreSync"), config_map(), hook("after", "PostSync")])
    await lab.create_app(**automated())
    app = await lab.synced()
    state = app.status.operation_state
    assert state is not None
    assert state.sync_result is not None
    told = [(item.name, item.sync_phase, item.hook_phase) for item in state.sync_result.resources]
    assert told == [
        ("before", "PreSync", "Succeeded"),
        ("settings", "Sync", "Succeeded"),
        ("after", "PostSync", "Succeeded"),
    ]


async def test_syncs_of_one_second_are_told_apart_and_each_runs_its_hooks(lab: Lab) -> None:
    before = config_map("before")
    before["metadata"]["annotations"] = {"argocd.argoproj.io/hook": "PreSync"}
    lab.renderer.holds(lab.repo, [before, config_map()])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    starts, made = [], []
    for _ in range(4):
        await lab.patch_app({"operation": {"sync": {}}})
        app = await lab.until(lambda app: app.operation is None and _began(app) not in {None, *starts})
        live = await lab.get(CONFIG_MAPS, "before")
        assert live is not None
        starts.append(_began(app))
        made.append(live["metadata"]["uid"])
    assert starts == sorted(starts)
    assert len(set(made)) == len(made)


def _began(app: Application) -> str | None:
    state = app.status.operation_state
    return state.started_at if state is not None else None


async def test_a_failed_hook_stops_the_sync(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [hook("before", "PreSync", "exit 1"), config_map()])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {}}})
    app = await lab.until(lambda app: app.operation is None and app.status.operation_state is not None)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Failed"
    assert await lab.get(CONFIG_MAPS, "settings") is None


async def test_waves_wait_for_health(lab: Lab) -> None:
    late = config_map("late")
    late["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": "2"}
    lab.renderer.holds(lab.repo, [deployment(), late])
    await lab.create_app(**automated())
    app = await lab.synced()
    state = app.status.operation_state
    assert state is not None
    assert state.sync_result is not None
    assert [item.name for item in state.sync_result.resources] == ["web", "late"]
    assert state.sync_result.resources[0].hook_phase == "Succeeded"


async def test_waves_do_not_wait_for_an_application_that_is_unhealthy(lab: Lab) -> None:
    repo, late = f"{lab.repo}/child", config_map("late")
    late["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": "1"}
    lab.renderer.holds(repo, [config_map("of-the-child")])
    source = {"repoURL": repo, "path": "."}
    spec = {"project": "default", "source": source, "destination": {"server": LOCAL, "namespace": "nobodys"}}
    child = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "child", "namespace": lab.namespace},
        "spec": spec,
    }
    lab.renderer.holds(lab.repo, [child, late])
    await lab.create_app(**automated())
    app = await lab.synced()
    assert await lab.get(CONFIG_MAPS, "late") is not None
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Succeeded"
    left = await lab.until(lambda app: app.status.health.status == "Missing", "child")
    assert left.status.sync.status == "OutOfSync"


async def test_a_sync_of_which_something_is_malformed_writes_nothing_and_runs_no_hook(
    lab: Lab, tmp_path: Path
) -> None:
    odd = deployment()
    odd["spec"]["replicas"] = "three"
    async with counted(lab, tmp_path) as proxy:
        lab.renderer.holds(lab.repo, [hook("before", "PreSync"), config_map(), odd])
        await lab.create_app()
        await lab.patch_app({"operation": {"sync": {}}})
        app = await lab.until(lambda app: app.operation is None and app.status.operation_state is not None)
        written = [line for line in proxy.requests if f"/namespaces/{lab.workloads}/" in line]
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Failed", app.status.operation_state.message
    assert any("dryRun" in line for line in written)
    assert [line for line in written if not line.startswith("GET ") and "dryRun" not in line] == []
    assert await lab.get(JOBS, "before") is None
    assert await lab.get(CONFIG_MAPS, "settings") is None


async def test_a_running_operation_can_be_terminated(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [hook("before", "PreSync", "sleep 1000"), config_map()])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.until_live(JOBS, "before", lambda live: live is not None)
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    app = await lab.until(lambda app: app.operation is None)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Failed"
    assert app.status.operation_state.message == "Operation terminated"
    await lab.until_live(JOBS, "before", lambda live: live is None)


async def test_an_operation_is_resumed_after_a_restart(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [hook("before", "PreSync", "sleep 5"), config_map()])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {}}})
    job = await lab.until_live(JOBS, "before", lambda live: live is not None)
    await lab.stop()
    await lab.start()
    assert job is not None
    patch = {"status": {"conditions": [{"type": "Complete", "status": "True"}]}}
    app = await lab.until(lambda app: app.status.operation_state is not None)
    assert app.operation is not None
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    app = await lab.until(lambda app: app.operation is None)
    assert patch
    again = await lab.get(JOBS, "before")
    assert again is None or again["metadata"]["uid"] == job["metadata"]["uid"]


async def test_create_namespace_makes_the_destination(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map()])
    home = f"{lab.workloads}-new"
    policy = automated()
    policy["syncPolicy"]["syncOptions"] = ["CreateNamespace=true"]
    await lab.create_app(namespace=home, **policy)
    await lab.synced()
    assert await lab.client.find(CONFIG_MAPS, "settings", home) is not None


@pytest.mark.parametrize("heals", [True, False])
async def test_other_labels_for_the_namespace_are_out_of_sync_until_it_has_them(
    lab: Lab, heals: bool
) -> None:
    lab.renderer.holds(lab.repo, [config_map()])
    home = f"{lab.workloads}-{'heals' if heals else 'shows'}"
    policy = automated(selfHeal=heals)
    policy["syncPolicy"]["syncOptions"] = ["CreateNamespace=true"]
    policy["syncPolicy"]["managedNamespaceMetadata"] = {"labels": {"team": "blue"}}
    await lab.create_app(namespace=home, **policy)
    await lab.synced()

    async def labels() -> dict[str, str]:
        return dict(msgspec.json.decode(await lab.client.get(NAMESPACES, home))["metadata"]["labels"])

    assert (await labels())["team"] == "blue"
    other = {"spec": {"syncPolicy": {"managedNamespaceMetadata": {"labels": {"team": "green"}}}}}
    await lab.patch_app(other)
    if not heals:
        await lab.until(lambda app: app.status.sync.status == "OutOfSync")
        assert (await labels())["team"] == "blue"
        await lab.patch_app({"operation": {"sync": {"syncOptions": ["CreateNamespace=true"]}}})
    await lab.until(
        lambda app: (
            is_synced(app)
            and app.status.operation_state is not None
            and app.status.operation_state.sync_result is not None
            and app.status.operation_state.sync_result.managed_namespace_metadata is not None
            and app.status.operation_state.sync_result.managed_namespace_metadata.labels == {"team": "green"}
        )
    )
    assert (await labels())["team"] == "green"


async def test_a_refresh_is_answered_and_its_annotation_removed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    revision = lab.renderer.holds(lab.repo, [config_map(colour="green")])
    await lab.patch_app({"metadata": {"annotations": {REFRESH: "normal"}}})
    app = await lab.until(lambda app: REFRESH not in app.metadata.annotations)
    assert app.status.sync.revision == revision


async def test_a_refresh_that_fails_counts_as_a_comparison(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    long_ago = "2026-01-01T00:00:00Z"
    await lab.patch_app({"status": {"reconciledAt": long_ago}})
    await lab.until(lambda app: app.status.reconciled_at == long_ago)
    lab.renderer.holds(lab.repo, RenderFailure(message="app.yaml: line 3: mapping values are not allowed"))
    await lab.patch_app({"metadata": {"annotations": {REFRESH: "normal"}}})
    app = await lab.until(lambda app: REFRESH not in app.metadata.annotations)
    assert app.status.sync.status == "Unknown"
    assert app.status.reconciled_at != long_ago


async def test_a_selective_sync_touches_only_what_is_named(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one"), config_map("two")])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {"resources": [{"kind": "ConfigMap", "name": "one"}]}}})
    app = await lab.until(lambda app: app.operation is None and app.status.operation_state is not None)
    assert await lab.get(CONFIG_MAPS, "one") is not None
    assert await lab.get(CONFIG_MAPS, "two") is None
    assert app.status.history == ()


async def test_a_moved_revision_is_written_with_the_next_real_write(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    moved = await lab.renderer.move(lab.repo, shard=0)
    await lab.eventually(lambda: lab.revisions() == (moved,))
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    await lab.until_live(
        CONFIG_MAPS, "settings", lambda live: live is not None and live["data"]["colour"] == "blue"
    )
    app = await lab.synced(revision=moved)
    assert len(app.status.history) == 1


async def test_a_newer_commit_ends_the_wait_for_another_attempt(lab: Lab) -> None:
    """The retries of what Git no longer wants would only keep away what it wants."""
    policy = automated()["syncPolicy"]
    retry = {"limit": 5, "backoff": {"duration": "1h"}}
    failing = lab.renderer.holds(lab.repo, [{**config_map(), "data": {"not a key": "x"}}])
    await lab.create_app(syncPolicy={**policy, "retry": retry})
    waiting = await lab.until(
        lambda app: app.status.operation_state is not None and app.status.operation_state.retry_count == 1
    )
    assert waiting.operation is not None
    mended = await lab.renderer.commit(lab.repo, [config_map(colour="blue")])
    app = await lab.synced(revision=mended)
    assert mended != failing
    assert app.status.history[-1].revision == mended


async def test_what_a_person_asked_for_is_tried_again_whatever_is_committed(lab: Lab) -> None:
    retry = {"limit": 5, "backoff": {"duration": "1h"}}
    lab.renderer.holds(lab.repo, [{**config_map(), "data": {"not a key": "x"}}])
    await lab.create_app()
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {}, "retry": retry}})
    await lab.until(
        lambda app: app.status.operation_state is not None and app.status.operation_state.retry_count == 1
    )
    mended = await lab.renderer.commit(lab.repo, [config_map(colour="blue")])
    app = await lab.until(lambda app: app.status.sync.revision == mended)
    assert app.operation is not None
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Running"


async def test_an_operation_deploys_from_no_repository_that_the_project_forbids(lab: Lab) -> None:
    """Whoever may write an Application, or have one written by Git, may name the sources of an operation."""
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    elsewhere = f"{lab.repo}-elsewhere"
    lab.renderer.holds(elsewhere, [config_map(colour="stolen")])
    strict = default_project()
    strict["metadata"]["name"], strict["spec"]["sourceRepos"] = "strict", [lab.repo]
    await lab.client.create(APP_PROJECTS, strict, lab.namespace)
    await lab.create_app(project="strict")
    await lab.until(lambda app: app.status.sync.status == "OutOfSync", patience=90)
    source = {"repoURL": elsewhere, "path": "."}
    await lab.patch_app({"operation": {"sync": {"source": source}}})
    app = await lab.until(
        lambda app: app.operation is None and app.status.operation_state is not None, patience=90
    )
    state = app.status.operation_state
    assert state is not None
    assert state.phase == "Error"
    assert f"application repo {elsewhere} is not permitted in project" in state.message
    assert await lab.get(CONFIG_MAPS, "settings") is None
