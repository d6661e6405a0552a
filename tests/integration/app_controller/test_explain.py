"""Why an application is OutOfSync is told field by field, and what is told to silence it does."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest_asyncio

from fairlead.bus import Bus, BusConfig
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.rpc import ApplicationQuery
from fairlead.rpc.explained import EXPLAIN, ExplainedApplication
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    SECRET,
    Document,
    Lab,
    automated,
    config_map,
    deployment,
)

IMAGE = "/spec/template/spec/containers/0/image"


@pytest_asyncio.fixture(loop_scope="session")
async def bus(lab: Lab) -> AsyncIterator[Bus]:
    connected = await Bus.connect(BusConfig(url=lab.nats.url, service="api-server", secret=SECRET.encode()))
    yield connected
    await connected.close()


async def explained(bus: Bus, lab: Lab, **query: str) -> ExplainedApplication:
    request = encode(ApplicationQuery(namespace=lab.namespace, name="app", **query))
    answer = await bus.request(subjects.rpc_controller(0, EXPLAIN), request, timeout=60, patience=30)
    return decode(ExplainedApplication, answer)


def secret() -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "login"},
        "stringData": {"key": "ours"},
    }


async def changed(lab: Lab) -> None:
    """Four objects, of which three are changed by hand and one is deleted."""
    document = config_map(colour="blue", size="1")
    document["metadata"]["annotations"] = {"example.com/team": "a"}
    objects = [document, secret(), deployment(replicas=0), config_map("going")]
    lab.renderer.holds(lab.repo, objects)
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    by_hand = {"data": {"colour": "red"}, "metadata": {"annotations": {"example.com/team": "b"}}}
    await lab.client.merge_patch(CONFIG_MAPS, "settings", by_hand, lab.workloads)
    await lab.client.merge_patch(SECRETS, "login", {"data": {"key": "dGhlaXJz"}}, lab.workloads)
    await lab.client.json_patch(
        DEPLOYMENTS, "web", [{"op": "replace", "path": IMAGE, "value": "nginx:other"}], lab.workloads
    )
    await lab.client.delete(CONFIG_MAPS, "going", lab.workloads)
    names = {"settings", "login", "web", "going"}
    await lab.until(
        lambda app: {one.name for one in app.status.resources if one.status == "OutOfSync"} == names
    )


async def test_each_difference_is_told_and_the_rules_that_are_told_silence_all_of_them(
    lab: Lab, bus: Bus
) -> None:
    told: list[dict[str, Any]] = []

    async def hear(message: Any) -> None:
        told.append(msgspec.json.decode(message.data)["data"])

    outsider = await Bus.connect(BusConfig(url=lab.nats.url, service="events-reader"))
    await outsider.client.subscribe(subjects.public_app(lab.namespace, "app", "explained"), cb=hear)
    await changed(lab)
    found = {one.name: one for one in (await explained(bus, lab)).objects}
    assert {name: one.reason for name, one in found.items()} == {
        "settings": "differs",
        "login": "differs",
        "web": "differs",
        "going": "missing",
    }
    values = {
        (name, each.path): (each.desired, each.live)
        for name, one in found.items()
        for each in one.differences
    }
    assert values == {
        ("settings", ".data.colour"): ('"blue"', '"red"'),
        ("settings", '.metadata.annotations["example.com/team"]'): ('"a"', '"b"'),
        ("login", ".data.key"): ('"++++++++"', '"++++++++++++"'),
        ("web", ".spec.template.spec.containers[name=main].image"): ('"nginx:1.27"', '"nginx:other"'),
    }
    await lab.eventually(lambda: any(len(one["objects"]) == len(found) for one in told))
    event = next(one for one in told if len(one["objects"]) == len(found))
    said = {(one["name"], field["path"]) for one in event["objects"] for field in one.get("fields", ())}
    assert said == set(values)
    assert "dGhlaXJz" not in msgspec.json.encode(told).decode()
    await outsider.close()
    every = [each for one in found.values() for each in one.differences]
    assert all(each.manager not in ("", "argocd-controller") for each in every)
    assert all(each.operation == "Update" and each.since.endswith("Z") for each in every)
    assert [one.name for one in (await explained(bus, lab, kind="Secret")).objects] == ["login"]
    rules: list[Any] = [msgspec.to_builtins(each.rule) for each in every]
    await lab.patch_app({"spec": {"ignoreDifferences": rules}})
    await lab.until(
        lambda app: {one.name for one in app.status.resources if one.status == "OutOfSync"} == {"going"}
    )
    assert [one.name for one in (await explained(bus, lab)).objects] == ["going"]
