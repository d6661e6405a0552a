"""What processes count for Prometheus: its client where labels are few, kept pieces where there are many.

Why two: the client makes every line anew at each scrape, about 10 µs each; of ten thousand applications that
is half a second in which nothing else runs. A `Family` keeps each owner's lines until they change. Invariant:
nobody else imports the client, and only what this package writes is exposed.
"""

from prometheus_client import Counter as Counter
from prometheus_client import Gauge as Gauge
from prometheus_client import Histogram as Histogram
from prometheus_client import disable_created_metrics as _disable_created_metrics

from fairlead.metrics.exposition import CONTENT_TYPE, Exposition
from fairlead.metrics.family import Family, header, labelled, number
from fairlead.metrics.redis_requests import RedisRequests

__all__ = [
    "CONTENT_TYPE",
    "Counter",
    "Exposition",
    "Family",
    "Gauge",
    "Histogram",
    "RedisRequests",
    "header",
    "labelled",
    "number",
    "say_version",
]

_disable_created_metrics()  # type: ignore[no-untyped-call]

_INFO = Gauge("argocd_info", "1, with the version that runs", ["version"])


def say_version(version: str) -> None:
    """What `argocd_info` says."""
    _INFO.labels(version).set(1)
