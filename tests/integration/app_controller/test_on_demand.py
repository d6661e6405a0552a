"""What the controller does to one object for a person, and what it refuses: patch, delete, actions, links."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from fairlead.app_controller.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.app_controller.log_feed import nanoseconds
from fairlead.bus import Bus, BusConfig, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import Event, decode, encode
from fairlead.kube.resource import Resource
from fairlead.local.builds import render_engine_binary
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.rpc import ApplicationQuery, LiveResource, ManagedResource, ManagedResources, ResourceTree
from fairlead.rpc.controller import AWAIT_TREE, MANAGED, AwaitTree
from fairlead.rpc.logs import CLOSE, NEXT, OPEN, LogLines, NextPodLogs, OpenedPodLogs, OpenPodLogs
from fairlead.rpc.resource import (
    ACTIONS,
    DELETE,
    EVENTS,
    LINKS,
    PATCH,
    PREDICT,
    RUN,
    Actions,
    DeleteResource,
    Done,
    Links,
    LinksQuery,
    PatchResource,
    Predict,
    ResourceEvents,
    RunAction,
)
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    JOBS,
    SECRET,
    Document,
    Lab,
    automated,
    config_map,
    deployment,
    running,
)

MERGE = "application/merge-patch+json"
CANARY = "hunter2-canary"
CRON_JOBS = Resource(group="batch", version="v1", plural="cronjobs", kind="CronJob", namespaced=True)
PODS = Resource(group="", version="v1", plural="pods", kind="Pod", namespaced=True)


@pytest_asyncio.fixture(loop_scope="session")
async def lab(
    control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> AsyncIterator[Lab]:
    """A controller that can run scripts."""
    engine = await asyncio.to_thread(render_engine_binary)
    async with running(control_plane, nats_server, redis_server, render_engine=engine) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def bus(lab: Lab) -> AsyncIterator[Bus]:
    connected = await Bus.connect(BusConfig(url=lab.nats.url, service="api-server", secret=SECRET.encode()))
    yield connected
    await connected.close()


class Asking:
    """Questions about one object of the lab's application."""

    def __init__(self, bus: Bus, lab: Lab) -> None:
        self._bus = bus
        self._lab = lab

    async def ask(self, verb: str, question: Event) -> bytes:
        subject = subjects.rpc_controller(0, verb)
        return await self._bus.request(subject, encode(question), timeout=40, patience=30)

    def named(self, group: str, kind: str, name: str, namespace: str | None = None) -> dict[str, str]:
        return {
            "namespace": self._lab.namespace,
            "name": "app",
            "group": group,
            "kind": kind,
            "resource_name": name,
            "resource_namespace": self._lab.workloads if namespace is None else namespace,
        }

    async def patch(self, named: dict[str, str], patch: Any, patch_type: str = MERGE) -> dict[str, Any]:
        text = patch if isinstance(patch, str) else msgspec.json.encode(patch).decode()
        answer = await self.ask(PATCH, PatchResource(**named, patch=text, patch_type=patch_type))
        return dict(msgspec.json.decode(decode(LiveResource, answer).manifest))

    async def run(self, named: dict[str, str], action: str, **parameters: str) -> Done:
        return decode(Done, await self.ask(RUN, RunAction(**named, action=action, parameters=parameters)))

    async def actions(self, named: dict[str, str]) -> dict[str, bool]:
        found = decode(Actions, await self.ask(ACTIONS, ApplicationQuery(**named)))
        return {item.name: item.disabled for item in found.items}


@pytest.fixture
def asking(bus: Bus, lab: Lab) -> Asking:
    return Asking(bus, lab)


def cron_job() -> Document:
    container = {"name": "main", "image": "busybox", "command": ["true"]}
    pod = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "nightly"},
        "spec": {"schedule": "0 3 1 1 *", "jobTemplate": {"spec": {"template": pod}}},
    }


def secret() -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "login"},
        "stringData": {"password": CANARY},
    }


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

    encoded = base64.b64encode(b"another-canary").decode()
    login = asking.named("", "Secret", "login")
    answer = await asking.ask(
        PATCH,
        PatchResource(**login, patch=f'{{"data":{{"other":"{encoded}"}}}}', patch_type=MERGE),
    )
    assert encoded.encode() not in answer
    assert base64.b64encode(CANARY.encode()) not in answer

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
    await asking.ask(DELETE, DeleteResource(**asking.named("", "Pod", pod), force=True))
    await lab.until_live(PODS, pod, lambda found: found is None)
    await asking.ask(DELETE, DeleteResource(**web, orphan=True))
    await lab.until_live(DEPLOYMENTS, "web", lambda found: found is None)


async def test_actions_are_found_and_carried_out_by_lua(lab: Lab, asking: Asking) -> None:
    lab.renderer.holds(lab.repo, [deployment(), cron_job(), config_map(colour="blue")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    web = asking.named("apps", "Deployment", "web")
    assert await asking.actions(web) == {"pause": False, "restart": False, "resume": True, "scale": False}

    await asking.run(web, "pause")
    assert await asking.actions(web) == {"pause": True, "restart": False, "resume": False, "scale": False}
    await asking.run(web, "resume")
    await asking.run(web, "scale", replicas="3")
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert live["spec"]["replicas"] == 3
    assert "paused" not in live["spec"]
    await asking.run(web, "restart")
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert "kubectl.kubernetes.io/restartedAt" in live["spec"]["template"]["metadata"]["annotations"]

    for wrong in ("-1", "1.5", "many", ""):
        with pytest.raises(RemoteError, match="whole number"):
            await asking.run(web, "scale", replicas=wrong)
    with pytest.raises(RemoteError) as refused:
        await asking.run(web, "explode")
    assert str(refused.value) == (
        'error getting Lua resource action: built-in script "apps/Deployment/actions/explode/action.lua" '
        "does not exist"
    )

    nightly = asking.named("batch", "CronJob", "nightly")
    assert await asking.actions(nightly) == {"create-job": False, "resume": True, "suspend": False}
    await asking.run(nightly, "create-job")
    jobs = [msgspec.json.decode(raw) for raw in await lab.client.list_all(JOBS, lab.workloads)]
    assert [job["metadata"]["ownerReferences"][0]["name"] for job in jobs] == ["nightly"]
    await asking.run(nightly, "suspend")
    assert await asking.actions(nightly) == {"create-job": False, "resume": False, "suspend": True}

    own = asking.named("argoproj.io", "Application", "app", lab.namespace)
    assert list(await asking.actions(own)) == ["toggle-auto-sync"]
    await asking.run(own, "toggle-auto-sync")
    raw = msgspec.json.decode(await lab.client.get(APPLICATIONS, "app", lab.namespace))
    assert raw["spec"]["syncPolicy"]["automated"]["enabled"] is False
    assert raw["spec"]["syncPolicy"]["automated"]["prune"] is True


CUSTOM = """
discovery.lua: |
  return {["paint"] = {params = {{name = "colour"}}}, ["loop"] = {}, ["steal"] = {}, ["peek"] = {}}
definitions:
- name: paint
  action.lua: |
    obj.data.colour = actionParams["colour"]
    return obj
- name: loop
  action.lua: |
    while true do end
- name: steal
  action.lua: |
    obj.metadata.name = "another"
    return obj
- name: peek
  action.lua: |
    return {{operation = "create", resource = {apiVersion = "v1", kind = "Secret",
      metadata = {name = "made", namespace = "kube-system"}}}}
"""


async def test_configured_actions_replace_ours_and_cannot_reach_further(lab: Lab, asking: Asking) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    data = {"resource.customizations.actions.ConfigMap": CUSTOM}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": data}, lab.namespace)
    settings = asking.named("", "ConfigMap", "settings")
    async with asyncio.timeout(60):
        while not await asking.actions(settings):
            await asyncio.sleep(0.1)
    assert sorted(await asking.actions(settings)) == ["loop", "paint", "peek", "steal"]

    await asking.run(settings, "paint", colour="red")
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "red"}
    with pytest.raises(RemoteError, match="took longer than 1s"):
        await asking.run(settings, "loop")
    with pytest.raises(RemoteError, match="may patch only the object it is run on"):
        await asking.run(settings, "steal")
    forbidding = {"spec": {"destinations": [{"namespace": lab.workloads, "server": "*"}]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", forbidding, lab.namespace)
    async with asyncio.timeout(60):
        while True:
            with pytest.raises(RemoteError) as refused:
                await asking.run(settings, "peek")
            if refused.value.code == "PermissionDenied":
                break
            await lab.client.delete(SECRETS, "made", "kube-system")
            await asyncio.sleep(0.1)


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


async def test_logs_of_many_pods_are_merged_filtered_and_followed(lab: Lab, asking: Asking) -> None:
    web = deployment(replicas=3)
    web["spec"]["template"]["metadata"]["annotations"] = {
        "fairlead.dev/log": "Hello",
        "fairlead.dev/log-every": "200ms",
    }
    lab.renderer.holds(lab.repo, [web, cron_job()])
    await lab.create_app(**automated())
    await lab.synced()

    async def opened(**query: Any) -> str:
        question = OpenPodLogs(namespace=lab.namespace, name="app", **query)
        return decode(OpenedPodLogs, await asking.ask(OPEN, question)).session

    async def piece(session: str) -> LogLines:
        question = NextPodLogs(namespace=lab.namespace, name="app", session=session)
        return decode(LogLines, await asking.ask(NEXT, question))

    async def whole(**query: Any) -> list[tuple[str, str, str]]:
        session, lines = await opened(**query), []
        while session:
            found = await piece(session)
            lines += [(line.at, line.pod, line.content) for line in found.lines]
            session = "" if found.is_last else session
        return lines

    async with asyncio.timeout(60):
        while len(lines := await whole(tail_lines=3)) < 9:
            await asyncio.sleep(0.3)
    assert len({pod for _, pod, _ in lines}) == 3
    assert all(content.startswith("Hello ") for _, _, content in lines)
    moments = [nanoseconds(at) or 0 for at, _, _ in lines]
    assert moments == sorted(moments)

    first = min(pod for _, pod, _ in lines)
    assert {pod for _, pod, _ in await whole(tail_lines=1, pod=first)} == {first}
    named = {"kind": "Deployment", "group": "apps", "resource_name": "web"}
    assert len(await whole(tail_lines=1, **named)) == 3
    assert await whole(kind="CronJob", resource_name="nightly") == []
    assert await whole(filter="hello 0", match_case=True) == []
    assert next(content for _, _, content in await whole(pod=first, filter="hello 0")) == "Hello 0"
    inverted = await whole(pod=first, filter="!Hello")
    assert inverted == []
    refused_lines = await whole(pod=first, previous=True)
    assert [(at, pod) for at, pod, _ in refused_lines] == [("", "")]
    assert "previous terminated container" in refused_lines[0][2]
    with pytest.raises(RemoteError) as refused:
        await opened(max_pods=2)
    assert str(refused.value) == ("max pods to view logs are reached. Please provide more granular query")

    session = await opened(pod=first, follow=True, tail_lines=1)
    seen: list[str] = []
    async with asyncio.timeout(60):
        while len(seen) < 5:
            found = await piece(session)
            assert not found.is_last
            seen += [line.content for line in found.lines]
    numbers = [int(text.split()[1]) for text in seen]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    await asking.ask(CLOSE, NextPodLogs(namespace=lab.namespace, name="app", session=session))
    with pytest.raises(RemoteError) as refused:
        await piece(session)
    assert refused.value.code == "Aborted"


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
    assert first.orphaned_nodes == ()

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
