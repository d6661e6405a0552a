"""Answers other processes' questions about clusters: how one is found, and new credentials for it.

Invariant: what is asked of the open cluster is in memory; no question opens a cluster or changes who owns it.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import structlog

from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.destination.clusters import Clusters, Owned
from fairlead.app_controller.destination.entry import Entry
from fairlead.app_controller.destination.rotate import RotationError, rotate
from fairlead.bus import Bus, NotOursError, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.connection import Connection, from_cluster_secret
from fairlead.kube.errors import KubeError
from fairlead.kube.minting import Mint
from fairlead.kube.rest import KubeClient
from fairlead.kube.retry import NO_RETRY
from fairlead.kube.transport import Bounds
from fairlead.rpc import clusters as rpc
from fairlead.secret.seal import Seal

MAX_API_VERSIONS = 5000
"""API versions of one cluster that are told; what is beyond is left out."""
SHARD = 0
TRIALS_AT_ONCE = 8
TRIAL = Bounds(connect_seconds=5.0, request_seconds=10.0, answer_bytes=64 << 10)
"""A cluster that is registered has so long to say its version."""

log = structlog.get_logger(__name__)


class ClusterAnswers:
    """Serves the clusters' part of `rpc.controller.0.*`, for the clusters that are ours."""

    def __init__(
        self, bus: Bus, control: KubeClient, clusters: Clusters, *, owned: Owned, seal: Seal | None = None
    ) -> None:
        self._seal = seal
        self._gate = asyncio.Semaphore(TRIALS_AT_ONCE)
        self._bus = bus
        self._control = control
        self._clusters = clusters
        self._owned = owned

    async def serve(self) -> None:
        """Subscribe to every verb."""
        for verb, answer in ((rpc.STATE, self._state), (rpc.ROTATE, self._rotate), (rpc.TRY, self._try)):
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
            await rotate(
                self._control,
                secret,
                entry.connection,
                fence=lambda: self._owned.may_act(entry.server),
            )
        except (RotationError, KubeError) as error:
            raise RemoteError("Unknown", str(error)) from error
        return encode(rpc.ClusterRotated())

    async def _try(self, _: str, payload: bytes) -> bytes:
        """TryCluster -> TriedCluster; what is wrong is an answer."""
        asked = decode(rpc.TryCluster, payload)
        if not self._owned.owns(asked.server):
            raise NotOursError
        config = self._seal.open(rpc.context_of(asked.server), asked.sealed) if self._seal else None
        if config is None:
            log.error("cluster.trial.refused", reason="credentials do not open", security=3)
            raise RemoteError("InvalidArgument", "the credentials to be tried cannot be opened here")
        try:
            async with self._gate:
                await _reached(from_cluster_secret(asked.server, config), self._clusters.mint)
        except KubeError as error:
            return encode(rpc.TriedCluster(problem=error.outline))
        return encode(rpc.TriedCluster())

    def _found(self, payload: bytes) -> tuple[Entry, Cluster | None]:
        server = decode(rpc.ClusterQuery, payload).server
        if not self._owned.owns(server):
            raise NotOursError
        entry, cluster = self._clusters.registered(server)
        if entry is None:
            raise RemoteError("NotFound", f'cluster "{server}" not found')
        return entry, cluster


async def _reached(connection: Connection, mint: Mint | None) -> None:
    """Raises KubeError unless the cluster says its version."""
    async with KubeClient(connection, bounds=TRIAL, retry=NO_RETRY, mint=mint) as client:
        await client.get_path("/version")


def state_of(entry: Entry, cluster: Cluster | None) -> rpc.ClusterState:
    """How a cluster is found now."""
    if entry.problem:
        return rpc.ClusterState(status="Failed", message=entry.problem)
    if cluster is None:
        return rpc.ClusterState(status="Unknown")
    status, message = "Successful", ""
    if cluster.problem is not None:
        status, message = "Failed", f"{cluster.problem.words} (since {cluster.problem.since})"
    elif not cluster.live.is_synced:
        status, message = "Unknown", "the cluster is being read for the first time"
    serving = cluster.capabilities
    return rpc.ClusterState(
        status=status,
        message=message,
        attempted_at=cluster.asked_at,
        server_version=serving.kube_version.removeprefix("v").partition("+")[0].partition("-")[0],
        resources=len(cluster.live.index),
        apis=len(serving.api_versions),
        synced_at=_opened(cluster) if cluster.live.is_synced else "",
        api_versions=serving.api_versions[:MAX_API_VERSIONS],
    )


def _opened(cluster: Cluster) -> str:
    since = datetime.now(UTC) - timedelta(seconds=time.monotonic() - cluster.opened_at)
    return since.strftime("%Y-%m-%dT%H:%M:%SZ")
