"""A cluster as it is answered: what its Secret says without credentials, and how its controller finds it."""

import hashlib
from typing import Any

import msgspec

from fairlead.api_server.operations.cluster.registered import RegisteredCluster
from fairlead.rpc.clusters import ClusterState

UNKNOWN = "Unknown"
FAILED = "Failed"
UNWATCHED = "Cluster has no applications and is not being monitored."


def described(
    cluster: RegisteredCluster, state: ClusterState | None = None, *, applications: int = 0
) -> dict[str, Any]:
    """The cluster; without `state` nobody was asked how it is. One without applications is not followed for
    anybody, whatever its controller knows of it."""
    found = state or ClusterState(status=UNKNOWN, message=UNWATCHED)
    if not applications and found.status != FAILED:
        found = ClusterState(
            status=UNKNOWN,
            message=UNWATCHED,
            attempted_at=found.attempted_at,
            server_version=found.server_version,
        )
    connection = {
        key: value
        for key, value in (
            ("status", found.status),
            ("message", found.message),
            ("attemptedAt", found.attempted_at),
        )
        if value or key == "status"
    }
    config = {"tlsClientConfig": {"insecure": False}, **cluster.config}
    return _filled(
        server=cluster.server,
        name=cluster.name or cluster.server,
        config=config,
        connectionState=connection,
        serverVersion=found.server_version,
        info=_filled(
            connectionState=connection,
            serverVersion=found.server_version,
            cacheInfo=_filled(
                resourcesCount=found.resources,
                apisCount=found.apis,
                lastCacheSyncTime=found.synced_at,
            ),
            applicationsCount=applications,
            apiVersions=list(found.api_versions),
        ),
        namespaces=list(cluster.namespaces),
        clusterResources=cluster.cluster_resources,
        project=cluster.project,
        shard=cluster.shard,
        labels=cluster.labels,
        annotations=cluster.annotations,
        refreshRequestedAt=cluster.refresh_requested_at,
        configHash=_hash(config),
    )


def _filled(**fields: Any) -> dict[str, Any]:
    """The fields that say something; a shard's number may be 0, and objects may be empty."""
    kept = {"cacheInfo", "applicationsCount", "serverVersion", "shard"}
    return {key: value for key, value in fields.items() if value or (key in kept and value is not None)}


def _hash(config: dict[str, Any]) -> int:
    """Changes with what is shown; of credentials it must tell nothing, so it cannot change with them."""
    digest = hashlib.sha256(msgspec.json.encode(config, order="deterministic")).digest()
    return int.from_bytes(digest[:8], "big")
