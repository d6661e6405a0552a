"""What an app-controller answers about clusters: subjects `rpc.controller.<shard>.<verb>`."""

from fairlead.events.envelope import Event

STATE = "cluster-state"
ROTATE = "rotate-cluster"
TRY = "try-cluster"
STATE_TIMEOUT = 3.0
"""Seconds: the answer is in memory, so who does not answer by then has nothing to say."""
ROTATE_TIMEOUT = 25.0
"""Seconds for the few requests to the cluster that a rotation takes."""
TRY_TIMEOUT = 20.0
"""Seconds for a cluster to say its version, and for us to hear of it."""


def context_of(server: str) -> str:
    """What the credentials of a cluster are sealed for that somebody wants tried: its address."""
    return f"cluster/{server}"


class ClusterQuery(Event, frozen=True, kw_only=True):
    """Names a cluster."""

    server: str


class TryCluster(Event, frozen=True, kw_only=True):
    """Ask whether a cluster can be reached. `sealed` is the `config` of its Secret, kept nowhere."""

    server: str
    sealed: bytes

    def __repr__(self) -> str:
        return f"TryCluster(server={self.server!r})"


class TriedCluster(Event, frozen=True, kw_only=True):
    """`problem` is "" when the cluster said its version."""

    problem: str = ""


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
