"""The main job: what Git says becomes what the cluster has, and stays it."""

import asyncio
import base64

import msgspec

from tests.e2e.world import (
    APPLICATIONS,
    CONFIG_MAPS,
    CONTROL,
    DEPLOYMENTS,
    SECRETS,
    World,
    config_map,
    health_of,
    sync_of,
)

OVERLAY = "resources:\n- ../base\nnamePrefix: prod-\n"
BASE = "resources:\n- config.yaml\n"


async def test_a_commit_becomes_live_and_a_push_changes_it(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", colour="blue")})
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace)
    first = await repo.head()
    app = await world.settled(name, first)
    assert await world.data(namespace, "web") == {"colour": "blue"}
    assert app["status"]["history"][-1]["revision"] == first
    assert app["status"]["operationState"]["phase"] == "Succeeded"
    second = await repo.publish({"app/config.yaml": config_map("web", colour="green")}, "green")
    await world.settled(name, second)
    assert await world.data(namespace, "web") == {"colour": "green"}


async def test_without_a_webhook_the_poll_finds_the_commit(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace)
    await world.settled(name)
    hooks, world.git.webhooks[:] = list(world.git.webhooks), []
    try:
        head = await repo.publish({"app/config.yaml": config_map("web", n="2")}, "unannounced")
        await world.settled(name, head)
    finally:
        world.git.webhooks[:] = hooks
    assert await world.data(namespace, "web") == {"n": "2"}


async def test_kustomize_and_helm_sources_are_rendered(world: World) -> None:
    chart = {
        "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 0.1.0\n",
        "chart/values.yaml": "colour: red\n",
        "chart/templates/config.yaml": config_map("{{ .Release.Name }}-chart").replace(
            "  {}\n", "  colour: {{ .Values.colour }}\n"
        ),
    }
    tree = {"base/kustomization.yaml": BASE, "base/config.yaml": config_map("web", n="1")}
    repo = await world.repository({**tree, "prod/kustomization.yaml": OVERLAY, **chart})
    namespace = await world.namespace()
    kustomized = await world.application(world.url(repo), namespace, path="prod")
    source = {
        "repoURL": world.url(repo),
        "path": "chart",
        "helm": {"valuesObject": {"colour": "teal"}, "releaseName": "mine"},
    }
    charted = await world.application(world.url(repo), namespace, source=source)
    assert (await world.settled(kustomized))["status"]["sourceType"] == "Kustomize"
    assert (await world.settled(charted))["status"]["sourceType"] == "Helm"
    assert await world.data(namespace, "prod-web") == {"n": "1"}
    assert await world.data(namespace, "mine-chart") == {"colour": "teal"}


async def test_drift_is_healed_and_without_self_heal_it_is_shown(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    healing, watching = await world.namespace(), await world.namespace()
    healed = await world.application(world.url(repo), healing)
    shown = await world.application(world.url(repo), watching, automated={"prune": True})
    await world.settled(healed)
    await world.settled(shown)
    for namespace in (healing, watching):
        await world.client.merge_patch(CONFIG_MAPS, "web", {"data": {"n": "by hand"}}, namespace)
    await world.until_data(healing, "web", {"n": "1"})
    await world.until_app(shown, lambda app: sync_of(app) == "OutOfSync")
    assert await world.data(watching, "web") == {"n": "by hand"}
    await world.settled(healed)


async def test_a_manifest_removed_from_git_is_pruned_only_when_asked(world: World) -> None:
    files = {"app/a.yaml": config_map("a", n="1"), "app/b.yaml": config_map("b", n="1")}
    repo = await world.repository(files)
    pruning, keeping = await world.namespace(), await world.namespace()
    pruned = await world.application(world.url(repo), pruning)
    kept = await world.application(world.url(repo), keeping, automated={"selfHeal": True})
    await world.settled(pruned)
    await world.settled(kept)
    head = await repo.publish({"app/b.yaml": None}, "without b")
    await world.settled(pruned, head)
    await world.until_data(pruning, "b", None)
    app = await world.until_app(kept, lambda found: sync_of(found) == "OutOfSync")
    assert await world.data(keeping, "b") == {"n": "1"}
    assert [r["name"] for r in app["status"]["resources"] if r.get("requiresPruning")] == ["b"]


async def test_an_operation_written_by_hand_runs_and_is_cleared(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace, automated={})
    await world.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    assert health_of(await world.app(name)) == "Missing"
    operation = {"initiatedBy": {"username": "somebody"}, "sync": {"syncStrategy": {"hook": {}}}}
    await world.patch_app(name, {"operation": operation})
    app = await world.settled(name)
    assert app["status"]["operationState"]["operation"]["initiatedBy"]["username"] == "somebody"
    assert app["status"]["history"][-1]["initiatedBy"]["username"] == "somebody"


async def test_a_namespace_is_created_when_the_option_says_so(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    namespace = world.unique("created")
    policy = {"automated": {"prune": True}, "syncOptions": ["CreateNamespace=true"]}
    name = await world.application(world.url(repo), namespace, syncPolicy=policy)
    await world.settled(name)
    assert await world.data(namespace, "web") == {"n": "1"}


async def test_an_application_whose_manifests_are_applications_brings_them_up(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    namespace, child = await world.namespace(), world.unique("child")
    manifest = msgspec.json.encode(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": child, "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
            "spec": {
                "project": "default",
                "source": {"repoURL": world.url(repo), "path": "app", "targetRevision": "main"},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": namespace},
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
            },
        }
    ).decode()
    platform = await world.repository({"apps/README.md": "nothing yet\n", "apps/child.json": manifest})
    root = await world.application(world.url(platform), CONTROL, path="apps", finalizer=True)
    await world.settled(child)
    await world.settled(root)
    assert await world.data(namespace, "web") == {"n": "1"}
    await world.client.delete(APPLICATIONS, root, CONTROL)
    await world.until_app(root, lambda app: not app)
    await world.until_app(child, lambda app: not app)
    await world.until_data(namespace, "web", None)


async def test_deleting_without_the_finalizer_leaves_what_was_deployed(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace)
    await world.settled(name)
    await world.client.delete(APPLICATIONS, name, CONTROL)
    await world.until_app(name, lambda app: not app)
    assert await world.data(namespace, "web") == {"n": "1"}


async def test_a_deployment_is_progressing_until_its_pods_are_ready(world: World) -> None:
    deployment = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
"""
    repo = await world.repository({"app/deployment.yaml": deployment})
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace)
    app = await world.settled(name)
    assert app["status"]["summary"]["images"] == ["nginx:1.27"]
    scale = {"spec": {"replicas": 7}}
    await world.client.merge_patch(DEPLOYMENTS, "web", scale, namespace)

    async def is_healed() -> bool:
        found = await world.get(DEPLOYMENTS, "web", namespace)
        return found is not None and found["spec"]["replicas"] == 2

    await world.until(is_healed, "2 replicas again")


async def test_the_initial_password_is_in_its_secret(world: World) -> None:
    found = await world.get(SECRETS, "argocd-initial-admin-secret", CONTROL)
    assert found is not None
    assert len(base64.b64decode(found["data"]["password"])) >= 12


async def test_a_request_that_comes_while_our_own_write_is_under_way_is_answered(world: World) -> None:
    """The answer to a status write holds what was written just before it; it must not be taken for ours."""
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace, automated={})
    await world.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    for number in range(12):
        if number:
            by_hand = {"data": {"n": f"by hand {number}"}}
            await world.client.merge_patch(CONFIG_MAPS, "web", by_hand, namespace)
        await asyncio.sleep(0.004 * number)
        await world.patch_app(name, {"operation": {"sync": {"syncStrategy": {"hook": {}}}}})
        await world.until_app(name, lambda app: not app.get("operation"))
        await world.until_data(namespace, "web", {"n": "1"})
