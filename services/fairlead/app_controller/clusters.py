"""The clusters applications are deployed to: found by server or name, opened when first needed.

Invariant: an unknown cluster is an error that a person reads; it never reads as an empty cluster.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog

from fairlead.diff.compare import Fingerprints
from fairlead.diff.list_keys import WELL_KNOWN
from fairlead.kube.catalogue import Catalogue
from fairlead.kube.connection import Connection, from_cluster_secret
from fairlead.kube.discovery import Discovery
from fairlead.kube.errors import ConnectionConfigError, KubeError
from fairlead.kube.head import Head
from fairlead.kube.live_index import LiveChange
from fairlead.kube.live_state import LiveState
from fairlead.kube.openapi import OpenApi
from fairlead.kube.resource_filter import ResourceFilter, ResourceRule
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.tracking import owner_of
from fairlead.model.status import Destination
from fairlead.settings import ControllerSettings

log = structlog.get_logger(__name__)

IN_CLUSTER_SERVER = "https://kubernetes.default.svc"
IN_CLUSTER_NAME = "in-cluster"
SECRET_SELECTOR = "argocd.argoproj.io/secret-type=cluster"  # noqa: S105 - a label
SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"
TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})


class DestinationError(Exception):
    """A destination that names no cluster; the message is the condition a person reads."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A registered cluster. Without `connection` it is the one the control plane runs in, or unusable."""

    server: str
    name: str
    connection: Connection | None = None
    namespaces: tuple[str, ...] = ()
    cluster_resources: bool = True
    project: str = ""
    is_skipped: bool = False
    problem: str = ""

    def __repr__(self) -> str:
        return f"Entry(server={self.server!r}, name={self.name!r})"


class Cluster:
    """An open cluster: its connection, what it serves, what it holds, and the one way to write to it."""

    def __init__(
        self, entry: Entry, client: KubeClient, settings: ControllerSettings, on_change: OnChange
    ) -> None:
        self.entry = entry
        self.server = entry.server
        self.name = entry.name
        self.client = client
        self.discovery = Discovery(client)
        self.writer = ClusterWriter(client)
        self.fingerprints = Fingerprints()
        self.list_keys = OpenApi(client, fallback=WELL_KNOWN)
        tracking = settings.tracking
        self.live = LiveState(
            client,
            self.discovery,
            owner_of=lambda metadata: owner_of(metadata, *tracking),
            resource_filter=kind_filter(settings, entry.server),
            namespaces=entry.namespaces,
            cluster_resources=entry.cluster_resources,
        )
        self.live.subscribe(lambda change: on_change(self, change))
        self._versions: tuple[Catalogue, tuple[str, ...]] | None = None
        self.opened_at = time.monotonic()

    def __repr__(self) -> str:
        return f"Cluster({self.server!r})"

    @property
    def kube_version(self) -> str:
        """`v1.36.3`, or "" before the first discovery."""
        return self.discovery.server_version.kube_version

    @property
    def api_versions(self) -> tuple[str, ...]:
        """What Helm calls capabilities; computed once per catalogue."""
        catalogue = self.discovery.catalogue
        if self._versions is None or self._versions[0] is not catalogue:
            self._versions = (catalogue, tuple(catalogue.api_versions()))
        return self._versions[1]

    async def problem(self) -> str:
        """Why the cluster cannot be read, asked now and in its own words."""
        try:
            await self.client.get_path("/version")
        except KubeError as error:
            return f'cluster "{self.server}": {error.message}'
        unread = sorted(str(kind) for kind in self.live.unknown_kinds())
        return f'cluster "{self.server}" is still being read: {", ".join(unread[:5]) or "discovery"}'


OnChange = Callable[[Cluster, LiveChange], None]


class Clusters:
    """All registered clusters, and those that are open."""

    def __init__(
        self,
        control: KubeClient,
        settings: Callable[[], ControllerSettings],
        *,
        on_change: OnChange,
        on_registered: Callable[[str], None],
    ) -> None:
        self._control = control
        self._settings = settings
        self._on_change = on_change
        self._on_registered = on_registered
        self._entries: dict[tuple[str, str], Entry] = {}
        self._open: dict[str, tuple[Cluster, asyncio.Task[None]]] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Own the tasks that follow open clusters, until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await asyncio.Event().wait()

    def take_secret(self, head: Head, raw: bytes) -> None:
        """A cluster Secret is there."""
        name = (head.metadata.namespace, head.metadata.name)
        entry = entry_of(msgspec.json.decode(raw))
        before = self._entries.get(name)
        if entry == before:
            return
        self._entries[name] = entry
        for server in {entry.server, before.server if before else entry.server}:
            self._close(server)
            self._on_registered(server)

    def drop_secret(self, name: tuple[str, str]) -> None:
        """A cluster Secret is gone."""
        entry = self._entries.pop(name, None)
        if entry is not None:
            self._close(entry.server)
            self._on_registered(entry.server)

    def reload(self) -> None:
        """Settings that decide what is watched have changed: every open cluster is followed anew."""
        for server in list(self._open):
            self._close(server)
            self._on_registered(server)

    def entries(self) -> list[Entry]:
        """All registered clusters, the local one included."""
        found = list(self._entries.values())
        if not any(entry.server == IN_CLUSTER_SERVER for entry in found):
            found.append(Entry(server=IN_CLUSTER_SERVER, name=IN_CLUSTER_NAME))
        return found

    def entry_for(self, destination: Destination) -> Entry:
        """The registered cluster a destination names. Raises DestinationError with the contract's text."""
        server, name = destination.server.rstrip("/"), destination.name
        if server and name:
            raise DestinationError(
                f"application destination can't have both name and server defined: {name} {server}"
            )
        if not server and not name:
            raise DestinationError("Destination server missing from app spec")
        found = [
            entry for entry in self.entries() if (entry.name == name if name else entry.server == server)
        ]
        if name and not found:
            raise DestinationError(f"there are no clusters with this name: {name}")
        if not found:
            raise DestinationError(f'cluster "{server}" not found')
        if name and len(found) > 1:
            servers = " ".join(sorted(entry.server for entry in found))
            raise DestinationError(f"there are {len(found)} clusters with the same name: [{servers}]")
        return self._usable(found[0])

    def resolve(self, destination: Destination) -> Cluster:
        """The open cluster a destination names. Raises DestinationError."""
        return self.opened(self.entry_for(destination))

    def opened(self, entry: Entry) -> Cluster:
        """The cluster of an entry, followed from now on. Raises DestinationError."""
        known = self._open.get(entry.server)
        if known is not None:
            return known[0]
        if self._group is None:
            raise DestinationError(f'cluster "{entry.server}" is not ready yet')
        try:
            client = self._control if entry.connection is None else KubeClient(entry.connection)
        except ConnectionConfigError as error:
            raise DestinationError(f'cluster "{entry.server}": {error.message}') from error
        cluster = Cluster(entry, client, self._settings(), self._on_change)
        task = self._group.create_task(self._follow(cluster))
        self._open[entry.server] = (cluster, task)
        log.info("cluster.opened", server=entry.server, name=entry.name)
        return cluster

    def opened_clusters(self) -> list[Cluster]:
        """Those that are followed now."""
        return [cluster for cluster, _ in self._open.values()]

    async def _follow(self, cluster: Cluster) -> None:
        announce = asyncio.create_task(self._announce(cluster))
        try:
            await cluster.live.run()
        finally:
            announce.cancel()
            if cluster.client is not self._control:
                await cluster.client.close()

    async def _announce(self, cluster: Cluster) -> None:
        await cluster.live.wait_synced()
        log.info("cluster.synced", server=cluster.server, objects=len(cluster.live.index))
        self._on_registered(cluster.server)

    def _usable(self, entry: Entry) -> Entry:
        if entry.server == IN_CLUSTER_SERVER and not self._settings().in_cluster_enabled:
            raise DestinationError(f'cluster "{entry.server}" is disabled')
        if entry.problem:
            raise DestinationError(entry.problem)
        return entry

    def _close(self, server: str) -> None:
        known = self._open.pop(server, None)
        if known is not None:
            log.info("cluster.closed", server=server)
            known[1].cancel()


def entry_of(secret: Mapping[str, Any]) -> Entry:
    """Read a cluster Secret (contract 12.2). A config that cannot be used becomes `problem`."""
    data = {key: _decoded(value) for key, value in (secret.get("data") or {}).items()}
    server = data.get("server", b"").decode().rstrip("/")
    annotations = secret.get("metadata", {}).get("annotations") or {}
    namespaces = tuple(
        name.strip() for name in data.get("namespaces", b"").decode().split(",") if name.strip()
    )
    entry = Entry(
        server=server,
        name=data.get("name", b"").decode() or server,
        namespaces=namespaces,
        cluster_resources=not namespaces or data.get("clusterResources", b"") == b"true",
        project=data.get("project", b"").decode(),
        is_skipped=annotations.get(SKIP_RECONCILE) in TRUE,
    )
    if server == IN_CLUSTER_SERVER and data.get("config", b"{}").strip() in (b"", b"{}"):
        return entry
    try:
        connection = from_cluster_secret(server, data.get("config", b""))
    except ConnectionConfigError as error:
        return msgspec.structs.replace(entry, problem=error.message)
    return msgspec.structs.replace(entry, connection=connection)


def kind_filter(settings: ControllerSettings, server: str) -> ResourceFilter:
    """The configured exclusions and inclusions of one cluster."""

    def rules(found: tuple[Any, ...]) -> tuple[ResourceRule, ...]:
        return tuple(
            ResourceRule(api_groups=rule.api_groups, kinds=rule.kinds, clusters=rule.clusters)
            for rule in found
        )

    configured = settings.filters
    inclusions = rules(configured.inclusions)
    if configured.exclusions is None:
        return ResourceFilter(inclusions=inclusions, cluster=server)
    return ResourceFilter(exclusions=rules(configured.exclusions), inclusions=inclusions, cluster=server)


def _decoded(value: object) -> bytes:
    try:
        return base64.b64decode(value) if isinstance(value, str) else b""
    except ValueError:
        return b""
