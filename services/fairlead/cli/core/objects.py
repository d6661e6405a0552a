"""Custom resources of a control plane, as plain documents."""

from typing import Any

import msgspec

from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

Document = dict[str, Any]


def _kind(kind: str, plural: str) -> Resource:
    return Resource(group="argoproj.io", version="v1alpha1", plural=plural, kind=kind, namespaced=True)


APPLICATIONS, PROJECTS = _kind("Application", "applications"), _kind("AppProject", "appprojects")
APPLICATION_SETS = _kind("ApplicationSet", "applicationsets")
SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)


class Objects:
    """Reading and writing; `namespace` is that of the control plane. Raises KubeError."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self.client = client
        self.namespace = namespace

    async def get(self, resource: Resource, name: str, namespace: str = "") -> Document:
        """One object."""
        return _decoded(await self.client.get(resource, name, namespace or self.namespace))

    async def find(self, resource: Resource, name: str, namespace: str = "") -> Document | None:
        """One object, or None."""
        raw = await self.client.find(resource, name, namespace or self.namespace)
        return None if raw is None else _decoded(raw)

    async def list_all(self, resource: Resource, selector: str = "", namespace: str = "") -> list[Document]:
        """All objects with these labels."""
        home = namespace or self.namespace
        return [_decoded(raw) for raw in await self.client.list_all(resource, home, label_selector=selector)]

    async def create(self, resource: Resource, obj: Document) -> Document:
        """A new object."""
        home = str((obj.get("metadata") or {}).get("namespace") or self.namespace)
        typed = {**obj, "apiVersion": resource.api_version, "kind": resource.kind}
        return _decoded(await self.client.create(resource, msgspec.json.encode(typed), home))

    async def update(self, resource: Resource, obj: Document) -> Document:
        """Replace an object that was read."""
        metadata = obj["metadata"]
        typed = {**obj, "apiVersion": resource.api_version, "kind": resource.kind}
        home = str(metadata.get("namespace") or self.namespace)
        return _decoded(
            await self.client.update(resource, metadata["name"], msgspec.json.encode(typed), home)
        )

    async def patch(self, resource: Resource, name: str, change: Document, namespace: str = "") -> Document:
        """A merge patch."""
        home = namespace or self.namespace
        return _decoded(await self.client.merge_patch(resource, name, msgspec.json.encode(change), home))

    async def json_patch(
        self, resource: Resource, name: str, change: list[Any], namespace: str = ""
    ) -> Document:
        """A JSON patch."""
        home = namespace or self.namespace
        return _decoded(await self.client.json_patch(resource, name, change, home))

    async def delete(self, resource: Resource, name: str, namespace: str = "") -> None:
        """Begin deletion."""
        await self.client.delete(resource, name, namespace or self.namespace)


def _decoded(raw: bytes) -> Document:
    return msgspec.json.decode(raw, type=Document)
