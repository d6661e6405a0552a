"""Cluster service, the part that reads. Credentials are never part of an answer."""

from typing import Any
from urllib.parse import unquote

import msgspec

from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError

LOCAL_NAME = "in-cluster"
LOCAL_SERVER = "https://kubernetes.default.svc"
UNWATCHED = "Cluster has no applications and is not being monitored."


class RegisteredCluster(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster that applications may name."""

    server: str
    name: str
    project: str = ""
    namespaces: tuple[str, ...] = ()


class ClusterId(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster's server, or with a type of `name` its name; `…_escaped` when it is percent-encoded."""

    type: str = ""
    value: str = ""


class ClusterQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Names a cluster by server, name or id."""

    server: str = ""
    name: str = ""
    id: ClusterId = ClusterId()


class ClusterList(msgspec.Struct, frozen=True, kw_only=True):
    """Clusters in the order of their servers."""

    metadata: dict[str, str]
    items: list[dict[str, Any]]


def registered(backend: Backend) -> list[RegisteredCluster]:
    """Every cluster applications may name, the local one included unless it is switched off or declared."""
    found = [
        RegisteredCluster(
            server=secret.values.get("server", "").rstrip("/"),
            name=secret.values.get("name", ""),
            project=secret.values.get("project", ""),
            namespaces=tuple(filter(None, secret.values.get("namespaces", "").split(","))),
        )
        for secret in backend.control.labelled("cluster")
        if secret.values.get("server")
    ]
    if backend.control.settings.in_cluster_enabled and all(c.server != LOCAL_SERVER for c in found):
        found.append(RegisteredCluster(server=LOCAL_SERVER, name=LOCAL_NAME))
    return sorted(found, key=lambda cluster: cluster.server)


async def list_all(backend: Backend, caller: Caller, query: ClusterQuery) -> ClusterList:
    """The clusters the caller may see."""
    version = await _version(backend)
    return ClusterList(
        metadata={},
        items=[
            _described(backend, cluster, version)
            for cluster in registered(backend)
            if query.server in ("", cluster.server)
            and query.name in ("", cluster.name)
            and authorize.is_allowed(caller, "clusters", "get", _object(cluster))
        ],
    )


async def get(backend: Backend, caller: Caller, query: ClusterQuery) -> dict[str, Any]:
    """One cluster; an unknown one and a forbidden one are answered alike."""
    by_name = query.id.type in ("name", "name_escaped")
    called = unquote(query.id.value) if query.id.type.endswith("_escaped") else query.id.value
    server = (query.server or ("" if by_name else called)).rstrip("/")
    name = query.name or (called if by_name else "")
    for cluster in registered(backend):
        is_meant = bool(server or name) and server in ("", cluster.server) and name in ("", cluster.name)
        if is_meant and authorize.is_allowed(caller, "clusters", "get", _object(cluster)):
            return _described(backend, cluster, await _version(backend))
    raise RefusalError(Code.PERMISSION_DENIED, "permission denied")


def _object(cluster: RegisteredCluster) -> str:
    return authorize.cluster_object(cluster.server, cluster.project)


async def _version(backend: Backend) -> str:
    answer = await backend.kube.get_path("/version")
    text: str = msgspec.json.decode(answer.body).get("gitVersion", "")
    return text.removeprefix("v").partition("+")[0].partition("-")[0]


def _described(backend: Backend, cluster: RegisteredCluster, version: str) -> dict[str, Any]:
    count = sum(
        f'"{cluster.server}"'.encode() in app.json or f'"name":"{cluster.name}"'.encode() in app.json
        for app in backend.mirrors.applications.all()
    )
    watched = cluster.server == LOCAL_SERVER and count > 0
    state: dict[str, Any] = (
        {"status": "Successful"} if watched else {"status": "Unknown", "message": UNWATCHED}
    )
    local_version = version if cluster.server == LOCAL_SERVER else ""
    described: dict[str, Any] = {
        "server": cluster.server,
        "name": cluster.name or cluster.server,
        "config": {"tlsClientConfig": {"insecure": False}},
        "connectionState": state,
        "serverVersion": local_version,
        "info": {
            "connectionState": state,
            "serverVersion": local_version,
            "cacheInfo": {},
            "applicationsCount": count,
        },
    }
    if cluster.namespaces:
        described["namespaces"] = list(cluster.namespaces)
    if cluster.project:
        described["project"] = cluster.project
    return described
