"""What this service counts for Prometheus (contract 17); repositories are named without passwords."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fairlead.matching.repository import normalized_url, without_password
from fairlead.metrics import Counter, Gauge, Histogram

GIT_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0)
COMMIT_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0, 60.0, 150.0)
_PENDING = Gauge(
    "argocd_commitserver_commit_pending_request_total", "Commits that wait or are made", ["repo"]
)
_REQUESTS = Counter("argocd_commitserver_git_request", "Requests to Git hosts", ["repo", "request_type"])
_SECONDS = Histogram(
    "argocd_commitserver_git_request_duration_seconds",
    "Seconds of requests to Git hosts",
    ["repo", "request_type"],
    buckets=GIT_SECONDS,
)
_COMMITS = Counter(
    "argocd_commitserver_commit_request", "Commits that were asked for", ["repo", "response_type"]
)
_COMMIT_SECONDS = Histogram(
    "argocd_commitserver_commit_request_duration_seconds",
    "Seconds until what was asked for stood in the repository",
    ["repo", "response_type"],
    buckets=COMMIT_SECONDS,
)
_UNSIGNED = Counter(
    "argocd_commitserver_signing_failure", "Commits that could not be signed", ["repo", "reason"]
)


def shown(url: str) -> str:
    """A repository as labels name it."""
    return normalized_url(without_password(url))


def asked(url: str, request: str, seconds: float, *, failed: bool) -> None:
    """A request to a Git host ended."""
    _REQUESTS.labels(shown(url), request).inc()
    _SECONDS.labels(shown(url), request).observe(seconds)


@contextmanager
def counted(url: str) -> Iterator[None]:
    """A commit is asked for while the block runs; it failed when the block raises."""
    repo, begun, response = shown(url), time.perf_counter(), "failure"
    _PENDING.labels(repo).inc()
    try:
        yield
        response = "success"
    finally:
        _PENDING.labels(repo).dec()
        _COMMITS.labels(repo, response).inc()
        _COMMIT_SECONDS.labels(repo, response).observe(time.perf_counter() - begun)


def unsigned(url: str, reason: str) -> None:
    """A commit was not signed: `commit`, `verify`, `bad_status` or `wrong_key`."""
    _UNSIGNED.labels(shown(url), reason).inc()
