"""What an app-controller answers about clusters: subjects `rpc.controller.<shard>.<verb>`."""

from fairlead.events.envelope import Event

STATE = "cluster-state"
ROTATE = "rotate-cluster"
STATE_TIMEOUT = 3.0
"""Seconds: the answer is in memory, so who does not answer by then has nothing to say."""
ROTATE_TIMEOUT = 25.0
"""Seconds for the few requests to the cluster that a rotation takes."""


class ClusterQuery(Event, frozen=True, kw_only=True):
    """Names a cluster."""

    server: str


class ClusterState(Event, frozen=True, kw_only=True):
    """How a cluster is found. `status` is one of Successful, Failed and Unknown; times are RFC 3339."""

    status: str
    message: str = ""
    attempted_at: str = ""
    server_version: str = ""
    resources: int = 0
    apis: int = 0
    synced_at: str = ""
    api_versions: tuple[str, ...] = ()


class ClusterRotated(Event, frozen=True, kw_only=True):
    """The cluster has new credentials, and its Secret says so."""
