"""What a played cluster says of itself: version, groups, kinds, and where lists have keys.

Invariant: all clusters say the same, so every document is made once.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from fairlead.diff.list_keys import WELL_KNOWN
from fairlead.manifest.identity import GroupKind, GroupVersionKind
from fairlead.manifest.pod_specs import POD_SPECS
from tests.fakes.clusters.kinds import KINDS, Kind

VERSION = {
    "major": "1",
    "minor": "36",
    "gitVersion": "v1.36.3",
    "gitTreeState": "clean",
    "platform": "linux/amd64",
}
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
JSON = "application/json"
_REF = "#/components/schemas/"
_META = (("metadata", "finalizers"), ("metadata", "ownerReferences"))


class Document(msgspec.Struct, frozen=True):
    """A body, its type and its tag."""

    body: bytes
    content_type: str = JSON
    etag: str = ""


@cache
def document(path: str, *, is_aggregated: bool = False) -> Document | None:
    """What is answered at a path, None where there is nothing."""
    if path == "/version":
        return _plain(VERSION)
    if path in ("/api", "/apis"):
        return _aggregated(path) if is_aggregated else _plain(_groups(path))
    if path.startswith("/openapi/v3"):
        return _openapi(path)
    found = [kind for kind in KINDS if kind.path.rpartition("/")[0] == path]
    return _plain(_resources(found)) if found else None


def _plain(value: Any) -> Document:
    return Document(msgspec.json.encode(value))


def _aggregated(path: str) -> Document:
    groups: dict[str, dict[str, list[Kind]]] = {}
    for kind in KINDS:
        if (path == "/api") is (not kind.group):
            groups.setdefault(kind.group, {}).setdefault(kind.version, []).append(kind)
    items = [
        {
            "metadata": {"name": name} if name else {},
            "versions": [
                {
                    "version": version,
                    "resources": [_entry(kind) for kind in kinds],
                    "freshness": "Current",
                }
                for version, kinds in versions.items()
            ],
        }
        for name, versions in groups.items()
    ]
    body = msgspec.json.encode(
        {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": items,
        }
    )
    return Document(body, AGGREGATED, f'"{hashlib.sha256(body).hexdigest().upper()}"')


def _entry(kind: Kind) -> dict[str, Any]:
    response = {"group": kind.group, "version": kind.version, "kind": kind.name}
    return {
        "resource": kind.plural,
        "responseKind": response,
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.name.lower(),
        "verbs": list(kind.verbs),
        "subresources": [
            {"subresource": name, "responseKind": response, "verbs": ["get", "patch", "update"]}
            for name in kind.subresources
        ],
    }


def _groups(path: str) -> dict[str, Any]:
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    groups: dict[str, list[dict[str, str]]] = {}
    for kind in KINDS:
        entry = {"groupVersion": kind.api_version, "version": kind.version}
        if kind.group and entry not in groups.setdefault(kind.group, []):
            groups[kind.group].append(entry)
    return {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [
            {"name": name, "versions": versions, "preferredVersion": versions[0]}
            for name, versions in groups.items()
        ],
    }


def _resources(kinds: Iterable[Kind]) -> dict[str, Any]:
    found, version = [], ""
    for kind in kinds:
        version = kind.api_version
        shared = {"singularName": "", "namespaced": kind.namespaced, "kind": kind.name}
        found.append({"name": kind.plural, **shared, "verbs": list(kind.verbs)})
        found += [
            {"name": f"{kind.plural}/{name}", **shared, "verbs": ["get", "patch", "update"]}
            for name in kind.subresources
        ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found}


def _openapi(path: str) -> Document | None:
    versions = {kind.path.rpartition("/")[0][1:]: kind.api_version for kind in KINDS}
    if path == "/openapi/v3":
        return _plain(
            {
                "paths": {
                    name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={_digest(name)}"}
                    for name in versions
                }
            }
        )
    name = path.removeprefix("/openapi/v3/")
    if name not in versions:
        return None
    schemas: dict[str, Any] = {}
    for kind in KINDS:
        if kind.api_version == versions[name]:
            schemas[f"{kind.group or 'core'}.{kind.version}.{kind.name}"] = _schema(kind)
    return _plain({"openapi": "3.0.0", "info": {"title": "Kubernetes"}, "components": {"schemas": schemas}})


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16].upper()


def _schema(kind: Kind) -> dict[str, Any]:
    """The lists of the well-known table; nothing else of a kind is described."""
    gvk = GroupVersionKind(kind.group, kind.version, kind.name)
    root: dict[str, Any] = {"type": "object", "properties": {}}
    for path in _list_paths(gvk.group_kind):
        keys = WELL_KNOWN.keys_at(gvk, path)
        if keys is None:
            continue
        at = root
        for step in path:
            at = at.get("items", at).setdefault("properties", {}).setdefault(step, {"type": "object"})
        at["type"] = "array"
        at.setdefault("items", {"type": "object" if keys else "string"})
        at["x-kubernetes-list-type"] = "map" if keys else "set"
        if keys:
            at["x-kubernetes-list-map-keys"] = list(keys)
    root["x-kubernetes-group-version-kind"] = [
        {"group": kind.group, "version": kind.version, "kind": kind.name}
    ]
    return root


_LISTS = {
    GroupKind("", "Service"): (("spec", "ports"),),
    GroupKind("", "ServiceAccount"): (("secrets",),),
}
_POD_LISTS = (("volumes",), ("imagePullSecrets",), ("hostAliases",), ("topologySpreadConstraints",))
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_IN_CONTAINERS = ((), ("env",), ("ports",), ("volumeMounts",), ("volumeDevices",))


def _list_paths(kind: GroupKind) -> list[tuple[str, ...]]:
    found = [*_META, *_LISTS.get(kind, ())]
    above = POD_SPECS.get(kind)
    if above is not None:
        found += [(*above, *path) for path in _POD_LISTS]
        found += [(*above, name, *path) for name in _CONTAINERS for path in _IN_CONTAINERS]
    return found
