"""A custom kind whose schema has of everything: defaults, lists with keys, sets, atomic maps, nulls."""

import asyncio
from typing import Any

import msgspec

from fairlead.kube.discovery import Discovery
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

GROUP = "insync.example"
DEFINITIONS = Resource(
    group="apiextensions.k8s.io",
    version="v1",
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    namespaced=False,
)
TEXT: dict[str, Any] = {"type": "string"}
TEXTS: dict[str, Any] = {"type": "object", "additionalProperties": TEXT}
ITEM: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "protocol": {"type": "string", "default": "TCP"},
        "port": {"type": "integer", "default": 80},
        "value": TEXT,
    },
}
SPEC: dict[str, Any] = {
    "type": "object",
    "properties": {
        "size": {"type": "integer", "default": 3},
        "mode": {"type": "string", "enum": ["fast", "slow"], "default": "fast"},
        "port": {"x-kubernetes-int-or-string": True},
        "amount": {"type": "string"},
        "nullable": {"type": "string", "nullable": True, "default": "full"},
        "labels": TEXTS,
        "whole": {**TEXTS, "x-kubernetes-map-type": "atomic"},
        "target": {
            "type": "object",
            "x-kubernetes-map-type": "atomic",
            "properties": {"kind": {"type": "string", "default": "Service"}, "name": TEXT},
        },
        "nested": {
            "type": "object",
            "default": {},
            "properties": {"a": {"type": "boolean", "default": True}, "b": TEXT},
        },
        "items": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name", "protocol"],
            "items": ITEM,
        },
        "modes": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["mode"],
            "items": {
                "type": "object",
                "properties": {"mode": {"type": "string", "default": "fast"}, "value": TEXT},
            },
        },
        "names": {"type": "array", "x-kubernetes-list-type": "set", "items": TEXT},
        "order": {"type": "array", "items": ITEM},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}


async def define(client: KubeClient) -> None:
    """Have it served and described."""
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": SPEC}}}
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": names,
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    await client.create(DEFINITIONS, body)
    async with asyncio.timeout(60):
        while not await _is_served(client):
            await asyncio.sleep(0.1)


async def forget(client: KubeClient) -> None:
    """Take it away."""
    await client.delete(DEFINITIONS, f"widgets.{GROUP}")


async def _is_served(client: KubeClient) -> bool:
    discovery = Discovery(client)
    await discovery.refresh()
    index = msgspec.json.decode((await client.get_path("/openapi/v3")).body)["paths"]
    if discovery.resource_for(GROUP, "Widget") is None or f"apis/{GROUP}/v1" not in index:
        return False
    answer = await client.get_path(index[f"apis/{GROUP}/v1"]["serverRelativeURL"])
    return b'"widget' in answer.body.lower()
