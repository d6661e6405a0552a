"""Requests to API servers, as Prometheus is told of them (contract 17)."""

from functools import lru_cache

from fairlead.kube.sent import Sent
from fairlead.metrics import Counter, Histogram

SERIES = 4096
"""Series that are at hand without being looked up by their labels."""

_REQUESTS = Counter("argocd_kubectl_requests", "Requests to API servers", ["host", "method", "code"])
_REQUEST_SECONDS = Histogram(
    "argocd_kubectl_request_duration_seconds", "Seconds of requests to API servers", ["host", "verb"]
)


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
