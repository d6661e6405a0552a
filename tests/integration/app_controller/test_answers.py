"""What other processes are told of an application, and what they are not."""

import asyncio
import base64
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from fairlead.bus import Bus, BusConfig, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.manifest.tracking import TRACKING_ID
from fairlead.rpc import ApplicationQuery, LiveResource, ManagedResources, ResourceTree
from fairlead.rpc.controller import LIVE, MANAGED, TREE
from tests.integration.app_controller.lab import EVENTS, SECRET, Lab, automated, config_map, deployment

PASSWORD = "hunter2-canary"


@pytest_asyncio.fixture(loop_scope="session")
async def bus(lab: Lab) -> AsyncIterator[Bus]:
    connected = await Bus.connect(BusConfig(url=lab.nats.url, service="api-server", secret=SECRET.encode()))
    yield connected
    await connected.close()


async def ask(bus: Bus, lab: Lab, verb: str, **query: str) -> bytes:
    request = ApplicationQuery(namespace=lab.namespace, name="app", **query)
    return await bus.request(subjects.rpc_controller(0, verb), encode(request), timeout=60, patience=30)


def secret() -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "login"},
        "stringData": {"password": PASSWORD},
    }


async def test_the_tree_holds_what_descends_from_the_managed_objects(lab: Lab, bus: Bus) -> None:
    lab.renderer.holds(lab.repo, [deployment()])
    await lab.create_app(**automated())
    await lab.synced()
    tree = decode(ResourceTree, await ask(bus, lab, TREE))
    kinds = {node.kind: node for node in tree.nodes}
    assert {"Deployment", "ReplicaSet", "Pod"} <= set(kinds)
    assert kinds["Pod"].parent_refs[0].kind == "ReplicaSet"
    assert kinds["Deployment"].health == {"status": "Healthy"}


async def test_no_value_of_a_secret_leaves_the_controller(lab: Lab, bus: Bus) -> None:
    lab.renderer.holds(lab.repo, [secret()])
    await lab.create_app(**automated())
    await lab.synced()
    live = await lab.get(SECRETS, "login")
    assert live is not None
    encoded = base64.b64encode(PASSWORD.encode())
    managed = await ask(bus, lab, MANAGED)
    shown = await ask(bus, lab, LIVE, kind="Secret", resource_name="login", resource_namespace=lab.workloads)
    raw = await lab.client.get(APPLICATIONS, "app", lab.namespace)
    for answer in (managed, shown, raw):
        assert PASSWORD.encode() not in answer
        assert encoded not in answer
    assert b"++++++++" in managed
    assert b"++++++++" in shown


async def test_a_difference_is_shown_with_both_sides(lab: Lab, bus: Bus) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    (item,) = decode(ManagedResources, await ask(bus, lab, MANAGED)).items
    assert item.modified
    assert msgspec.json.decode(item.target_state)["data"] == {"colour": "blue"}
    assert msgspec.json.decode(item.live_state)["data"] == {"colour": "red"}


async def test_an_object_of_somebody_else_is_not_shown(lab: Lab, bus: Bus) -> None:
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.client.create(CONFIG_MAPS, config_map("foreign"), lab.workloads)
    with pytest.raises(RemoteError) as refused:
        await ask(bus, lab, LIVE, kind="ConfigMap", resource_name="foreign", resource_namespace=lab.workloads)
    assert refused.value.code == "NotFound"
    mine = await ask(
        bus, lab, LIVE, kind="ConfigMap", resource_name="settings", resource_namespace=lab.workloads
    )
    assert msgspec.json.decode(decode(LiveResource, mine).manifest)["metadata"]["name"] == "settings"


async def test_a_mark_that_was_copied_or_that_the_project_forbids_shows_nothing(lab: Lab, bus: Bus) -> None:
    lab.renderer.holds(lab.repo, [config_map(), secret()])
    await lab.create_app(**automated())
    await lab.synced()
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    mark = live["metadata"]["annotations"][TRACKING_ID]
    copied = config_map("copied")
    copied["metadata"] = {"name": "copied", "annotations": {TRACKING_ID: mark}}
    await lab.client.create(CONFIG_MAPS, copied, lab.workloads)
    shown = {"resource_name": "copied", "resource_namespace": lab.workloads, "kind": "ConfigMap"}
    await asyncio.sleep(1)
    with pytest.raises(RemoteError) as refused:
        await ask(bus, lab, LIVE, **shown)
    assert refused.value.code == "NotFound"
    login = {"resource_name": "login", "resource_namespace": lab.workloads, "kind": "Secret"}
    await ask(bus, lab, LIVE, **login)
    forbidding = {"spec": {"namespaceResourceBlacklist": [{"group": "", "kind": "Secret"}]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", forbidding, lab.namespace)
    async with asyncio.timeout(120):
        while True:
            try:
                await ask(bus, lab, LIVE, **login)
            except RemoteError as error:
                assert error.code == "NotFound"
                break
            await asyncio.sleep(0.1)


async def test_kubernetes_events_tell_of_an_operation(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app(**automated())
    app = await lab.synced()
    wanted = {
        ("OperationStarted", f"Initiated automated sync to '{app.status.sync.revision}'"),
        ("OperationCompleted", f"Sync operation to {app.status.sync.revision} succeeded"),
        ("ResourceUpdated", "Updated health status:  -> Healthy"),
    }
    seen: set[tuple[str, str]] = set()
    async with asyncio.timeout(120):
        while not wanted <= seen:
            raw = await lab.client.list_all(EVENTS, lab.namespace)
            found = [msgspec.json.decode(item) for item in raw]
            seen = {(item["reason"], item["message"]) for item in found}
            await asyncio.sleep(0.1)


def begun(told: list[dict[str, object]]) -> list[dict[str, object]]:
    """What was told from the first difference on; before it may come the end of the sync before."""
    types = [str(event["type"]).rpartition(".")[2] for event in told]
    return told[types.index("out-of-sync") :] if "out-of-sync" in types else []


async def test_the_story_of_a_commit_is_told_in_order_under_one_trace(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    told: list[dict[str, object]] = []
    reader = await Bus.connect(BusConfig(url=lab.nats.url, service="events-reader"))
    subject = f"{subjects.PUBLIC}.app.{subjects.app_tokens(lab.namespace, 'app')}.>"

    async def note(message: object) -> None:
        told.append(msgspec.json.decode(message.data))  # type: ignore[attr-defined]

    await reader.client.subscribe(subject, cb=note)
    await reader.client.flush()
    revision = await lab.renderer.commit(lab.repo, [config_map(colour="green")])
    await lab.synced(revision=revision)
    async with asyncio.timeout(120):
        while not told or told[-1]["type"] != "fairlead.v1.app.synced" or not begun(told):
            await asyncio.sleep(0.02)
    told = begun(told)
    await reader.close()
    assert [str(event["type"]).removeprefix("fairlead.v1.app.") for event in told] == [
        "out-of-sync",
        "sync.started",
        "sync.succeeded",
        "synced",
    ]
    assert len({str(event["traceparent"]).split("-")[1] for event in told}) == 1
