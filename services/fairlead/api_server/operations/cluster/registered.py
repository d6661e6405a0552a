"""The clusters that applications may name, as their Secrets describe them, without credentials."""

from typing import Any

import msgspec

from fairlead.api_server.config_map import CONFIG, SECRET_TYPE, SecretObject
from fairlead.api_server.operations.backend import Backend

LOCAL_NAME = "in-cluster"
LOCAL_SERVER = "https://kubernetes.default.svc"
REFRESH = "argocd.argoproj.io/refresh"
MANAGED_BY = "managed-by"


class RegisteredCluster(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster that applications may name. `secret` is "" for the local one that no Secret describes."""

    server: str
    name: str
    project: str = ""
    namespaces: tuple[str, ...] = ()
    cluster_resources: bool = False
    shard: int | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    refresh_requested_at: str = ""
    secret: str = ""
    config: dict[str, Any] = {}
    """What of it is no credential."""


def registered(backend: Backend) -> list[RegisteredCluster]:
    """Every cluster applications may name, the local one included unless it is switched off or declared."""
    found = [
        of_secret(secret) for secret in backend.control.labelled("cluster") if secret.values.get("server")
    ]
    if not backend.control.settings.in_cluster_enabled:
        found = [cluster for cluster in found if cluster.server != LOCAL_SERVER]
    elif all(cluster.server != LOCAL_SERVER for cluster in found):
        found.append(RegisteredCluster(server=LOCAL_SERVER, name=LOCAL_NAME))
    return sorted(found, key=lambda cluster: cluster.server)


def registered_for(backend: Backend, server: str, name: str) -> RegisteredCluster | None:
    """The cluster of a server or a name; None when there is none."""
    server = server.rstrip("/")
    for cluster in registered(backend):
        if cluster.server == server if server else bool(name) and cluster.name == name:
            return cluster
    return None


def of_secret(secret: SecretObject) -> RegisteredCluster:
    """The cluster that a Secret describes (contract 12.2); its labels and annotations are the cluster's."""
    values = secret.values
    server = values.get("server", "").rstrip("/")
    shard = values.get("shard", "").strip()
    return RegisteredCluster(
        server=server,
        name=values.get("name", "") or server,
        project=values.get("project", ""),
        namespaces=tuple(name.strip() for name in values.get("namespaces", "").split(",") if name.strip()),
        cluster_resources=values.get("clusterResources", "") == "true",
        shard=int(shard) if shard.isdecimal() else None,
        labels={key: value for key, value in secret.labels.items() if key != SECRET_TYPE},
        annotations={
            key: value for key, value in secret.annotations.items() if key not in (MANAGED_BY, REFRESH)
        },
        refresh_requested_at=secret.annotations.get(REFRESH, ""),
        secret=secret.name,
        config=msgspec.json.decode(values.get(CONFIG) or "{}"),
    )
