"""One object for a person: patched, deleted, linked to, predicted, shown in its tree; and what is refused."""

import asyncio
import base64
from contextlib import suppress

import msgspec
import pytest

from fairlead.bus import RemoteError
from fairlead.events.envelope import decode
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS
from fairlead.rpc import ApplicationQuery, LiveResource, ManagedResource, ManagedResources, ResourceTree
from fairlead.rpc.controller import AWAIT_TREE, LIVE, MANAGED, AwaitTree
from fairlead.rpc.resource import (
    ACTIONS,
    DELETE,
    EVENTS,
    LINKS,
    PATCH,
    PREDICT,
    RUN,
    DeleteResource,
    Links,
    LinksQuery,
    PatchResource,
    Predict,
    ResourceEvents,
    RunAction,
)
from tests.integration.app_controller.lab import (
    CLUSTER_ROLES,
    DEPLOYMENTS,
    Lab,
    automated,
    config_map,
    deployment,
)
from tests.integration.app_controller.on_demand.asking import CANARY, MERGE, PODS, Asking, secret


async def shown_although_not_kept(lab: Lab, asking: Asking, pod: str) -> None:
    """Nobody manages a pod: what is not kept of it is read from the cluster when somebody asks."""
    shown = decode(LiveResource, await asking.ask(LIVE, ApplicationQuery(**asking.named("", "Pod", pod))))
    assert "schedulerName" in msgspec.json.decode(shown.manifest)["spec"]
    assert lab.controller is not None
    held = lab.controller.clusters.opened_clusters()[0].live.index.of_kind(PODS.group_kind)
    assert not any(live.is_whole for live in held if live.key.namespace == lab.workloads)


async def tried_and_not_written(lab: Lab, asking: Asking) -> None:
    """The API server says what would become of an object, and of a patch that is overtaken."""
    web, login = asking.named("apps", "Deployment", "web"), asking.named("", "Secret", "login")
    tried = await asking.patch(web, {"spec": {"replicas": 5}}, dry_run=True)
    assert tried["spec"]["replicas"] == 5
    held = msgspec.json.decode(await lab.client.get(DEPLOYMENTS, "web", lab.workloads))
    assert held["spec"]["replicas"] == 2
    stale = {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 5}}
    with pytest.raises(RemoteError) as overtaken:
        await asking.patch(web, stale, dry_run=True)
    assert overtaken.value.code == "Aborted"
    tried = await asking.patch(login, {"data": {"password": base64.b64encode(b"new").decode()}}, dry_run=True)
    assert tried["data"] == {"password": "++++++++++++"}, "masked, and shown as another value"


async def test_a_person_patches_and_deletes_objects_of_the_application_and_no_others(
    lab: Lab, asking: Asking
) -> None:
    lab.renderer.holds(lab.repo, [deployment(), config_map(colour="blue"), secret()])
    await lab.create_app(**automated(selfHeal=False, prune=False))
    await lab.synced()
    web = asking.named("apps", "Deployment", "web")

    shown = await asking.patch(web, {"metadata": {"annotations": {"x": "y"}}})
    assert shown["metadata"]["annotations"]["x"] == "y"
    shown = await asking.patch(
        web,
        [{"op": "replace", "path": "/spec/replicas", "value": 2}],
        "application/json-patch+json",
    )
    assert shown["spec"]["replicas"] == 2
    containers = [{"name": "main", "image": "nginx:1.28"}]
    shown = await asking.patch(
        web,
        {"spec": {"template": {"spec": {"containers": containers}}}},
        "application/strategic-merge-patch+json",
    )
    assert shown["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.28"
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")

    await tried_and_not_written(lab, asking)

    encoded = base64.b64encode(b"another-canary").decode()
    login = asking.named("", "Secret", "login")
    answer = await asking.ask(
        PATCH,
        PatchResource(**login, patch=f'{{"data":{{"other":"{encoded}"}}}}', patch_type=MERGE),
    )
    assert not any(each in answer for each in (encoded.encode(), base64.b64encode(CANARY.encode())))

    with pytest.raises(RemoteError) as refused:
        await asking.patch(login, {"data": {"password": "not base64 " + CANARY}})
    assert CANARY not in str(refused.value)

    await lab.client.create(CONFIG_MAPS, config_map("foreign", a="b"), lab.workloads)
    foreign = asking.named("", "ConfigMap", "foreign")
    for verb, question in (
        (PATCH, PatchResource(**foreign, patch="{}", patch_type=MERGE)),
        (DELETE, DeleteResource(**foreign)),
        (EVENTS, ApplicationQuery(**foreign)),
        (ACTIONS, ApplicationQuery(**foreign)),
        (RUN, RunAction(**foreign, action="restart")),
        (DELETE, DeleteResource(**asking.named("", "ConfigMap", "argocd-cm", lab.namespace))),
    ):
        with pytest.raises(RemoteError) as refused:
            await asking.ask(verb, question)
        assert refused.value.code == "NotFound"
    assert await lab.get(CONFIG_MAPS, "foreign") is not None

    with pytest.raises(RemoteError) as refused:
        await asking.patch(web, {}, "text/plain")
    assert (refused.value.code, str(refused.value)) == (
        "InvalidArgument",
        "Patch type 'text/plain' is not supported",
    )
    with pytest.raises(RemoteError) as refused:
        await asking.patch(web, {"spec": {"replicas": "many"}})
    assert refused.value.code in ("InvalidArgument", "FailedPrecondition")

    events = decode(ResourceEvents, await asking.ask(EVENTS, ApplicationQuery(**web)))
    assert any(b"ScalingReplicaSet" in item for item in events.items)

    forbidding = {"spec": {"namespaceResourceBlacklist": [{"group": "", "kind": "Secret"}]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", forbidding, lab.namespace)
    async with asyncio.timeout(60):
        while True:
            try:
                await asking.patch(login, {"metadata": {"annotations": {"z": "z"}}})
            except RemoteError as error:
                assert error.code == "NotFound"
                break
            await asyncio.sleep(0.1)

    pod = (
        next(
            live.key.name
            for live in lab.controller.clusters.opened_clusters()[0].live.index.of_kind(PODS.group_kind)
            if live.key.namespace == lab.workloads
        )
        if lab.controller
        else ""
    )
    await shown_although_not_kept(lab, asking, pod)
    await asking.ask(DELETE, DeleteResource(**asking.named("", "Pod", pod), force=True))
    await lab.until_live(PODS, pod, lambda found: found is None)
    await asking.ask(DELETE, DeleteResource(**web, orphan=True))
    await lab.until_live(DEPLOYMENTS, "web", lambda found: found is None)


HOST_NAME = "kubernetes.io/hostname"
LINKS_OF_APPLICATIONS = """
- title: Board
  url: https://board.example/d?app={{.app.metadata.name}}&cluster={{.cluster.name | upper}}
  description: of the application
  icon.class: fa-chart
  if: application.spec.project == "default"
- title: Elsewhere
  url: https://other.example
  if: application.spec.project == "other"
- title: Script
  url: "javascript:alert({{.app.metadata.name}})"
- title: Broken
  url: "{{ .app.metadata.name"
- title: Environment
  url: "https://x.example/{{ env `PATH` }}"
- title: No boolean
  url: https://y.example
  if: application.metadata.name
"""
LINKS_OF_RESOURCES = """
- title: Log
  url: https://log.example/{{.resource.kind}}/{{.resource.metadata.name}}?p={{.project.metadata.name}}
- title: Value
  url: https://log.example/{{ index .resource.data "password" }}
  if: resource.kind == "Secret"
"""


async def test_links_are_templates_with_conditions_and_allowed_schemes(lab: Lab, asking: Asking) -> None:
    lab.renderer.holds(lab.repo, [secret()])
    await lab.create_app(**automated())
    await lab.synced()
    data = {"application.links": LINKS_OF_APPLICATIONS, "resource.links": LINKS_OF_RESOURCES}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": data}, lab.namespace)
    document = await lab.client.get(APPLICATIONS, "app", lab.namespace)

    async def links(**named: str) -> dict[str, str]:
        question = LinksQuery(namespace=lab.namespace, name="app", document=document, **named)
        found = decode(Links, await asking.ask(LINKS, question))
        return {item.title: item.url for item in found.items}

    async with asyncio.timeout(60):
        while not (found := await links()):
            await asyncio.sleep(0.1)
    assert found == {"Board": "https://board.example/d?app=app&cluster=IN-CLUSTER"}
    named = {"kind": "Secret", "resource_name": "login", "resource_namespace": lab.workloads}
    found = await links(**named)
    assert found["Log"] == "https://log.example/Secret/login?p=default"
    assert found["Value"] == "https://log.example/++++++++"


async def test_the_api_server_says_what_applying_would_change(lab: Lab, asking: Asking) -> None:
    lab.renderer.holds(lab.repo, [deployment(), secret()])
    await lab.create_app(**automated())
    await lab.synced()
    wanted = [deployment(), deployment(replicas=2), deployment("fresh"), secret()]
    texts = tuple(msgspec.json.encode(obj).decode() for obj in wanted)
    question = Predict(namespace=lab.namespace, name="app", manifests=texts)
    answer = await asking.ask(PREDICT, question)
    same, scaled, fresh, hidden = decode(ManagedResources, answer).items
    assert [item.modified for item in (same, scaled, fresh, hidden)] == [False, True, True, False]
    assert msgspec.json.decode(scaled.predicted_live_state)["spec"]["replicas"] == 2
    assert msgspec.json.decode(scaled.live_state)["spec"]["replicas"] == 1
    assert fresh.live_state == "null"
    assert CANARY.encode() not in answer
    assert base64.b64encode(CANARY.encode()) not in answer
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert live["spec"]["replicas"] == 1
    with pytest.raises(RemoteError) as refused:
        await asking.ask(PREDICT, Predict(namespace=lab.namespace, name="app", manifests=("{}",)))
    assert refused.value.code == "InvalidArgument"


async def test_nothing_is_told_of_what_lies_beside_an_application(lab: Lab, asking: Asking) -> None:
    """Neither by a manifest of a stranger's making, nor by one in Git that the project forbids."""
    for name, namespace in (("apart", lab.workloads), ("kept", "kube-public")):
        beside = config_map(name, text=CANARY)
        await lab.client.create(CONFIG_MAPS, beside, namespace)
    named = config_map("kept")
    named["metadata"]["namespace"] = "kube-public"
    lab.renderer.holds(lab.repo, [config_map(), named])
    forbidding = {"spec": {"destinations": [{"namespace": lab.workloads, "server": "*"}]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", forbidding, lab.namespace)
    await lab.create_app()

    async def managed(name: str) -> list[ManagedResource]:
        question = ApplicationQuery(namespace=lab.namespace, name="app", resource_name=name)
        try:
            answer = await asking.ask(MANAGED, question)
        except RemoteError:
            return []
        assert CANARY.encode() not in answer
        return list(decode(ManagedResources, answer).items)

    async with asyncio.timeout(60):
        while not (found := await managed("kept")):
            await asyncio.sleep(0.1)
    assert [item.live_state for item in found] == ["null"]
    text = msgspec.json.encode(config_map("apart", text="mine")).decode()
    with pytest.raises(RemoteError) as refused:
        await asking.ask(PREDICT, Predict(namespace=lab.namespace, name="app", manifests=(text,)))
    assert refused.value.code == "PermissionDenied"
    await lab.client.delete(CONFIG_MAPS, "kept", "kube-public")


async def test_an_object_elsewhere_is_not_the_applications_by_naming_an_owner_of_it(
    lab: Lab, asking: Asking
) -> None:
    """Who writes an object writes its owners too; those may be of the whole cluster."""
    name = f"{lab.workloads}-owner"
    owner = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}}
    lab.renderer.holds(lab.repo, [owner | {"rules": []}])
    narrow = {"spec": {"destinations": [{"namespace": lab.workloads, "server": "*"}]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", narrow, lab.namespace)
    await lab.create_app(**automated())
    await lab.synced()
    found = msgspec.json.decode(await lab.client.get(CLUSTER_ROLES, name))
    owned = {key: owner[key] for key in ("apiVersion", "kind")} | {
        "name": name,
        "uid": found["metadata"]["uid"],
    }
    for namespace in ("kube-public", lab.workloads):
        child = config_map("child-of-all", text=CANARY)
        child["metadata"]["ownerReferences"] = [owned]
        await lab.client.create(CONFIG_MAPS, child, namespace)
    own = asking.named("", "ConfigMap", "child-of-all")
    async with asyncio.timeout(60):
        while True:
            with suppress(RemoteError):
                await asking.patch(own, {"metadata": {"labels": {"a": "b"}}})
                break
            await asyncio.sleep(0.1)
    other = asking.named("", "ConfigMap", "child-of-all", "kube-public")
    for verb, question in (
        (PATCH, PatchResource(**other, patch="{}", patch_type=MERGE)),
        (DELETE, DeleteResource(**other)),
        (EVENTS, ApplicationQuery(**other)),
        (LIVE, ApplicationQuery(**other)),
    ):
        with pytest.raises(RemoteError) as refused:
            await asking.ask(verb, question)
        assert refused.value.code == "NotFound"
    await lab.client.delete(CONFIG_MAPS, "child-of-all", "kube-public")
    await lab.client.delete(CLUSTER_ROLES, name)


async def test_the_tree_says_what_runs_where_and_what_belongs_to_nobody(lab: Lab, asking: Asking) -> None:
    web = deployment(replicas=2)
    container = {"name": "main", "image": "nginx:1.27", "resources": {"requests": {"cpu": "250m"}}}
    web["spec"]["template"]["spec"]["containers"] = [container]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    }
    lab.renderer.holds(lab.repo, [web, service])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    for name in ("stray", "ignored"):
        await lab.client.create(CONFIG_MAPS, config_map(name), lab.workloads)

    async def tree(seen: str = "", seconds: float = 20.0) -> ResourceTree:
        question = AwaitTree(namespace=lab.namespace, name="app", seen=seen, seconds=seconds)
        return decode(ResourceTree, await asking.ask(AWAIT_TREE, question))

    first = await tree()
    nodes = {node.kind: node for node in first.nodes}
    assert {item["name"]: item["value"] for item in nodes["Deployment"].info} == {"Revision": "Rev:1"}
    assert nodes["Service"].networking_info == {"targetLabels": {"app": "web"}}
    info = {item["name"]: item["value"] for item in nodes["Pod"].info}
    assert (info["Status Reason"], info["Containers"], info["cpu"]) == ("Running", "1/1", "250")
    hosts = {host["name"]: host["resourcesInfo"] for host in first.hosts}
    assert info["Node"] in hosts
    asked = [cpu["requestedByApp"] for cpu, _ in hosts.values()]  # type: ignore[attr-defined]
    assert sum(asked) == 500
    assert "labels" not in first.hosts[0]
    assert first.orphaned_nodes == ()

    said = {"data": {"resource.customLabels": "tier,app", "application.allowedNodeLabels": HOST_NAME}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", said, lab.namespace)
    async with asyncio.timeout(60):
        while "labels" not in (now := await tree(seconds=0.1)).hosts[0]:
            await asyncio.sleep(0.1)
    assert now.hosts[0]["labels"] == {HOST_NAME: now.hosts[0]["name"]}
    pod = next(node for node in now.nodes if node.kind == "Pod")
    assert {"name": "app", "value": "web"} in pod.info
    assert "tier" not in {item["name"] for item in pod.info}

    watching = {"spec": {"orphanedResources": {"ignore": [{"kind": "ConfigMap", "name": "ign*"}]}}}
    await lab.client.merge_patch(APP_PROJECTS, "default", watching, lab.namespace)
    async with asyncio.timeout(60):
        while not (now := await tree()).orphaned_nodes:
            await asyncio.sleep(0.1)
    assert [node.name for node in now.orphaned_nodes] == ["stray"]

    quiet = await tree(now.digest, seconds=0.5)
    while not quiet.is_same:
        now, quiet = quiet, await tree(quiet.digest, seconds=0.5)
    assert quiet.nodes == ()
    waiting = asyncio.create_task(tree(now.digest))
    await asyncio.sleep(0.2)
    pod = nodes["Pod"].name
    await lab.client.merge_patch(PODS, pod, {"metadata": {"labels": {"new": "label"}}}, lab.workloads)
    other = await waiting
    (found,) = [node for node in other.nodes if node.name == pod]
    assert not other.is_same
    assert found.networking_info is not None
    assert found.networking_info["labels"]["new"] == "label"  # type: ignore[index]
