"""A played cluster and the real control plane answer the same, each asked the same by these tests."""

import asyncio
from typing import Any

import msgspec
import pytest

from fairlead.diff.ownership import owned_paths
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from tests.integration.kube.cluster import CONFIG_MAPS, PATIENCE_SECONDS, config_map

DEPLOYMENTS = Resource(group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True)
PARTS = (
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
)
PART = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"


async def _json(client: KubeClient, path: str, accept: str = "application/json") -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((await client.get_path(path, accept=accept)).body)
    return found


class _Lines:
    """The events of one watch, read as they come."""

    def __init__(self, client: KubeClient, path: str, version: str) -> None:
        query = f"?watch=1&allowWatchBookmarks=true&timeoutSeconds=60&resourceVersion={version}"
        self._chunks = client._transport.stream(path + query, silence_seconds=PATIENCE_SECONDS)
        self._buffer = b""

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while b"\n" not in self._buffer:
                self._buffer += await anext(self._chunks)
        line, _, self._buffer = self._buffer.partition(b"\n")
        found: dict[str, Any] = msgspec.json.decode(line)
        return found

    async def change(self) -> dict[str, Any]:
        """The next that is no bookmark, and not of what a cluster puts into every namespace by itself."""
        while (line := await self.next())["type"] == "BOOKMARK" or _name(line) == "kube-root-ca.crt":
            pass
        return line

    async def close(self) -> None:
        await self._chunks.aclose()


def _name(line: dict[str, Any]) -> str:
    return str(line["object"]["metadata"].get("name"))


async def test_items_of_a_list_leave_their_kind_to_the_list_and_an_object_says_it(
    client: KubeClient, namespace: str
) -> None:
    await client.create(CONFIG_MAPS, config_map("a", k="1"), namespace)
    listed = await _json(client, CONFIG_MAPS.path(namespace))
    item = next(item for item in listed["items"] if item["metadata"]["name"] == "a")
    assert (listed["kind"], listed["apiVersion"]) == ("ConfigMapList", "v1")
    assert "kind" not in item
    got = await _json(client, CONFIG_MAPS.path(namespace, "a"))
    assert got == {"kind": "ConfigMap", "apiVersion": "v1", **item}
    assert int(listed["metadata"]["resourceVersion"]) >= int(got["metadata"]["resourceVersion"])


async def test_metadata_alone_is_told_where_it_is_asked_for(client: KubeClient, namespace: str) -> None:
    await client.create(CONFIG_MAPS, config_map("a", k="1"), namespace)
    listed = await _json(client, CONFIG_MAPS.path(namespace), PARTS)
    got = await _json(client, CONFIG_MAPS.path(namespace, "a"), PART)
    whole = await _json(client, CONFIG_MAPS.path(namespace, "a"))
    item = next(item for item in listed["items"] if item["metadata"]["name"] == "a")
    assert (listed["kind"], listed["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    assert (got["kind"], got["apiVersion"]) == ("PartialObjectMetadata", "meta.k8s.io/v1")
    assert item == got
    assert got["metadata"] == whole["metadata"]
    assert set(got) == {"kind", "apiVersion", "metadata"}


async def test_pages_are_of_one_version_though_the_collection_changes_meanwhile(
    client: KubeClient, namespace: str
) -> None:
    for number in range(7):
        await client.create(CONFIG_MAPS, config_map(f"c-{number}"), namespace)
    path = CONFIG_MAPS.path(namespace) + "?labelSelector=&limit=3"
    first = await _json(client, path)
    await client.delete(CONFIG_MAPS, "c-5", namespace)
    await client.create(CONFIG_MAPS, config_map("c-55"), namespace)
    second = await _json(client, f"{path}&continue={first['metadata']['continue']}")
    third = await _json(client, f"{path}&continue={second['metadata']['continue']}")
    names = [item["metadata"]["name"] for page in (first, second, third) for item in page["items"]]
    assert [name for name in names if name.startswith("c-")] == [f"c-{number}" for number in range(7)]
    assert {page["metadata"]["resourceVersion"] for page in (first, second, third)} == {
        first["metadata"]["resourceVersion"]
    }
    assert "continue" not in third["metadata"]


async def test_labels_and_names_select(client: KubeClient, namespace: str) -> None:
    for name, tier in (("a", "front"), ("b", "back"), ("c", "")):
        body: dict[str, Any] = config_map(name)
        body["metadata"] = {"name": name, "labels": {"tier": tier} if tier else {}}
        await client.create(CONFIG_MAPS, body, namespace)

    async def names(query: str) -> list[str]:
        listed = await _json(client, f"{CONFIG_MAPS.path(namespace)}?{query}")
        found = (item["metadata"]["name"] for item in listed["items"])
        return [name for name in found if name != "kube-root-ca.crt"]

    assert await names("labelSelector=tier%3Dfront") == ["a"]
    assert await names("labelSelector=tier") == ["a", "b"]
    assert await names("labelSelector=tier%20in%20(back,none)") == ["b"]
    assert await names("labelSelector=!tier") == ["c"]
    assert await names("fieldSelector=metadata.name%3Db") == ["b"]


@pytest.mark.parametrize("accept", ["application/json", PART])
async def test_a_watch_tells_what_was_written_since_and_then_what_is_written(
    client: KubeClient, namespace: str, accept: str
) -> None:
    version = (await _json(client, CONFIG_MAPS.path(namespace)))["metadata"]["resourceVersion"]
    await client.create(CONFIG_MAPS, config_map("a", k="1"), namespace)
    lines = _Lines(client, CONFIG_MAPS.path(namespace), version)
    try:
        added = await lines.change()
        await client.merge_patch(CONFIG_MAPS, "a", {"data": {"k": "2"}}, namespace)
        modified = await lines.change()
        await client.delete(CONFIG_MAPS, "a", namespace)
        deleted = await lines.change()
    finally:
        await lines.close()
    assert [line["type"] for line in (added, modified, deleted)] == ["ADDED", "MODIFIED", "DELETED"]
    versions = [int(line["object"]["metadata"]["resourceVersion"]) for line in (added, modified, deleted)]
    assert versions == sorted(set(versions))
    assert added["object"]["kind"] == "ConfigMap"
    assert deleted["object"]["data"] == {"k": "2"}


async def test_an_apply_owns_what_it_says_down_to_the_items_of_lists(
    client: KubeClient, namespace: str
) -> None:
    labels = {"app": "a"}
    container = {
        "name": "main",
        "image": "nginx:1",
        "ports": [{"containerPort": 80}],
        "env": [{"name": "A", "value": "1"}],
        "args": ["one", "two"],
    }
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "labels": labels, "annotations": {"note": "x"}},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
    applied = await client.apply(DEPLOYMENTS, "a", body, namespace, field_manager="one")
    live = msgspec.json.decode(applied.body)
    assert applied.created
    assert live["metadata"]["generation"] == 1
    template = ("f:spec", "f:template")
    item = (*template, "f:spec", "f:containers", 'k:{"name":"main"}')
    assert owned_paths(live, "one") == {
        ("f:metadata", "f:labels", "f:app"),
        ("f:metadata", "f:annotations", "f:note"),
        ("f:spec", "f:replicas"),
        ("f:spec", "f:selector"),
        (*template, "f:metadata", "f:labels", "f:app"),
        item,
        (*item, "f:name"),
        (*item, "f:image"),
        (*item, "f:args"),
        (*item, "f:ports", 'k:{"containerPort":80,"protocol":"TCP"}'),
        (*item, "f:ports", 'k:{"containerPort":80,"protocol":"TCP"}', "f:containerPort"),
        (*item, "f:env", 'k:{"name":"A"}'),
        (*item, "f:env", 'k:{"name":"A"}', "f:name"),
        (*item, "f:env", 'k:{"name":"A"}', "f:value"),
    }
    container["env"], container["image"] = [], "nginx:2"
    again = await client.apply(DEPLOYMENTS, "a", body, namespace, field_manager="one")
    live = msgspec.json.decode(again.body)
    spec = live["spec"]["template"]["spec"]["containers"][0]
    assert not again.created
    assert live["metadata"]["generation"] == 2
    assert spec["image"] == "nginx:2"
    assert not spec.get("env")


async def test_a_write_by_another_takes_the_field_from_who_applied_it(
    client: KubeClient, namespace: str
) -> None:
    await client.apply(CONFIG_MAPS, "a", config_map("a", k="1", other="1"), namespace, field_manager="one")
    params = {"fieldManager": "two"}
    answer = await client.merge_patch(CONFIG_MAPS, "a", {"data": {"k": "2"}}, namespace, params=params)
    live = msgspec.json.decode(answer)
    assert owned_paths(live, "one") == {("f:data", "f:other")}
    assert owned_paths(live, "two") == {("f:data", "f:k")}
    again = await client.merge_patch(CONFIG_MAPS, "a", {"data": {"k": "2"}}, namespace, params=params)
    assert msgspec.json.decode(again)["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]


async def test_what_has_a_finalizer_stays_until_that_is_gone(client: KubeClient, namespace: str) -> None:
    body: dict[str, Any] = config_map("a")
    body["metadata"] = {"name": "a", "finalizers": ["example.io/hold"]}
    await client.create(CONFIG_MAPS, body, namespace)
    await client.delete(CONFIG_MAPS, "a", namespace)
    held = await _json(client, CONFIG_MAPS.path(namespace, "a"))
    assert held["metadata"]["deletionTimestamp"]
    await client.merge_patch(CONFIG_MAPS, "a", {"metadata": {"finalizers": None}}, namespace)
    assert await client.find(CONFIG_MAPS, "a", namespace) is None
