"""What this service counts for Prometheus (contract 17); repositories are named without passwords."""

from fairlead.matching.repository import normalized_url, without_password
from fairlead.metrics import Counter, Gauge, Histogram, RedisRequests
from fairlead.oci import observer

INITIATOR = "argocd-repo-server"
REDIS_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
GIT_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0)
ALL_REFS = ""
"""The `revision` of requests that are about all refs of a repository, as all of ours are."""

_REQUESTS = Counter("argocd_git_request", "Requests to Git hosts", ["repo", "request_type"])
_SECONDS = Histogram(
    "argocd_git_request_duration_seconds",
    "Seconds of requests to Git hosts",
    ["repo", "request_type"],
    buckets=GIT_SECONDS,
)
_FAILED = {
    "fetch": Counter("argocd_git_fetch_fail", "Fetches that failed", ["repo", "revision"]),
    "ls-remote": Counter("argocd_git_lsremote_fail", "Lists of refs that failed", ["repo", "revision"]),
}
_REGISTRY_REQUESTS = Counter("argocd_oci_request", "Requests to registries", ["repo", "request_type"])
_REGISTRY_SECONDS = Histogram(
    "argocd_oci_request_duration_seconds",
    "Seconds of requests to registries",
    ["repo", "request_type"],
    buckets=GIT_SECONDS,
)
_REGISTRY_FAILED = {
    request: Counter(
        f"argocd_oci_{request.replace('-', '_')}_fail",
        f"Failures of {request}",
        ["repo", "revision"],
    )
    for request in (observer.METADATA, observer.RESOLVE, observer.EXTRACT)
}
_REGISTRY_FAILED_WHOLE = {
    request: Counter(f"argocd_oci_{request.replace('-', '_')}_fail", f"Failures of {request}", ["repo"])
    for request in (observer.TEST, observer.TAGS)
}
MOST_HOSTS = 256
"""Hosts that are told apart: applications may name any number of them."""
OTHERS = "others"
_OUTBOUND = Counter(
    "fairlead_outbound_requests", "Requests over HTTP to hosts of repositories", ["host", "code"]
)
_OUTBOUND_SECONDS = Histogram(
    "fairlead_outbound_request_duration_seconds",
    "Seconds until hosts of repositories answered",
    ["host"],
    buckets=GIT_SECONDS,
)
_REMAINING = Gauge(
    "fairlead_outbound_rate_limit_remaining", "Requests that a host still lets us make", ["host"]
)
_HELD = Gauge(
    "fairlead_outbound_held_seconds", "Seconds for which a host was last asked to be left alone", ["host"]
)
_hosts: set[str] = set()
PENDING = Gauge("argocd_repo_pending_request_total", "Renders of a repository that wait or run", ["repo"])
WAITED = Histogram("argocd_repo_parallelism_wait_duration_seconds", "Seconds that renders waited for a place")


def redis_requests() -> RedisRequests:
    """What this process' cache tells of its requests; to be exposed."""
    return RedisRequests(INITIATOR, buckets=REDIS_SECONDS, duration="argocd_redis_request_duration_seconds")


def shown(url: str) -> str:
    """A repository as labels name it."""
    return normalized_url(without_password(url))


def asked(url: str, request: str, seconds: float, *, failed: bool) -> None:
    """A request to a Git host ended."""
    repo = shown(url)
    _REQUESTS.labels(repo, request).inc()
    _SECONDS.labels(repo, request).observe(seconds)
    if failed:
        _FAILED[request].labels(repo, ALL_REFS).inc()


def asked_registry(repo: str, request: str, revision: str, seconds: float, *, failed: bool) -> None:
    """A request to a registry ended."""
    repo = shown(repo)
    _REGISTRY_REQUESTS.labels(repo, request).inc()
    _REGISTRY_SECONDS.labels(repo, request).observe(seconds)
    if failed and request in _REGISTRY_FAILED_WHOLE:
        _REGISTRY_FAILED_WHOLE[request].labels(repo).inc()
    elif failed:
        _REGISTRY_FAILED[request].labels(repo, revision).inc()


def asked_outbound(host: str, status: int, seconds: float) -> None:
    """A host answered over HTTP, or with status 0 did not."""
    name = _named(host)
    _OUTBOUND.labels(name, str(status or "none")).inc()
    _OUTBOUND_SECONDS.labels(name).observe(seconds)


def budgeted(host: str, remaining: float | None, waits: float) -> None:
    """A host said what is left of its budget, or asked to be left alone."""
    name = _named(host)
    if remaining is not None:
        _REMAINING.labels(name).set(remaining)
    if waits:
        _HELD.labels(name).set(waits)


def _named(host: str) -> str:
    if host not in _hosts and len(_hosts) >= MOST_HOSTS:
        return OTHERS
    _hosts.add(host)
    return host
