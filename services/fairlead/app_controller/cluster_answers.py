"""Answers other processes' questions about clusters: how one is found, and new credentials for it.

Invariant: what is asked of the open cluster is in memory; no question opens a cluster or changes who owns it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from fairlead.app_controller.cluster import Cluster
from fairlead.app_controller.clusters import Clusters, Owned
from fairlead.app_controller.entry import Entry
from fairlead.app_controller.rotate import RotationError, rotate
from fairlead.app_controller.times import stamp
from fairlead.bus import Bus, NotOursError, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.rpc import clusters as rpc

MAX_API_VERSIONS = 5000
"""API versions of one cluster that are told; what is beyond is left out."""
SHARD = 0


class ClusterAnswers:
    """Serves the clusters' part of `rpc.controller.0.*`, for the clusters that are ours."""

    def __init__(self, bus: Bus, control: KubeClient, clusters: Clusters, *, owned: Owned) -> None:
        self._bus = bus
        self._control = control
        self._clusters = clusters
        self._owned = owned

    async def serve(self) -> None:
        """Subscribe to every verb."""
        for verb, answer in ((rpc.STATE, self._state), (rpc.ROTATE, self._rotate)):
            await self._bus.serve(subjects.rpc_controller(SHARD, verb), answer)

    async def _state(self, _: str, payload: bytes) -> bytes:
        entry, cluster = self._found(payload)
        return encode(state_of(entry, cluster))

    async def _rotate(self, _: str, payload: bytes) -> bytes:
        entry, _cluster = self._found(payload)
        secret = self._clusters.secret_of(entry.server)
        if entry.connection is None or secret is None or not entry.connection.token:
            text = f"Cluster '{entry.server}' does not use bearer token authentication"
            raise RemoteError("InvalidArgument", text)
        if not self._owned.may_act(entry.server):
            raise RemoteError("FailedPrecondition", f'cluster "{entry.server}" changes its owner; try again')
        try:
            await rotate(self._control, secret, entry.connection)
        except (RotationError, KubeError) as error:
            raise RemoteError("Unknown", str(error)) from error
        return encode(rpc.ClusterRotated())

    def _found(self, payload: bytes) -> tuple[Entry, Cluster | None]:
        server = decode(rpc.ClusterQuery, payload).server
        if not self._owned.owns(server):
            raise NotOursError
        entry, cluster = self._clusters.registered(server)
        if entry is None:
            raise RemoteError("NotFound", f'cluster "{server}" not found')
        return entry, cluster


def state_of(entry: Entry, cluster: Cluster | None) -> rpc.ClusterState:
    """How a cluster is found now."""
    if entry.problem:
        return rpc.ClusterState(status="Failed", message=entry.problem, attempted_at=stamp())
    if cluster is None:
        return rpc.ClusterState(status="Unknown", attempted_at=stamp())
    status, message = "Successful", ""
    if cluster.problem is not None:
        status, message = "Failed", cluster.problem.words
    elif not cluster.live.is_synced:
        status, message = "Unknown", "the cluster is being read for the first time"
    serving = cluster.capabilities
    return rpc.ClusterState(
        status=status,
        message=message,
        attempted_at=stamp(),
        server_version=serving.kube_version.removeprefix("v").partition("+")[0].partition("-")[0],
        resources=len(cluster.live.index),
        apis=len(serving.api_versions),
        synced_at=_opened(cluster) if cluster.live.is_synced else "",
        api_versions=serving.api_versions[:MAX_API_VERSIONS],
    )


def _opened(cluster: Cluster) -> str:
    since = datetime.now(UTC) - timedelta(seconds=time.monotonic() - cluster.opened_at)
    return since.strftime("%Y-%m-%dT%H:%M:%SZ")
