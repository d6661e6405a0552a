"""List keys as the real API server describes them."""

import re

import msgspec
import pytest

from fairlead.diff.list_keys import WELL_KNOWN
from fairlead.kube.errors import NotFoundError
from fairlead.kube.openapi import OpenApi
from fairlead.kube.rest import KubeClient
from fairlead.kube.schema import schema_of
from fairlead.manifest.identity import GroupVersionKind

DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")
POD_SPEC = ("spec", "template", "spec")


async def test_lists_are_told_apart_by_the_keys_the_cluster_names(client: KubeClient) -> None:
    openapi = OpenApi(client)
    await openapi.load("apps", "v1")
    assert openapi.keys_at(DEPLOYMENT, (*POD_SPEC, "containers")) == ("name",)
    assert openapi.keys_at(DEPLOYMENT, (*POD_SPEC, "containers", "ports")) == ("containerPort", "protocol")
    assert openapi.keys_at(DEPLOYMENT, (*POD_SPEC, "tolerations")) is None
    assert openapi.keys_at(DEPLOYMENT, (*POD_SPEC, "containers", "args")) is None
    assert openapi.keys_at(DEPLOYMENT, ("metadata", "finalizers")) == ()
    assert openapi.keys_at(DEPLOYMENT, ("metadata", "ownerReferences")) == ("uid",)


async def test_a_kind_that_contains_itself_is_walked_to_an_end(client: KubeClient) -> None:
    openapi = OpenApi(client)
    await openapi.load("apiextensions.k8s.io", "v1")
    definition = GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    assert openapi.keys_at(definition, ("status", "conditions")) == ("type",)


async def test_what_was_not_loaded_is_answered_by_the_fallback(client: KubeClient) -> None:
    openapi = OpenApi(client, fallback=WELL_KNOWN)
    path = (*POD_SPEC, "containers")
    assert openapi.list_keys(DEPLOYMENT) is None
    assert openapi.keys_at(DEPLOYMENT, path) == WELL_KNOWN.keys_at(DEPLOYMENT, path)


async def test_a_group_version_the_cluster_does_not_describe_is_not_found(client: KubeClient) -> None:
    with pytest.raises(NotFoundError):
        await OpenApi(client).load("none.example.io", "v1")


async def test_unchanged_descriptions_are_kept(client: KubeClient) -> None:
    openapi = OpenApi(client)
    await openapi.load("apps", "v1")
    assert not await openapi.refresh()
    assert openapi.is_loaded("apps", "v1")


async def test_the_schema_of_a_kind_is_whole(client: KubeClient) -> None:
    openapi = OpenApi(client)
    address = await openapi.address_of("apps", "v1")
    assert "hash=" in address
    found = msgspec.json.decode(schema_of((await client.get_path(address)).body, DEPLOYMENT))
    assert {"apiVersion", "kind", "metadata", "spec", "status"} == set(found["schema"]["properties"])
    text = msgspec.json.encode(found).decode()
    referred = set(re.findall(r'"\$ref":"#/definitions/([^"]+)"', text))
    assert referred == set(found["definitions"])
    container = found["definitions"]["io.k8s.api.core.v1.Container"]
    assert container["required"] == ["name"]
    assert container["properties"]["image"]["description"]
    with pytest.raises(NotFoundError):
        await openapi.address_of("none.example.io", "v1")
