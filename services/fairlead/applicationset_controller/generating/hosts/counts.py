"""What GitHub was asked, for Prometheus (contract 17); only with enable.github.api.metrics.

Invariant: an endpoint is a pattern of the API and no name of anybody's repository, so that lines are few.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from fairlead.applicationset_controller.generating.hosts.door import Observed
from fairlead.metrics import Family, Histogram, labelled

Owner = tuple[str, str]
"""Namespace and name of a set."""
BUCKETS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_LABELS: Final = ["method", "endpoint", "appset_namespace", "appset_name"]
_PREFIX: Final = re.compile(r"^.*/api/v3(?=/)")
_PATTERNS: Final = (
    (re.compile(r"^/orgs/[^/]+/repos$"), "/orgs/{org}/repos"),
    (re.compile(r"^/repos/[^/]+/[^/]+/branches$"), "/repos/{owner}/{repo}/branches"),
    (re.compile(r"^/repos/[^/]+/[^/]+/branches/.+$"), "/repos/{owner}/{repo}/branches/{branch}"),
    (re.compile(r"^/repos/[^/]+/[^/]+/contents/.*$"), "/repos/{owner}/{repo}/contents/{path}"),
    (re.compile(r"^/repos/[^/]+/[^/]+/pulls$"), "/repos/{owner}/{repo}/pulls"),
)
_OTHER: Final = "other"


class GithubCounts:
    """Requests and rate limits by set."""

    def __init__(self) -> None:
        self._requests = Family("argocd_github_api_requests_total", "counter", "Requests to GitHub's API")
        self._limits = {
            name: Family(f"argocd_github_api_rate_limit_{name}", "gauge", f"GitHub's rate limit: {about}")
            for name, about in (
                ("remaining", "requests left"),
                ("limit", "requests of a window"),
                ("reset_seconds", "seconds until it begins anew"),
                ("used", "requests used"),
            )
        }
        self._values: dict[tuple[Owner, str, str], float] = {}

    def observe(self, owner: Owner, seen: Observed) -> None:
        """Count a request of a set."""
        endpoint = endpoint_of(seen.url)
        where = {"appset_namespace": owner[0], "appset_name": owner[1]}
        status = str(seen.status) if seen.status else "error"
        self._requests.add(owner, labelled(method=seen.method, endpoint=endpoint, status=status, **where))
        seconds().labels(seen.method, endpoint, *owner).observe(seen.seconds)
        for name, value in _limits(seen.headers).items():
            resource = seen.headers.get("X-RateLimit-Resource", "core")
            self._set(name, owner, labelled(endpoint=endpoint, **where, resource=resource), value)

    def forget(self, namespace: str, name: str) -> None:
        """A set is gone."""
        owner = (namespace, name)
        self._requests.forget(owner)
        for family in self._limits.values():
            family.forget(owner)
        self._values = {key: value for key, value in self._values.items() if key[0] != owner}
        seconds().remove_by_labels({"appset_namespace": namespace, "appset_name": name})

    def written(self) -> Iterator[bytes]:
        """For the scrape."""
        yield from self._requests.written()
        for family in self._limits.values():
            yield from family.written()

    def _set(self, name: str, owner: Owner, labels: str, value: float) -> None:
        key = (owner, name, labels)
        self._limits[name].add(owner, labels, value - self._values.get(key, 0.0))
        self._values[key] = value


def endpoint_of(url: str) -> str:
    """The pattern of the API that an address is of."""
    path = _PREFIX.sub("", urlsplit(url).path)
    return next((name for pattern, name in _PATTERNS if pattern.match(path)), _OTHER)


def seconds() -> Histogram:
    """Seconds of requests; made when the first is counted."""
    global _seconds  # noqa: PLW0603 - the client's registry is the process' own
    if _seconds is None:
        _seconds = Histogram(
            "argocd_github_api_request_duration_seconds",
            "Seconds of requests to GitHub's API",
            _LABELS,
            buckets=BUCKETS,
        )
    return _seconds


_seconds: Histogram | None = None


def _limits(headers: Mapping[str, str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in ("remaining", "limit", "reset", "used"):
        try:
            found[name] = float(headers[f"X-RateLimit-{name.capitalize()}"])
        except (KeyError, ValueError):
            continue
    if "reset" in found:
        found["reset_seconds"] = max(0.0, found.pop("reset") - time.time())
    return found
