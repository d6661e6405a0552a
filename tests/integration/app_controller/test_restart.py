"""A controller that was restarted remembers nothing, and still takes nothing for a change that is none."""

import asyncio

import msgspec
import pytest
from nats.aio.msg import Msg

from fairlead.app_controller.comparing.page import read
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.bus import Bus, BusConfig
from fairlead.cache import Cache, CacheConfig, keys
from fairlead.events import subjects
from fairlead.events.public import PublicEventType
from fairlead.kube.collection import CONFIG_MAPS
from fairlead.kube.openapi import OpenApi
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import AppId
from tests.integration.app_controller.lab import PATIENCE, SECRET, Lab, automated, config_map
from tests.integration.app_controller.renderer import Document

DEFINITIONS = Resource(
    group="apiextensions.k8s.io",
    version="v1",
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    namespaced=False,
)
SETTLES = 2.0
"""Seconds in which a controller that wants to change something has begun to."""


def network_policy() -> Document:
    """Its `ports` are atomic, and the API server adds `protocol`."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "web"},
        "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]},
    }


def stateful_set() -> Document:
    """Its `volumeClaimTemplates` are atomic, and the API server adds `status` and `volumeMode`."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    labels = {"app": "web"}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 0,
            "serviceName": "web",
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]},
            },
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        },
    }


@pytest.mark.parametrize(
    "document", [network_policy(), stateful_set()], ids=["a NetworkPolicy", "a StatefulSet"]
)
async def test_what_the_api_server_filled_in_is_no_drift_after_a_restart(
    lab: Lab, document: Document
) -> None:
    lab.renderer.holds(lab.repo, [document])
    await lab.create_app(**automated())
    before = await lab.synced()
    await lab.stop()
    told: list[str] = []
    bus = await Bus.connect(BusConfig(url=lab.nats.url, service="repo-server", secret=SECRET.encode()))

    async def hear(message: Msg) -> None:
        event = msgspec.json.decode(message.data)
        if event["data"].get("app", {}).get("namespace", lab.namespace) == lab.namespace:
            told.append(event["type"])

    await bus.client.subscribe(f"{subjects.PUBLIC}.>", cb=hear)
    try:
        await lab.start()
        await asyncio.sleep(SETTLES)
        after = await lab.app()
    finally:
        await bus.close()
    assert after.status.sync.status == "Synced"
    assert after.status.operation_state == before.status.operation_state
    assert not [type_ for type_ in told if type_.endswith(PublicEventType.APP_DRIFTED)]


async def test_a_change_made_while_the_controller_was_away_is_healed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.stop()
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    await lab.start()
    await lab.until_live(
        CONFIG_MAPS, "settings", lambda live: live is not None and live["data"]["colour"] == "blue"
    )


async def test_the_lists_of_a_custom_kind_are_told_apart_as_its_definition_says(lab: Lab) -> None:
    """Items of a keyed list that the API server completed are in sync without a dry run, and although the
    cache lost what was known of them.
    """
    group = f"{lab.workloads}.example.io"
    rack = {
        "apiVersion": f"{group}/v1",
        "kind": "Rack",
        "metadata": {"name": "one"},
        "spec": {"slots": [{"name": "a"}, {"name": "b"}]},
    }
    lab.renderer.holds(lab.repo, [rack_definition(group), rack])
    await lab.create_app(**automated())
    await lab.until(lambda app: app.status.sync.status == "Synced")
    await lab.stop()
    published = OpenApi(lab.client)
    async with asyncio.timeout(PATIENCE):
        while not await published.learn([(group, "v1")]):
            published.expire()
            await asyncio.sleep(0.1)
    cache = Cache(CacheConfig(url=lab.redis.url, secret=SECRET.encode()))
    await cache.forget(keys.ledger(lab.namespace, "app"))
    await cache.close()
    await lab.start()
    try:
        cluster = await opened_cluster(lab)
        key = ResourceKey(group, "Rack", lab.workloads, "one")
        async with asyncio.timeout(PATIENCE):
            while (known := cluster.fingerprints.fingerprint(key)) is None:
                await asyncio.sleep(0.02)
    finally:
        await lab.client.delete(DEFINITIONS, f"racks.{group}")
    assert known.plain
    assert cluster.list_keys.is_loaded(group, "v1")


async def opened_cluster(lab: Lab) -> Cluster:
    """The local cluster as soon as the controller follows it."""
    assert lab.controller is not None
    async with asyncio.timeout(PATIENCE):
        while not (found := lab.controller.clusters.opened_clusters()):
            await asyncio.sleep(0.02)
    return found[0]


def rack_definition(group: str) -> Document:
    slot = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "size": {"type": "integer", "default": 1}},
        "required": ["name"],
    }
    slots = {
        "type": "array",
        "items": slot,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
    }
    spec = {"type": "object", "properties": {"slots": slots}}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"racks.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": "Rack", "plural": "racks"},
            "scope": "Namespaced",
            "versions": [version],
        },
    }


async def test_what_did_not_change_is_neither_rendered_nor_read_nor_written_after_a_restart(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    for name in ("one", "two"):
        await lab.create_app(name, namespace=lab.workloads if name == "one" else "default", **automated())
        await lab.synced(name)
        await _written(lab, name)
    before = [await lab.app(name) for name in ("one", "two")]
    await lab.stop()
    asked, stored = len(lab.renderer.requests), await _wishes(lab)
    await lab.start()
    await lab.eventually(lambda: all(_is_recalled(lab, name) for name in ("one", "two")))
    await asyncio.sleep(SETTLES)
    assert len(lab.renderer.requests) == asked
    assert await _wishes(lab) == stored
    assert [await lab.app(name) for name in ("one", "two")] == before
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    await lab.until_live(
        CONFIG_MAPS, "settings", lambda live: live is not None and live["data"]["colour"] == "blue"
    )
    assert not _is_recalled(lab, "one")
    assert _is_recalled(lab, "two")


async def test_a_commit_made_while_the_controller_was_away_is_deployed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.stop()
    revision = lab.renderer.holds(lab.repo, [config_map(colour="green")])
    await lab.start()
    await lab.synced(revision=revision)
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"]["colour"] == "green"


async def test_a_ledger_that_somebody_else_wrote_is_not_believed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.stop()
    cache = Cache(CacheConfig(url=lab.redis.url, secret=SECRET.encode(), own=b"somebody else's"))
    key = keys.ledger(lab.namespace, "app")
    assert await cache.get(key) is None
    await cache.put(key, b"\x90")
    await cache.close()
    asked = len(lab.renderer.requests)
    await lab.start()
    await lab.eventually(lambda: len(lab.renderer.requests) > asked)
    await lab.eventually(lambda: bool(lab.revisions()))
    assert not _is_recalled(lab, "app")


async def _written(lab: Lab, name: str) -> None:
    """Until the page of an application says that it is in sync."""
    cache = Cache(CacheConfig(url=lab.redis.url, secret=SECRET.encode()))
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                raw = await cache.get(keys.ledger(lab.namespace, name))
                page = read(raw) if raw is not None else None
                rows = page.wanted if page is not None else ()
                if rows and all(row.outcome is not None and row.outcome[0] == "Synced" for row in rows):
                    return
                await asyncio.sleep(0.05)
    finally:
        await cache.close()


def _is_recalled(lab: Lab, name: str) -> bool:
    """Whether what the controller knows of an application is what a process before it wrote down."""
    record = lab.controller.book.get(AppId(lab.namespace, name)) if lab.controller is not None else None
    if record is None or record.desired is None or record.render is None:
        return False
    return record.desired.opened is None and record.render.is_remembered


async def _wishes(lab: Lab) -> list[int]:
    """The revisions of the wishes that are stored."""
    return sorted(entry.revision for entry in await lab.renderer.wishes.all())
