"""What this process counts of itself for Prometheus: requests to Redis and to API servers (contract 17)."""

import socket
from functools import lru_cache

from fairlead.kube.resource import Resource
from fairlead.kube.sent import Sent
from fairlead.metrics import Counter, Gauge, Histogram, RedisRequests

INITIATOR = "argocd-application-controller"
REDIS_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
SERIES = 4096
"""Series that are at hand without being looked up by their labels."""
HOST = socket.gethostname()

_WRITES = Counter("argocd_kubectl_exec", "Writes to clusters by kubectl's word", ["hostname", "command"])
_WRITING = Gauge("argocd_kubectl_exec_pending", "Writes under way", ["hostname", "command"])
_REQUESTS = Counter("argocd_kubectl_requests", "Requests to API servers", ["host", "method", "code"])
_REQUEST_SECONDS = Histogram(
    "argocd_kubectl_request_duration_seconds", "Seconds of requests to API servers", ["host", "verb"]
)


def redis_requests() -> RedisRequests:
    """What this process' cache tells of its requests; to be exposed."""
    return RedisRequests(INITIATOR, buckets=REDIS_SECONDS, hostname=HOST)


def requested(sent: Sent) -> None:
    """Any request to any API server."""
    host = sent.server.partition("://")[2]
    _answers(host, sent.method, sent.status).inc()
    _durations(host, sent.method).observe(sent.seconds)


@lru_cache(maxsize=SERIES)
def _answers(host: str, method: str, status: int) -> Counter:
    return _REQUESTS.labels(host, method, str(status) if status else "<error>")


@lru_cache(maxsize=SERIES)
def _durations(host: str, method: str) -> Histogram:
    return _REQUEST_SECONDS.labels(host, method)


def wrote(verb: str, resource: Resource, outcome: str) -> None:
    """A write of a ClusterWriter began or ended."""
    del resource
    if outcome == "begun":
        _WRITING.labels(HOST, verb).inc()
    else:
        _WRITING.labels(HOST, verb).dec()
        _WRITES.labels(HOST, verb).inc()
