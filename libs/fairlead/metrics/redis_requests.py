"""Requests to Redis as Argo CD counts them; its services differ in names, labels, buckets (contract 17)."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

COUNT = "argocd_redis_request"
DURATION = "argocd_redis_request_duration"


class RedisRequests:
    """Told of each request. With `hostname` the labels begin with it. What is counted is in a registry of its
    own, as services may share a process."""

    def __init__(
        self, initiator: str, *, buckets: Sequence[float], duration: str = DURATION, hostname: str = ""
    ) -> None:
        first = ["hostname"] if hostname else []
        self._values = (*([hostname] if hostname else []), initiator)
        self._registry = CollectorRegistry()
        self._count = Counter(
            COUNT,
            "Requests to Redis by outcome",
            [*first, "initiator", "command", "failed"],
            registry=self._registry,
        )
        self._duration = Histogram(
            duration,
            "Seconds of requests to Redis",
            [*first, "initiator"],
            buckets=buckets,
            registry=self._registry,
        ).labels(*self._values)

    def written(self) -> list[bytes]:
        """All of it, for a scrape; a few dozen lines."""
        return [generate_latest(self._registry)]

    def __call__(self, command: str, seconds: float, *, failed: bool) -> None:
        """One request ended."""
        self._count.labels(*self._values, command, str(failed).lower()).inc()
        self._duration.observe(seconds)
