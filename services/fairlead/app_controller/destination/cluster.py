"""One open cluster: its connection, what it serves, what it holds, and the one way to write to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from fairlead.app_controller.counts import wrote
from fairlead.app_controller.destination.entry import Entry, kind_filter
from fairlead.app_controller.destination.keep import Keep
from fairlead.app_controller.destination.pulse import Problem, Pulse
from fairlead.app_controller.destination.scripted import HealthScripts
from fairlead.app_controller.destination.serving import Serving
from fairlead.diff.compare import Fingerprints
from fairlead.diff.list_keys import WELL_KNOWN
from fairlead.events import Capabilities
from fairlead.kube.denied import Respect
from fairlead.kube.discovery import Discovery
from fairlead.kube.fence import Fence
from fairlead.kube.gate import Gate
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_index import LiveChange
from fairlead.kube.live_state import LiveState
from fairlead.kube.openapi import OpenApi
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.identity import GroupKind
from fairlead.manifest.tracking import owner_of
from fairlead.process.supervise import supervise
from fairlead.settings import ControllerSettings

log = structlog.get_logger(__name__)


class Cluster:
    """Follows one cluster while `run()` runs; everything else reads what that found."""

    def __init__(
        self,
        entry: Entry,
        client: KubeClient,
        settings: ControllerSettings,
        *,
        fence: Fence,
        on_change: Callable[[Cluster, LiveChange], None],
        on_kind: Callable[[Cluster, GroupKind], None],
        on_state: Callable[[str], None],
        on_serving: Callable[[str], None],
        health: HealthScripts | None = None,
        keep: Keep | None = None,
        is_wanted: Callable[[GroupKind], bool] = lambda _: True,
    ) -> None:
        self.entry = entry
        self.health = health or HealthScripts()
        self.client = client.guarded()
        self.discovery = Discovery(client)
        self._fence = fence
        self.fingerprints = Fingerprints()
        self.list_keys = OpenApi(client, fallback=WELL_KNOWN)
        tracking = settings.tracking
        self.live = LiveState(
            client,
            self.discovery,
            owner_of=lambda metadata: owner_of(metadata, *tracking),
            keeps=keep or Keep(lambda: settings),
            is_wanted=is_wanted,
            resource_filter=kind_filter(settings, entry.server),
            namespaces=entry.namespaces,
            cluster_resources=entry.cluster_resources,
            respect=Respect(settings.filters.respect_rbac),
        )
        self._on_state = on_state
        self._on_kind = on_kind
        self.live.subscribe(lambda change: on_change(self, change))
        self.live.observe_states(self._kind_changed)
        self._pulse = Pulse(
            entry.server,
            client,
            self.live,
            on_change=lambda: on_state(entry.server),
            on_verdict=self._judged,
        )
        self._doubted: set[GroupKind] = set()
        self._serving = Serving(self.discovery, lambda: on_serving(entry.server))
        self.opened_at = time.monotonic()

    def __repr__(self) -> str:
        return f"Cluster({self.server!r})"

    @property
    def server(self) -> str:
        return self.entry.server

    @property
    def name(self) -> str:
        return self.entry.name

    async def run(self) -> None:
        """Follow the cluster until cancelled; what fails is started again and troubles no other cluster."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(supervise(f"cluster {self.server}", self.live.run))
                group.create_task(supervise(f"pulse of {self.server}", self._pulse.run))
                await self.live.wait_synced()
                log.info("cluster.synced", server=self.server, objects=len(self.live.index))
                self._on_state(self.server)
        finally:
            self._serving.close()

    def take(self, entry: Entry) -> None:
        """Go on as a newer version of the same entry says: other credentials, another name.

        Raises ConnectionConfigError, and goes on as before then.
        """
        if entry.connection is not None and entry.connection != self.entry.connection:
            self.client.swap(entry.connection)
            log.info("cluster.credentials_swapped", server=self.server)
            self.live.revive()
            self._pulse.suspect()
        self.entry = entry

    @property
    def problem(self) -> Problem | None:
        """Why nothing of the cluster can be read now, if so."""
        return self._pulse.problem

    @property
    def asked_at(self) -> str:
        """When it was asked last how it is, "" before the first time."""
        return self._pulse.asked_at

    @property
    def is_readable(self) -> bool:
        """Whether its objects were read and are followed; a single kind may be in doubt all the same.

        Not while it is being found out whether a kind's trouble is the whole cluster's.
        """
        return self.live.is_synced and self.problem is None and not self._doubted

    def writing(self, gate: Gate, account: str = "") -> ClusterWriter:
        """What writes to it, past this gate alone; as an account where one is named."""
        writer = ClusterWriter(self.client, fence=self._fence, gate=gate, on_write=wrote)
        return writer.acting_as(account) if account else writer

    def suspect(self) -> None:
        """A request to it failed: have it seen to."""
        self._pulse.suspect()

    @property
    def capabilities(self) -> Capabilities:
        """What its charts are told that it serves."""
        return self._serving.current

    @property
    def capabilities_digest(self) -> str:
        """The digest of that."""
        return self._serving.digest

    def _kind_changed(self, kind: GroupKind | None) -> None:
        if kind is None:
            self._serving.look()
        elif self.live.is_synced and self.live.state_of(kind) is KindState.UNKNOWN:
            self._doubted.add(kind)
        elif self.live.is_synced:
            self._doubted.discard(kind)
            self._on_kind(self, kind)

    def _judged(self) -> None:
        """The cluster was asked how it is: what is in doubt now is a kind's own trouble, or everybody's."""
        doubted, self._doubted = self._doubted, set()
        for kind in doubted if self.problem is None else ():
            self._on_kind(self, kind)
