"""Applications wait for those that they depend on, and are woken by them."""

import asyncio
from typing import Any

import pytest

from fairlead.app_controller.looking import dependencies
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS
from fairlead.matching.dependencies import ANNOTATION, DEPENDENTS
from fairlead.model.application import Application
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map, is_synced

REFRESH = "argocd.argoproj.io/refresh"
INFO, WARNING = "DependencyInfo", "DependencyWarning"
CASCADE = ["resources-finalizer.argocd.argoproj.io"]


async def pair(lab: Lab, on: str = "database", **more: Any) -> None:
    """`web` depends on `database`; both follow the lab's repository, and each has a namespace of its own."""
    await lab.create_app("database", **{**automated(), **more})
    await lab.create_app("web", namespace="default", annotations={ANNOTATION: on}, **automated())


def waits(app: Application) -> bool:
    return INFO in conditions(app)


def deployed(app: Application) -> str:
    state = app.status.operation_state
    return state.sync_result.revision if state is not None and state.sync_result is not None else ""


async def test_a_commit_that_touches_both_is_deployed_to_the_dependency_first(lab: Lab) -> None:
    first = lab.renderer.holds(lab.repo, [config_map(f"order-{lab.namespace}", at="1")])
    await pair(lab)
    await lab.synced("database")
    await lab.synced("web")
    second = lab.renderer.holds(lab.repo, [config_map(f"order-{lab.namespace}", at="2")])
    await lab.renderer.say("web", second, epoch="first", number=2)
    app = await lab.until(waits, "web")
    assert conditions(app)[INFO] == (
        f"waiting for what it depends on: database: it is at {first[:7]}, {second[:7]} is to come"
    )
    assert app.status.sync.status == "OutOfSync"
    assert deployed(app) == first
    waiting = lab.outlook("web").waiting
    assert waiting is not None
    assert (waiting.reason, waiting.objects[0].name) == ("dependencies", "database")
    assert (await lab.app("database")).status.sync.status == "Synced", (
        "as its status says of the first commit"
    )
    await lab.renderer.say("database", second, epoch="first", number=2)
    app = await lab.until(lambda app: is_synced(app) and deployed(app) == second, "web")
    assert not waits(app)
    assert lab.outlook("web").waiting is None
    database = await lab.app("database")
    assert deployed(database) == second
    assert database.status.operation_state is not None
    assert app.status.operation_state is not None
    assert (database.status.operation_state.finished_at or "") <= app.status.operation_state.started_at


async def test_a_dependency_that_nobody_syncs_is_waited_for_until_somebody_does(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(f"manual-{lab.namespace}")])
    await pair(lab, syncPolicy={})
    app = await lab.until(lambda app: "database: it is OutOfSync" in conditions(app).get(INFO, ""), "web")
    assert app.status.operation_state is None
    await lab.patch_app({"operation": {"sync": {}}}, "database")
    await lab.synced("database")
    await lab.synced("web")


async def test_what_heals_does_not_wait(lab: Lab) -> None:
    name = f"heal-{lab.namespace}"
    lab.renderer.holds(lab.repo, [config_map(name, kept="yes")])
    await pair(lab)
    await lab.synced("database")
    await lab.synced("web")
    await lab.patch_app({"metadata": {"annotations": {ANNOTATION: "database, missing"}}}, "web")
    await lab.until(lambda app: WARNING in conditions(app), "web")
    await lab.client.merge_patch(CONFIG_MAPS, name, {"data": {"kept": "no"}}, "default")
    await lab.until(
        lambda app: bool(
            app.status.operation_state
            and app.status.operation_state.operation.sync
            and app.status.operation_state.operation.sync.auto_heal_attempts_count
        ),
        "web",
    )
    assert not waits(await lab.synced("web"))


async def test_one_that_does_not_exist_is_told_of_and_waited_for(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(f"missing-{lab.namespace}")])
    await lab.create_app("web", namespace="default", annotations={ANNOTATION: "database"}, **automated())
    app = await lab.until(waits, "web")
    assert "database is depended on: it does not exist" in conditions(app)[WARNING]
    await lab.create_app("database", **automated())
    assert WARNING not in conditions(await lab.synced("web"))


async def test_a_circle_is_told_to_all_in_it_and_holds_nobody(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(f"circle-{lab.namespace}")])
    await pair(lab, annotations={ANNOTATION: "web"})
    for name in ("database", "web"):
        app = await lab.synced(name)
        assert conditions(app)[WARNING] == (
            "these depend on each other, so none of them waits for another: database, web"
        )
    await lab.patch_app({"metadata": {"annotations": {ANNOTATION: None}}}, "database")
    for name in ("database", "web"):
        await lab.until(lambda app: WARNING not in conditions(app), name)


async def test_another_project_is_waited_for_where_it_lets_that(lab: Lab) -> None:
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "infra"},
        "spec": {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}]},
    }
    await lab.client.create(APP_PROJECTS, body, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map(f"project-{lab.namespace}")])
    await pair(lab, project="infra")
    assert "its project does not let others" in conditions(await lab.until(waits, "web"))[WARNING]
    opened = {"metadata": {"annotations": {DEPENDENTS: "def*"}}}
    await lab.client.merge_patch(APP_PROJECTS, "infra", opened, lab.namespace)
    assert WARNING not in conditions(await lab.synced("web"))


async def test_one_of_another_replica_wakes_it_by_what_that_writes(lab: Lab) -> None:
    """The database is left to somebody else here; what it says comes by the watch alone."""
    revision = lab.renderer.holds(lab.repo, [config_map(f"other-{lab.namespace}")])
    others = {"argocd.argoproj.io/skip-reconcile": "true"}
    await pair(lab, annotations=others)
    assert "database: it was not compared yet" in conditions(await lab.until(waits, "web"))[INFO]
    spec = (await lab.client.get(APPLICATIONS, "database", lab.namespace)).decode()
    source, place = {"repoURL": lab.repo, "path": "."}, {"namespace": lab.workloads}
    compared = {"source": source, "destination": {"server": "https://kubernetes.default.svc", **place}}
    sync = {"status": "Synced", "revision": revision, "comparedTo": compared}
    assert lab.repo in spec
    await lab.patch_app({"status": {"sync": sync, "health": {"status": "Healthy"}}}, "database")
    await lab.synced("web")


async def test_a_status_that_does_not_say_the_commit_is_asked_for_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of the ref is lost, and the commit left the database as it was."""
    monkeypatch.setattr(dependencies, "ASK_AFTER", 0.1)
    lab.renderer.holds(lab.repo, [config_map(f"lost-{lab.namespace}", at="1")])
    await pair(lab)
    await lab.synced("database")
    await lab.synced("web")
    second = lab.renderer.holds(lab.repo, [config_map(f"lost-{lab.namespace}", at="2")])
    await lab.renderer.say("web", second, epoch="first", number=2)
    await lab.until(lambda app: is_synced(app) and deployed(app) == second, "web")


async def test_a_sync_that_a_set_asks_for_waits_too_and_one_of_a_person_does_not(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(f"given-{lab.namespace}")])
    await pair(lab, syncPolicy={})
    await lab.patch_app({"spec": {"syncPolicy": None}}, "web")
    await lab.until(lambda app: app.status.sync.status == "OutOfSync", "web")
    given = {
        "operation": {"initiatedBy": {"automated": True, "username": "applicationset-controller"}, "sync": {}}
    }
    await lab.patch_app(given, "web")
    app = await lab.until(waits, "web")
    assert app.operation is not None
    for _ in range(3):
        await lab.patch_app({"metadata": {"annotations": {REFRESH: "normal"}}}, "web")
        app = await lab.until(lambda app: REFRESH not in app.metadata.annotations, "web")
        state = app.status.operation_state
        assert waits(app)
        assert state is not None
        assert (state.phase, state.sync_result) == ("Running", None), "looked at again, it waits still"
    await lab.patch_app({"operation": None, "status": {"operationState": None}}, "web")
    await lab.until(lambda app: app.operation is None, "web")
    await lab.patch_app({"operation": {"sync": {}}}, "web")
    await lab.synced("web")


async def test_what_depends_goes_before_what_it_depends_on(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"gone-{lab.namespace}"
    held = config_map(name)
    held["metadata"]["finalizers"] = ["example.com/hold"]
    lab.renderer.holds(lab.repo, [held])
    await pair(lab, finalizers=CASCADE)
    await lab.patch_app({"metadata": {"finalizers": CASCADE}}, "web")
    await lab.synced("database")
    await lab.synced("web")
    await lab.client.delete(APPLICATIONS, "web", lab.namespace)
    await lab.client.delete(APPLICATIONS, "database", lab.namespace)
    await lab.eventually(lambda: "to be gone" in str(lab.outlook("database").waiting))
    assert "web" in str(lab.outlook("database").waiting)
    await lab.until_live(CONFIG_MAPS, name, lambda found: found is not None)
    left = await lab.get(CONFIG_MAPS, name)
    assert left is not None
    assert "deletionTimestamp" not in left["metadata"]
    free = {"metadata": {"finalizers": None}}
    await lab.client.merge_patch(CONFIG_MAPS, name, free, "default")
    await lab.gone("web")
    await lab.until_live(
        CONFIG_MAPS, name, lambda found: bool(found and "deletionTimestamp" in found["metadata"])
    )
    await lab.client.merge_patch(CONFIG_MAPS, name, free, lab.workloads)
    await lab.gone("database")


async def test_a_deletion_waits_for_nobody_for_ever(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "PATIENCE", 1.0)
    lab.renderer.holds(lab.repo, [config_map(f"end-{lab.namespace}")])
    await pair(lab, finalizers=CASCADE)
    await lab.patch_app({"metadata": {"finalizers": ["example.com/hold"]}}, "web")
    await lab.synced("web")
    for name in ("web", "database"):
        await lab.client.delete(APPLICATIONS, name, lab.namespace)
    await lab.gone("database")
    await asyncio.sleep(0)
    assert (await lab.app("web")).is_deleting
