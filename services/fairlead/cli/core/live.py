"""Live objects of an application without a server: its tree, single objects, and what its pods say.

What belongs to an application is what its status lists; what belongs to that is found by owner references
among ReplicaSets, Jobs and Pods of the same namespaces. The invariant: a destination that cannot be read is
refused, never shown as empty.
"""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from fairlead.cli.core.objects import APPLICATIONS, SECRETS, Document, Objects
from fairlead.cli.errors import RefusedError
from fairlead.cli.spec.secrets import TYPE_LABEL
from fairlead.health.assess import assess
from fairlead.kube.connection import from_cluster_secret
from fairlead.kube.discovery import Discovery
from fairlead.kube.resource import Resource
from fairlead.kube.rest import POD, KubeClient

INVALID, NOT_FOUND = 3, 5
MASK = "++++++++"
LOCAL = ("https://kubernetes.default.svc", "in-cluster")
Query = dict[str, str]


def _kind(group: str, kind: str, plural: str) -> Resource:
    return Resource(group=group, version="v1", plural=plural, kind=kind, namespaced=True)


OWNED = (_kind("apps", "ReplicaSet", "replicasets"), _kind("batch", "Job", "jobs"), POD)
"""Kinds that controllers make for others."""


async def tree(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """The objects of an application and what they own."""
    app = await objects.get(APPLICATIONS, words[1], query.get("appNamespace", ""))
    async with destination(objects, app) as client:
        return {"nodes": await nodes_of(client, app)}


async def resource(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """One live object of the application, or of what its objects own."""
    app = await objects.get(APPLICATIONS, words[1], query.get("appNamespace", ""))
    async with destination(objects, app) as client:
        wanted = {key: query.get(field, "") for key, field in _NAMED.items()}
        for node in await nodes_of(client, app):
            if all(str(node.get(key) or "") == value for key, value in wanted.items()):
                discovery = await _discovered(client)
                served = discovery.resource_for(node["group"], node["kind"], node["version"] or None)
                if served is not None:
                    raw = await client.get(served, node["name"], node["namespace"] or None)
                    return {"manifest": msgspec.json.encode(_masked(msgspec.json.decode(raw), node)).decode()}
    raise RefusedError(
        INVALID, f"{query.get('kind')} {query.get('resourceName')} not found as part of application"
    )


_NAMED = {"group": "group", "kind": "kind", "namespace": "namespace", "name": "resourceName"}


@asynccontextmanager
async def destination(objects: Objects, app: Document) -> AsyncIterator[KubeClient]:
    """The cluster that an application goes to. Raises RefusedError when no Secret declares it, KubeError."""
    wanted = (app.get("spec") or {}).get("destination") or {}
    server, name = str(wanted.get("server") or "").rstrip("/"), str(wanted.get("name") or "")
    if server in ("", LOCAL[0]) and name in ("", LOCAL[1]):
        yield objects.client
        return
    for secret in await objects.list_all(SECRETS, f"{TYPE_LABEL}=cluster"):
        data = {key: base64.b64decode(value or "") for key, value in (secret.get("data") or {}).items()}
        known = data.get("server", b"").decode().rstrip("/")
        if (server and known == server) or (name and data.get("name", b"").decode() == name):
            async with KubeClient(from_cluster_secret(known, data.get("config", b""))) as client:
                yield client
            return
    raise RefusedError(NOT_FOUND, f'cluster "{server or name}" not found')


async def nodes_of(client: KubeClient, app: Document) -> list[Document]:
    """What the status lists, as far as it is there, and what that owns. Raises KubeError."""
    discovery = await _discovered(client)
    roots = []
    for listed in (app.get("status") or {}).get("resources") or []:
        group, kind = str(listed.get("group") or ""), str(listed.get("kind") or "")
        served = discovery.resource_for(group, kind, listed.get("version"))
        namespace, name = str(listed.get("namespace") or ""), str(listed.get("name") or "")
        raw = None if served is None else await client.find(served, name, namespace or None)
        if raw is not None:
            roots.append(_node(msgspec.json.decode(raw), group, kind))
    namespaces = sorted({node["namespace"] for node in roots if node["namespace"]})
    owned = [
        _node(msgspec.json.decode(raw), each.group, each.kind)
        for each in OWNED
        for namespace in namespaces
        for raw in await client.list_all(each, namespace)
    ]
    return _descended(roots, owned)


def _descended(roots: list[Document], owned: list[Document]) -> list[Document]:
    """The roots, and those of the others whose owners lead to one."""
    found = {str(node["uid"]): node for node in roots}
    left = [node for node in owned if node["uid"] not in found]
    while True:
        new = [node for node in left if any(parent["uid"] in found for parent in node["parentRefs"])]
        if not new:
            return list(found.values())
        found |= {str(node["uid"]): node for node in new}
        left = [node for node in left if node["uid"] not in found]


async def _discovered(client: KubeClient) -> Discovery:
    discovery = Discovery(client)
    await discovery.refresh()
    return discovery


def _masked(obj: Document, node: Document) -> Document:
    """The object as the API shows it: without the values of Secrets."""
    if (node["group"], node["kind"]) != ("", "Secret"):
        return obj
    return {**obj, "data": dict.fromkeys(obj.get("data") or {}, MASK)}


def _node(obj: Document, group: str, kind: str) -> Document:
    metadata: Mapping[str, Any] = obj.get("metadata") or {}
    version = str(obj.get("apiVersion") or "").rpartition("/")[2]
    typed = {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, **obj}
    health = assess(typed)
    shown: Document = {
        "group": group,
        "version": version or "v1",
        "kind": kind,
        "namespace": str(metadata.get("namespace") or ""),
        "name": str(metadata.get("name") or ""),
        "uid": str(metadata.get("uid") or ""),
        "createdAt": str(metadata.get("creationTimestamp") or ""),
        "parentRefs": [{"uid": str(owner.get("uid"))} for owner in metadata.get("ownerReferences") or []],
    }
    if health is not None:
        shown["health"] = {"status": health.status.value, "message": health.message}
    return shown


ROUTES = {
    ("GET", "applications/*/resource-tree"): tree,
    ("GET", "applications/*/resource"): resource,
}
