"""Listing and getting clusters. Whoever may not see one is told what is told of none."""

import asyncio
from collections import Counter
from typing import Any

import msgspec

from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.described import described
from fairlead.api_server.operations.cluster.registered import LOCAL_SERVER, RegisteredCluster, registered
from fairlead.api_server.operations.cluster.requests import ClusterQuery
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.kube.errors import KubeError
from fairlead.rpc import clusters as rpc

RESOURCE = "clusters"
ASKED_AT_ONCE = 16
"""Clusters whose state is asked for at the same time."""


class ClusterList(msgspec.Struct, frozen=True, kw_only=True):
    """Clusters in the order of their servers."""

    metadata: dict[str, str]
    items: list[dict[str, Any]]


async def list_all(backend: Backend, caller: Caller, query: ClusterQuery) -> ClusterList:
    """The clusters the caller may see."""
    server, name = query.wanted
    seen = [
        cluster
        for cluster in registered(backend)
        if server in ("", cluster.server) and name in ("", cluster.name) and may_see(caller, cluster)
    ]
    return ClusterList(metadata={}, items=await shown(backend, seen))


async def get(backend: Backend, caller: Caller, query: ClusterQuery) -> dict[str, Any]:
    """One cluster; an unknown one and a forbidden one are answered alike."""
    [item] = await shown(backend, [find_for(backend, caller, "get", query)])
    return item


def find_for(backend: Backend, caller: Caller, action: str, query: ClusterQuery) -> RegisteredCluster:
    """The cluster a query names, if the caller may do `action` to it."""
    server, name = query.wanted
    for cluster in registered(backend):
        is_meant = bool(server or name) and server in ("", cluster.server) and name in ("", cluster.name)
        if is_meant and may_see(caller, cluster):
            if action != "get":
                authorize.require(caller, RESOURCE, action, object_of(cluster))
            return cluster
    raise authorize.hidden()


def may_see(caller: Caller, cluster: RegisteredCluster) -> bool:
    """Whether the caller may know of a cluster."""
    return authorize.is_allowed(caller, RESOURCE, "get", object_of(cluster))


def object_of(cluster: RegisteredCluster) -> str:
    """How policies name a cluster."""
    return authorize.cluster_object(cluster.server, cluster.project)


async def shown(backend: Backend, clusters: list[RegisteredCluster]) -> list[dict[str, Any]]:
    """Clusters with their states, asked of their controllers."""
    counts = _applications(backend)
    gate = asyncio.Semaphore(ASKED_AT_ONCE)

    async def show(cluster: RegisteredCluster) -> dict[str, Any]:
        count = counts[cluster.server] + (counts[cluster.name] if cluster.name != cluster.server else 0)
        async with gate:
            state = await _state(backend, cluster)
        return described(cluster, state, applications=count)

    return list(await asyncio.gather(*map(show, clusters)))


async def _state(backend: Backend, cluster: RegisteredCluster) -> rpc.ClusterState:
    try:
        state = await backend.ask.cluster(rpc.ClusterQuery(server=cluster.server))
    except RefusalError as error:
        state = rpc.ClusterState(status="Unknown", message=error.message)
    if not state.server_version and cluster.server == LOCAL_SERVER:
        state = msgspec.structs.replace(state, server_version=await _version(backend))
    return state


async def _version(backend: Backend) -> str:
    """The version of the cluster that the control plane is in."""
    try:
        answer = await backend.kube.get_path("/version")
    except KubeError:
        return ""
    text: str = msgspec.json.decode(answer.body).get("gitVersion", "")
    return text.removeprefix("v").partition("+")[0].partition("-")[0]


def _applications(backend: Backend) -> Counter[str]:
    """How many applications name each server or name."""
    return Counter(document.destination for document in backend.mirrors.applications.all())
