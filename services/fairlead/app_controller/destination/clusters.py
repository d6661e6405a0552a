"""The clusters applications are deployed to: found by server or name, opened when first needed.

Invariant: an unknown cluster is an error that a person reads; it never reads as an empty cluster. What
happens to one of them happens to no other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Protocol

import msgspec
import structlog

from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.destination.entry import (
    IN_CLUSTER_NAME,
    IN_CLUSTER_SERVER,
    LOCAL,
    SECRET_SELECTOR,
    SKIP_RECONCILE,
    TRUE,
    Entry,
    entry_of,
)
from fairlead.app_controller.destination.keep import Keep
from fairlead.app_controller.destination.scripted import HealthScripts
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.fence import WriteFencedError
from fairlead.kube.head import Head
from fairlead.kube.live_index import LiveChange
from fairlead.kube.minting import Mint
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import GroupKind
from fairlead.model.status import Destination
from fairlead.process.supervise import supervise
from fairlead.settings import ControllerSettings

__all__ = [
    "IN_CLUSTER_NAME",
    "IN_CLUSTER_SERVER",
    "SECRET_SELECTOR",
    "SKIP_RECONCILE",
    "TRUE",
    "Cluster",
    "Clusters",
    "DestinationError",
    "Entry",
    "UnknownClusterError",
    "entry_of",
]

log = structlog.get_logger(__name__)


LEFT_HOLDS = 60.0
"""Seconds for which a cluster whose Secret went is not one that is no more: a Secret may be made anew."""


class DestinationError(Exception):
    """A destination whose cluster cannot be used; the message is the condition a person reads."""


class UnknownClusterError(DestinationError):
    """A destination that names no registered cluster."""


class Owned(Protocol):
    """Which clusters are this replica's, and whether it may write there at this moment."""

    def owns(self, key: str) -> bool: ...

    def may_act(self, key: str) -> bool: ...


class Clusters:
    """All registered clusters, and those that are open.

    `on_registered` is told of a server whose registration, problem or first reading changed; `on_kind` of a
    kind of an open cluster that became known or fell into doubt; `on_serving` of a server that serves other
    versions and kinds than before; `on_change` of every change of an object. `health` judges live objects;
    `is_wanted` tells of which kinds anybody may want objects.
    """

    def __init__(
        self,
        control: KubeClient,
        settings: Callable[[], ControllerSettings],
        *,
        owned: Owned,
        on_change: Callable[[Cluster, LiveChange], None],
        on_registered: Callable[[str], None],
        on_kind: Callable[[Cluster, GroupKind], None] = lambda _cluster, _kind: None,
        on_serving: Callable[[str], None] = lambda _: None,
        health: HealthScripts | None = None,
        is_wanted: Callable[[GroupKind], bool] = lambda _: True,
        mint: Mint | None = None,
    ) -> None:
        self._keep = Keep(settings)
        self._is_wanted = is_wanted
        self._health = health
        self.mint = mint
        self._control = control
        self._settings = settings
        self._owned = owned
        self._on_change = on_change
        self._on_registered = on_registered
        self._on_kind = on_kind
        self._on_serving = on_serving
        self._secrets: dict[tuple[str, str], Entry] = {}
        self._by_server: dict[str, Entry] = {IN_CLUSTER_SERVER: LOCAL}
        self._by_name: dict[str, list[Entry]] = {IN_CLUSTER_NAME: [LOCAL]}
        self._by_project: dict[str, tuple[str, ...]] = {}
        self._open: dict[str, tuple[Cluster, asyncio.Task[None]]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._is_running = False
        self._context = Context()
        self._left: dict[str, float] = {}

    async def run(self) -> None:
        """Let clusters be opened, until cancelled; what is open is closed then."""
        self._is_running, self._context = True, copy_context()
        try:
            await asyncio.Event().wait()
        finally:
            self._is_running = False
            for server in list(self._open):
                self._close(server)
            await asyncio.gather(*self._closing, return_exceptions=True)

    def take_secret(self, head: Head, raw: bytes) -> None:
        """A cluster Secret is there."""
        name = (head.metadata.namespace, head.metadata.name)
        entry = entry_of(msgspec.json.decode(raw))
        before = self._secrets.get(name)
        if entry == before:
            return
        self._secrets[name] = entry
        if before is not None:
            self._leaves(before)
        self._index()
        if entry.problem:
            log.warning("cluster.secret.refused", secret=head.metadata.name, problem=entry.problem)
        for server in {entry.server, before.server if before else entry.server}:
            self._renew(server)
            self._on_registered(server)

    def drop_secret(self, name: tuple[str, str]) -> None:
        """A cluster Secret is gone."""
        entry = self._secrets.pop(name, None)
        if entry is not None:
            self._leaves(entry)
            self._index()
            self._renew(entry.server)
            self._on_registered(entry.server)

    def reload(self) -> None:
        """Settings that decide what is watched have changed: every open cluster is followed anew."""
        for server in list(self._open):
            self._close(server)
            self._on_registered(server)

    def keep_otherwise(self) -> None:
        """Settings that decide how much of live objects is kept have changed."""
        for cluster in self.opened_clusters():
            cluster.live.keep_otherwise()

    def entries(self) -> list[Entry]:
        """All registered clusters, the local one included."""
        return list(self._by_server.values())

    def entry_for(self, destination: Destination) -> Entry:
        """The registered cluster a destination names. Raises DestinationError with the contract's text."""
        server, name = destination.server.rstrip("/"), destination.name
        if server and name:
            raise DestinationError(
                f"application destination can't have both name and server defined: {name} {server}"
            )
        if not server and not name:
            raise DestinationError("Destination server missing from app spec")
        if server:
            entry = self._by_server.get(server)
            if entry is None:
                raise UnknownClusterError(f'cluster "{server}" not found')
            return self._usable(entry)
        found = self._by_name.get(name, [])
        if not found:
            raise UnknownClusterError(f"there are no clusters with this name: {name}")
        if len(found) > 1:
            servers = " ".join(sorted(entry.server for entry in found))
            raise DestinationError(f"there are {len(found)} clusters with the same name: [{servers}]")
        return self._usable(self._by_server[found[0].server])

    def resolve(self, destination: Destination) -> Cluster:
        """The open cluster a destination names. Raises DestinationError."""
        return self.opened(self.entry_for(destination))

    def opened(self, entry: Entry) -> Cluster:
        """The cluster of an entry, followed from now on.

        Raises DestinationError, and WriteFencedError for one that is not ours.
        """
        known = self._open.get(entry.server)
        if known is not None:
            return known[0]
        if not self._owned.owns(entry.server):
            raise WriteFencedError(f'cluster "{entry.server}" belongs to another replica')
        if not self._is_running:
            raise DestinationError(f'cluster "{entry.server}" is not ready yet')
        try:
            client = (
                self._control
                if entry.connection is None
                else KubeClient(entry.connection, budget=self._control.budget, mint=self.mint)
            )
        except ConnectionConfigError as error:
            raise DestinationError(f'cluster "{entry.server}": {error.message}') from error
        cluster = Cluster(
            entry,
            client,
            self._settings(),
            fence=lambda: self._owned.may_act(entry.server),
            on_change=self._on_change,
            on_kind=self._on_kind,
            on_state=self._on_registered,
            on_serving=self._on_serving,
            health=self._health,
            keep=self._keep,
            is_wanted=self._is_wanted,
        )
        # Whoever asked first is not whom it is followed for: no trace, count or fence of theirs goes with it.
        task = asyncio.create_task(self._follow(cluster, client), context=self._context.copy())
        self._open[entry.server] = (cluster, task)
        log.info("cluster.opened", server=entry.server, name=entry.name)
        return cluster

    def leave(self) -> None:
        """Close what is not ours any more."""
        for server in list(self._open):
            if not self._owned.owns(server):
                self._close(server)

    def key_of(self, destination: Destination) -> str:
        """What an application's owner is found by: its cluster, or what it says where that is none."""
        try:
            return self.entry_for(destination).server
        except DestinationError:
            return destination.server.rstrip("/") or destination.name

    def has_just_left(self, destination: Destination) -> bool:
        """Whether the cluster of a destination was registered a moment ago."""
        now = time.monotonic()
        self._left = {key: at for key, at in self._left.items() if now - at < LEFT_HOLDS}
        return bool({destination.server.rstrip("/"), destination.name} & self._left.keys())

    def server_of(self, destination: Destination) -> str:
        """The address of the cluster that a destination names, "" when there is none."""
        try:
            return self.entry_for(destination).server
        except DestinationError:
            return ""

    def own_of(self, project: str) -> tuple[str, ...]:
        """The addresses of the clusters that are a project's own, sorted."""
        return self._by_project.get(project, ())

    def pins(self) -> dict[str, int]:
        """The shard numbers that Secrets give their clusters."""
        found = ((entry.server, entry.shard) for entry in self._by_server.values())
        return {server: shard for server, shard in found if shard is not None}

    def registered(self, server: str) -> tuple[Entry | None, Cluster | None]:
        """The entry of a server and, if it is open, its cluster."""
        known = self._open.get(server)
        return self._by_server.get(server), known[0] if known else None

    def secret_of(self, server: str) -> tuple[str, str] | None:
        """Namespace and name of the Secret that registers a server."""
        return next((name for name, entry in self._secrets.items() if entry.server == server), None)

    def opened_clusters(self) -> list[Cluster]:
        """Those that are followed now."""
        return [cluster for cluster, _ in self._open.values()]

    async def _follow(self, cluster: Cluster, client: KubeClient) -> None:
        """Follow a cluster until it is left; its client ends with that, unless it is our own."""
        try:
            await supervise(f"cluster {cluster.server}", cluster.run)
        finally:
            if client is not self._control:
                await client.close()

    def _index(self) -> None:
        """The entries by server (the first Secret of several counts) and by name."""
        self._by_server = {}
        for entry in self._secrets.values():
            self._by_server.setdefault(entry.server, entry)
        self._by_server.setdefault(IN_CLUSTER_SERVER, LOCAL)
        self._by_name = {}
        registered = list(self._secrets.values())
        if self._by_server[IN_CLUSTER_SERVER] is LOCAL:
            registered.append(LOCAL)
        own: dict[str, list[str]] = {}
        for entry in registered:
            self._by_name.setdefault(entry.name, []).append(entry)
            if entry.project and self._by_server[entry.server] is entry:
                own.setdefault(entry.project, []).append(entry.server)
        self._by_project = {project: tuple(sorted(servers)) for project, servers in own.items()}

    def _leaves(self, entry: Entry) -> None:
        """A Secret does not register this any more."""
        self._left |= dict.fromkeys(filter(None, (entry.server, entry.name)), time.monotonic())

    def _renew(self, server: str) -> None:
        """An open cluster goes on if its entry lets it, and is closed otherwise."""
        known, entry = self._open.get(server), self._by_server.get(server)
        if known is None or entry is known[0].entry:
            return
        if entry is None or not entry.is_followed_like(known[0].entry):
            self._close(server)
            return
        try:
            known[0].take(entry)
        except ConnectionConfigError as error:
            log.warning("cluster.secret.refused", server=server, problem=error.message)
            self._close(server)

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
            self._closing.add(known[1])
            known[1].add_done_callback(self._closing.discard)
