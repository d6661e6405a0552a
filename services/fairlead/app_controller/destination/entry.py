"""A registered cluster as its Secret describes it, and which of its kinds are watched.

Invariant: a Secret that cannot be used is an entry with a `problem` for people to read; reading never raises.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.kube.connection import Connection, from_cluster_secret
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.resource_filter import ResourceFilter, ResourceRule, SelectorRule
from fairlead.matching.pauses import pause_of
from fairlead.rpc.waiting import Paused
from fairlead.settings import ControllerSettings

IN_CLUSTER_SERVER = "https://kubernetes.default.svc"
IN_CLUSTER_NAME = "in-cluster"
SECRET_SELECTOR = "argocd.argoproj.io/secret-type=cluster"  # noqa: S105 - a label
REFRESH = "argocd.argoproj.io/refresh"
SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"
_CREDENTIALS = ("username", "password", "bearerToken", "awsAuthConfig", "execProviderConfig")
MOST_DIGITS = 9
"""Of a shard's number."""
TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A registered cluster. Without `connection` it is the one the control plane runs in, or unusable."""

    server: str
    name: str
    connection: Connection | None = None
    namespaces: tuple[str, ...] = ()
    cluster_resources: bool = True
    project: str = ""
    is_skipped: bool = False
    shard: int | None = None
    refresh_requested_at: str = ""
    """When somebody last asked for it to be read anew."""
    problem: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    paused: Paused | None = None
    """The pause that its Secret tells of, over or not."""

    def __repr__(self) -> str:
        return f"Entry(server={self.server!r}, name={self.name!r})"

    def is_followed_like(self, other: Entry) -> bool:
        """Whether what is open for the other can go on for this one, whatever else differs."""
        return not self.problem and (
            self.server,
            self.namespaces,
            self.cluster_resources,
            self.connection is None,
            self.refresh_requested_at,
        ) == (
            other.server,
            other.namespaces,
            other.cluster_resources,
            other.connection is None,
            other.refresh_requested_at,
        )


LOCAL = Entry(server=IN_CLUSTER_SERVER, name=IN_CLUSTER_NAME)


def entry_of(secret: Mapping[str, Any]) -> Entry:
    """Read a cluster Secret (contract 12.2). What cannot be used becomes `problem`."""
    data = {key: _decoded(value) for key, value in (secret.get("data") or {}).items()}
    unreadable = [
        key for key in ("server", "name", "namespaces", "project") if not _is_text(data.get(key, b""))
    ]
    text = {key: value.decode(errors="replace") for key, value in data.items() if key != "config"}
    server = text.get("server", "").rstrip("/")
    annotations = secret.get("metadata", {}).get("annotations") or {}
    namespaces = tuple(name.strip() for name in text.get("namespaces", "").split(",") if name.strip())
    entry = Entry(
        server=server,
        name=text.get("name", "") or server,
        namespaces=namespaces,
        cluster_resources=not namespaces or text.get("clusterResources", "") == "true",
        project=text.get("project", ""),
        is_skipped=annotations.get(SKIP_RECONCILE) in TRUE,
        shard=_number(text.get("shard", "")),
        refresh_requested_at=str(annotations.get(REFRESH) or ""),
        labels=tuple(sorted((secret.get("metadata", {}).get("labels") or {}).items())),
        paused=pause_of(annotations, "cluster", text.get("name", "") or server),
    )
    if unreadable:
        return msgspec.structs.replace(
            entry, problem=f"cluster {server}: {', '.join(unreadable)} of its Secret is not UTF-8"
        )
    if server == IN_CLUSTER_SERVER and not _has_credentials(data.get("config", b"")):
        return entry
    try:
        connection = from_cluster_secret(server, data.get("config", b""))
    except ConnectionConfigError as error:
        return msgspec.structs.replace(entry, problem=error.message)
    return msgspec.structs.replace(entry, connection=connection)


def kind_filter(settings: ControllerSettings, server: str) -> ResourceFilter:
    """The configured exclusions, inclusions and selectors of one cluster."""

    def rules(found: tuple[Any, ...]) -> tuple[ResourceRule, ...]:
        return tuple(
            ResourceRule(api_groups=rule.api_groups, kinds=rule.kinds, clusters=rule.clusters)
            for rule in found
        )

    configured = settings.filters
    found = ResourceFilter(
        inclusions=rules(configured.inclusions),
        selectors=tuple(SelectorRule(**msgspec.structs.asdict(rule)) for rule in configured.selectors),
        cluster=server,
    )
    if configured.exclusions is None:
        return found
    return msgspec.structs.replace(found, exclusions=rules(configured.exclusions))


def _has_credentials(config: bytes) -> bool:
    """Whether a cluster's `config` says who we are there; without, the local one is reached as ourselves."""
    try:
        given = msgspec.json.decode(config or b"{}", type=dict[str, Any])
    except (ValueError, RecursionError):
        return True
    tls = given.get("tlsClientConfig") or {}
    return any(given.get(key) for key in _CREDENTIALS) or (
        isinstance(tls, dict) and bool(tls.get("certData"))
    )


def _number(text: str) -> int | None:
    """A shard's number; anything else is ignored, as the contract says."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _decoded(value: object) -> bytes:
    try:
        return base64.b64decode(value) if isinstance(value, str) else b""
    except ValueError:
        return b""


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
