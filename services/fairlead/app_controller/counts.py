"""What this process counts of itself for Prometheus: requests to Redis, writes to clusters (contract 17)."""

import socket

from fairlead.kube.resource import Resource
from fairlead.metrics import Counter, Gauge, RedisRequests

INITIATOR = "argocd-application-controller"
REDIS_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
HOST = socket.gethostname()

_WRITES = Counter("argocd_kubectl_exec", "Writes to clusters by kubectl's word", ["hostname", "command"])
_WRITING = Gauge("argocd_kubectl_exec_pending", "Writes under way", ["hostname", "command"])


def redis_requests() -> RedisRequests:
    """What this process' cache tells of its requests; to be exposed."""
    return RedisRequests(INITIATOR, buckets=REDIS_SECONDS, hostname=HOST)


def wrote(verb: str, resource: Resource, outcome: str) -> None:
    """A write of a ClusterWriter began or ended."""
    del resource
    if outcome == "begun":
        _WRITING.labels(HOST, verb).inc()
    else:
        _WRITING.labels(HOST, verb).dec()
        _WRITES.labels(HOST, verb).inc()
