"""The end of applications, and of what they managed; and applications made of applications."""

import asyncio

from fairlead.health.assess import HOOK_FINALIZER
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS
from tests.integration.app_controller.lab import (
    CLUSTER_ROLES,
    JOBS,
    LOCAL,
    Lab,
    automated,
    conditions,
    config_map,
    default_project,
    hook,
    is_synced,
)
from tests.integration.app_controller.renderer import Document

FINALIZER = "resources-finalizer.argocd.argoproj.io"


async def test_a_cascade_deletes_what_was_managed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one"), config_map("two")])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    await lab.client.create(CONFIG_MAPS, config_map("other"), lab.workloads)
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "one") is None
    assert await lab.get(CONFIG_MAPS, "two") is None
    assert await lab.get(CONFIG_MAPS, "other") is not None


async def test_without_a_finalizer_everything_stays(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "one") is not None


async def test_an_object_that_says_delete_false_outlives_its_application(lab: Lab) -> None:
    kept = config_map("kept")
    kept["metadata"]["annotations"] = {"argocd.argoproj.io/sync-options": "Delete=false"}
    lab.renderer.holds(lab.repo, [config_map("one"), kept])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "one") is None
    assert await lab.get(CONFIG_MAPS, "kept") is not None


def child_application(lab: Lab) -> Document:
    """An Application that Git holds, which cascades."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "child", "namespace": lab.namespace, "finalizers": [FINALIZER]},
        "spec": {
            "project": "default",
            "source": {"repoURL": lab.repo, "path": "."},
            "destination": {"server": LOCAL, "namespace": lab.workloads},
            **automated(),
        },
    }


async def test_an_application_of_applications_waits_for_its_children(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one")])
    parent_repo = lab.repo.replace("config", "parent")
    lab.renderer.holds(parent_repo, [child_application(lab)])
    await lab.create_app(
        "parent", source={"repoURL": parent_repo, "path": "."}, finalizers=[FINALIZER], **automated()
    )
    await lab.created("child")
    await lab.synced("child")
    parent = await lab.until(is_synced, "parent")
    assert parent.status.summary.is_app_of_apps
    assert await lab.get(CONFIG_MAPS, "one") is not None
    await lab.client.delete(APPLICATIONS, "parent", lab.namespace)
    await lab.gone("parent")
    assert await lab.client.find(APPLICATIONS, "child", lab.namespace) is None
    assert await lab.get(CONFIG_MAPS, "one") is None


async def test_an_application_of_an_unknown_cluster_can_go(lab: Lab) -> None:
    await lab.create_app(destination={"name": "nowhere", "namespace": "x"}, finalizers=[FINALIZER])
    await lab.until(lambda app: bool(app.status.conditions))
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()


async def test_hooks_run_before_and_after_the_deletion(lab: Lab) -> None:
    gone = {"argocd.argoproj.io/hook-delete-policy": "HookSucceeded"}
    after = hook("after", "PostDelete", **gone)
    lab.renderer.holds(lab.repo, [config_map("one"), hook("before", "PreDelete"), after])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    app = await lab.synced()
    assert "pre-delete-finalizer.argocd.argoproj.io" in app.metadata.finalizers
    assert await lab.get(JOBS, "before") is None
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "one") is None
    await lab.until_live(JOBS, "after", lambda live: live is None)


async def test_a_failed_hook_keeps_everything(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one"), hook("before", "PreDelete", "exit 1")])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    app = await lab.until(lambda app: "DeletionError" in conditions(app))
    assert conditions(app)["DeletionError"] == (
        f"error executing pre-delete hooks: PreDelete hook(s) failed: {lab.workloads}/before"
    )
    assert await lab.get(CONFIG_MAPS, "one") is not None


async def test_no_hook_of_a_deletion_is_made_that_the_project_forbids(lab: Lab) -> None:
    """Neither of a kind, nor in a place, that it does not permit; what is to be deleted stays until then."""
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {
            "name": f"{lab.workloads}-everything",
            "annotations": {"argocd.argoproj.io/hook": "PreDelete"},
        },
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
    }
    lab.renderer.holds(lab.repo, [config_map("one"), hook("before", "PreDelete"), role])
    forbidding = {
        "clusterResourceWhitelist": [],
        "namespaceResourceBlacklist": [{"group": "batch", "kind": "Job"}],
    }
    await lab.client.merge_patch(APP_PROJECTS, "default", {"spec": forbidding}, lab.namespace)
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.until(lambda app: "pre-delete-finalizer.argocd.argoproj.io" in app.metadata.finalizers)
    await lab.until_live(CONFIG_MAPS, "one", lambda live: live is not None)
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    app = await lab.until(lambda app: "DeletionError" in conditions(app))
    assert "is not permitted in project default" in conditions(app)["DeletionError"]
    assert await lab.get(JOBS, "before") is None
    assert await lab.client.find(CLUSTER_ROLES, role["metadata"]["name"]) is None  # type: ignore[index]
    assert await lab.get(CONFIG_MAPS, "one") is not None
    permitting = {
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        "namespaceResourceBlacklist": None,
    }
    await lab.client.merge_patch(APP_PROJECTS, "default", {"spec": permitting}, lab.namespace)
    await lab.gone()


async def test_the_cascade_frees_a_hook_that_a_sync_left_held(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [hook("before", "PreSync"), config_map("one")])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    held = {"metadata": {"finalizers": [HOOK_FINALIZER]}}
    await lab.client.merge_patch(JOBS, "before", held, lab.workloads)
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(JOBS, "before") is None
    assert await lab.get(CONFIG_MAPS, "one") is None


async def test_the_cascade_frees_a_held_hook_that_somebody_else_began_to_delete(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [hook("before", "PreSync"), config_map("one")])
    await lab.create_app(finalizers=[FINALIZER], **automated())
    await lab.synced()
    others = {"metadata": {"finalizers": [HOOK_FINALIZER, "example.com/kept"]}}
    await lab.client.merge_patch(JOBS, "before", others, lab.workloads)
    await lab.client.delete(JOBS, "before", lab.workloads)
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    live = await lab.until_live(
        JOBS, "before", lambda job: job is None or HOOK_FINALIZER not in job["metadata"]["finalizers"]
    )
    assert live is not None
    assert "example.com/kept" in live["metadata"]["finalizers"]
    await lab.client.merge_patch(JOBS, "before", {"metadata": {"finalizers": None}}, lab.workloads)
    await lab.gone()


async def test_a_child_application_does_not_wait_for_the_garbage_collector(lab: Lab) -> None:
    """Its own finalizer cascades; the collector does not know a kind that is new to its cluster."""
    hold = "example.io/hold"
    parent_repo = lab.repo.replace("config", "parent")
    child = child_application(lab)
    child["metadata"]["finalizers"] = [FINALIZER, hold]
    lab.renderer.holds(lab.repo, [config_map("one")])
    lab.renderer.holds(parent_repo, [child])
    await lab.create_app(
        "parent", source={"repoURL": parent_repo, "path": "."}, finalizers=[FINALIZER], **automated()
    )
    await lab.created("child")
    await lab.synced("child")
    await lab.client.delete(APPLICATIONS, "parent", lab.namespace)
    held = await lab.until(lambda app: app.is_deleting and FINALIZER not in app.metadata.finalizers, "child")
    assert held.metadata.finalizers == (hold,)
    await lab.patch_app({"metadata": {"finalizers": None}}, "child")
    await lab.gone("child")
    await lab.gone("parent")


def project(name: str, *finalizers: str) -> Document:
    made = default_project()
    made["metadata"] = {"name": name, "finalizers": list(finalizers)}
    return made


async def until_no_project(lab: Lab, name: str) -> None:
    async with asyncio.timeout(120):
        while await lab.client.find(APP_PROJECTS, name, lab.namespace) is not None:
            await asyncio.sleep(0.05)


async def test_a_project_outlives_its_applications_and_then_goes(lab: Lab) -> None:
    await lab.client.create(APP_PROJECTS, project("team", FINALIZER), lab.namespace)
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app(finalizers=[FINALIZER], project="team", **automated())
    await lab.synced()
    await lab.client.delete(APP_PROJECTS, "team", lab.namespace)
    revision = await lab.renderer.commit(lab.repo, [config_map("one", still="served")])
    await lab.synced(revision=revision)
    assert await lab.client.find(APP_PROJECTS, "team", lab.namespace) is not None
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "one") is None
    await until_no_project(lab, "team")


async def test_an_application_is_deleted_with_its_objects_although_its_project_is_gone(lab: Lab) -> None:
    await lab.client.create(APP_PROJECTS, project("team"), lab.namespace)
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app(finalizers=[FINALIZER], project="team", **automated())
    await lab.synced()
    await lab.client.delete(APP_PROJECTS, "team", lab.namespace)
    await lab.until(lambda app: "InvalidSpecError" in conditions(app))
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "one") is None


async def test_a_commit_that_drops_an_application_and_its_project_ends_both(lab: Lab) -> None:
    repo = f"{lab.repo}/child"
    lab.renderer.holds(repo, [config_map("of-the-child")])
    child: Document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "child", "finalizers": [FINALIZER]},
        "spec": {
            "project": "team",
            "source": {"repoURL": repo, "path": "."},
            "destination": {"server": LOCAL, "namespace": lab.workloads},
            **automated(),
        },
    }
    lab.renderer.holds(lab.repo, [config_map("kept"), child, project("team", FINALIZER)])
    await lab.create_app(namespace=lab.namespace, **automated())
    await lab.created("child")
    await lab.synced("child")
    revision = await lab.renderer.commit(lab.repo, [config_map("kept")])
    await lab.gone("child")
    await until_no_project(lab, "team")
    await lab.synced(revision=revision)
    assert await lab.get(CONFIG_MAPS, "of-the-child") is None
