"""Puts the app-controller together and runs it; the only place where its parts meet.

What stands under all of them is `footing`, what is followed of the control plane `control`, what looks at
applications `looks`, what answers questions `replies`. Here is who is told of what is watched, and what is
begun before what.

Invariant: a part that fails is started again by itself, and a restart of the process rebuilds everything from
the Applications, the renders and the live state.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

import structlog

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.config import SERVICE, Config
from fairlead.app_controller.control import Control
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.destination.clusters import (
    IN_CLUSTER_SERVER,
    SECRET_SELECTOR,
    Clusters,
    DestinationError,
)
from fairlead.app_controller.destination.labels import VersionLabels
from fairlead.app_controller.destination.minted import Minting
from fairlead.app_controller.destination.scripted import HealthScripts
from fairlead.app_controller.drifting.shelf import Shelf, Whose
from fairlead.app_controller.drifting.watch import Drifting
from fairlead.app_controller.following.applications import Applications
from fairlead.app_controller.following.lending import EVERY
from fairlead.app_controller.following.project_ends import ProjectEnds
from fairlead.app_controller.footing import Footing
from fairlead.app_controller.hydrations import Hydrations
from fairlead.app_controller.looking.departed import Departed
from fairlead.app_controller.looking.observer import Observer
from fairlead.app_controller.looking.updates import Updates
from fairlead.app_controller.looking.wakes import Wakes
from fairlead.app_controller.looks import Looks
from fairlead.app_controller.measuring.scrape import Scrape
from fairlead.app_controller.measuring.tally import Tally
from fairlead.app_controller.ownership import Ownership
from fairlead.app_controller.replies import Replies
from fairlead.app_controller.reporting.tell import Teller
from fairlead.app_controller.syncing.asked import outlook_of
from fairlead.bus import Bus
from fairlead.cache import Cache
from fairlead.kube.collection import APP_PROJECTS, SECRETS, Collection
from fairlead.kube.events import EVENTS
from fairlead.kube.gate import Only
from fairlead.kube.live_index import LiveChange
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.model.application import AppId
from fairlead.model.metadata import ObjectMeta
from fairlead.model.status import Destination
from fairlead.process import Probes
from fairlead.process.alone import Alone
from fairlead.process.heap import Heap
from fairlead.process.membership import Membership
from fairlead.process.origin import origin
from fairlead.process.supervise import supervise
from fairlead.process.work_queue import Lane, Place, WorkQueue
from fairlead.render import Scripts
from fairlead.render.jq import Jq
from fairlead.settings import ControllerParameters, ControllerSettings

log = structlog.get_logger(__name__)

QUIET = 1.0
"""Seconds without any work after which what is only told is told faster."""
OBSERVED = "/observed"
"""Where an observing controller tells beside its probes how verdicts differ."""
PROJECTS = "appprojects"
"""What the one controller that does a thing of all is found by, as clusters find theirs."""


class Controller:
    """All parts of one app-controller."""

    def __init__(
        self,
        config: Config,
        client: KubeClient,
        bus: Bus,
        cache: Cache,
        *,
        parameters: ControllerParameters,
        probes: Probes,
    ) -> None:
        self._config = config
        self._client = client
        self._parameters = parameters
        self.processes = parameters.processes
        self.probes = probes
        self.book = Book(config.namespace)
        self._heap = Heap()
        self.queue: WorkQueue[AppId] = WorkQueue(self._place_of)
        self._updates = Updates(self._current, Jq(parameters.jq_timeout))
        self._drifting = Drifting(
            Shelf(bus, self._whose),
            hidden=lambda: self._current().masked_annotations,
            requeue=lambda app_id: self.queue.add(app_id, background=True),
        )
        self._wakes = Wakes(self.book, self.queue, self._current, self._updates, noted=self._drifting.see)
        self._observer = (
            Observer(self.book, hidden=lambda: self._current().masked_annotations)
            if config.observes
            else None
        )
        self._membership = (
            Alone(client, config.namespace, SERVICE)
            if config.observes
            else Membership(
                client.urgent(),
                config.namespace,
                SERVICE,
                shard=config.shard,
                on_change=self._owners_changed,
                process=origin(life=config.life),
            )
        )
        self._tally = Tally(
            lambda record: self.clusters.server_of(record.app.spec.destination),
            expiration=parameters.metrics.expiration,
            is_there=lambda record: self.book.get(record.id) is record,
        )
        self._teller = Teller(
            bus,
            ClusterWriter(client, fence=lambda: self._membership.is_valid, gate=Only(EVENTS)),
            events_per_second=config.events_per_second,
            is_busy=lambda: not self.queue.is_quiet(QUIET),
            completed=self._tally.ended,
            reasons=config.event_reasons,
            globs=lambda: (self._current().event_labels_included, self._current().event_labels_excluded),
        )
        footing = Footing(
            config=config,
            parameters=parameters,
            client=client,
            bus=bus,
            cache=cache,
            book=self.book,
            queue=self.queue,
            membership=self._membership,
            teller=self._teller,
            drifting=self._drifting,
            settings=self._current,
        )
        self.control = Control(
            config,
            client,
            bus,
            parameters=parameters,
            membership=self._membership,
            clusters_of=self._clusters_of,
            on_keys=self._wakes.signed,
            on_settings=self._settings_changed,
            on_project=self._project_changed,
            on_lent=self._lent_changed,
        )
        self._scripts = Scripts(config.render_engine)
        self.clusters = Clusters(
            client,
            self._current,
            owned=self._membership,
            health=HealthScripts(self._scripts, self._current),
            is_wanted=self.book.interests.wants,
            on_change=self._live_changed,
            on_registered=self._cluster_changed,
            on_kind=self._wakes.kind,
            on_serving=self._wakes.serving,
            mint=Minting(config.cluster_programs, config.surroundings),
        )
        self._secrets = Collection(
            client,
            SECRETS,
            namespace=config.namespace,
            on_put=self.clusters.take_secret,
            on_gone=self.clusters.drop_secret,
            label_selector=SECRET_SELECTOR,
        )
        self._applications = Applications(
            client,
            self.book,
            namespaces=parameters.application_namespaces,
            on_change=self._application_changed,
            on_gone=self._application_gone,
            on_stranger=self._stranger_changed,
        )
        self._project_ends = ProjectEnds(
            ClusterWriter(
                client,
                fence=lambda: self._membership.may_act(PROJECTS),
                gate=Only(APP_PROJECTS, namespace=config.namespace),
            ),
            self.control.projects,
            namespace=config.namespace,
            is_ours=lambda: self._membership.owns(PROJECTS),
            is_named=self._applications.names,
            everywhere=bool(parameters.application_namespaces),
        )
        self._labels = VersionLabels(client, self.clusters, owned=self._membership)
        self._ownership = Ownership(
            self.book, self.queue, self.clusters, self._membership, meet=self._met_anew
        )
        self._looks = Looks(
            footing,
            applications=self._applications,
            projects=self.control.projects,
            clusters=self.clusters,
            keys=self.control.keys,
            lending=self.control.lending,
            owns=self._ownership.owns,
            observer=self._observer,
        )
        self._hydrations = Hydrations(
            footing, checks=self._looks.checks, authoring=lambda: self.control.authoring
        )
        self._departed = Departed(self._looks.wants, self._teller)
        self._replies = Replies(footing, clusters=self.clusters, looks=self._looks, scripts=self._scripts)
        scrape = Scrape(
            self.book,
            self.clusters,
            self._looks.checks,
            self._tally,
            owned=self._membership,
            owns=self._ownership.owns,
            options=parameters.metrics,
        )
        probes.metrics.add(scrape.applications, scrape.orphans, scrape.clusters, self._tally.written)
        if self._observer is not None:
            probes.metrics.add(self._observer.lines)
        self.probes.add("nats", lambda: bus.is_connected)
        self.probes.add("applications", lambda: self._applications.collection.is_synced)

    async def run(self) -> None:
        """Follow, work and answer, until cancelled."""
        for name in self._config.unused:
            log.warning(
                "variable.unused", name=name, detail="the replicas that hold a Lease share clusters out"
            )
        async with (
            aclosing(self._looks.jq),
            aclosing(self._scripts),
            aclosing(self._replies),
            aclosing(self._updates),
            asyncio.TaskGroup() as group,
        ):
            parts = {
                **self.control.parts(),
                "cluster secrets": self._secrets.run,
                "clusters": self.clusters.run,
                "events": self._teller.run,
            }
            for name, part in parts.items():
                group.create_task(supervise(name, part))
            await self.control.known(group, self._secrets)
            group.create_task(supervise("membership", self._membership.run))
            group.create_task(supervise("applications", self._applications.run))
            await self._membership.joined()
            self._open_local_cluster()
            await self._replies.serve()
            await self._applications.collection.wait_synced()
            if self._observer is not None:  # of what is not read yet it would say that there is none
                self.probes.pages[OBSERVED] = self._observer.body
            log.info("controller.started", applications=len(self.book), member=self._membership.id)
            working = {
                **self._looks.parts(),
                "updates": self._updates.run,
                "queue": self._work,
                **({} if self._config.observes else self._writing()),
            }
            for name, work in working.items():
                group.create_task(supervise(name, work))

    def _writing(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """What runs only where something is to be written, or told of what was."""
        return {
            **self._hydrations.parts(),
            "project ends": self._project_ends.run,
            "versions of clusters": self._labels.run,
            "drift journals": self._drifting.run,
        }

    async def _work(self) -> None:
        await self.queue.serve(
            self._look,
            workers=self._config.workers or self._parameters.status_processors,
            operators=self._config.operators or self._parameters.operation_processors,
        )

    async def _look(self, app_id: AppId) -> float | None:
        return await self._ownership.work(app_id, self._counted)

    async def _counted(self, app_id: AppId) -> float | None:
        record = self.book.get(app_id)
        if record is None:
            return None
        before, status = outlook_of(record), record.app.status
        self._looks.followers.note(record)
        try:
            with self._tally.look(record):
                return await self._looks.reconciler.work(app_id)
        finally:
            if outlook_of(record) != before:
                self._replies.watch.wake(app_id)
            if record.app.status is not status:
                self._looks.dependencies.changed(app_id)

    def _whose(self, app_id: AppId) -> Whose:
        record = self.book.get(app_id)
        metadata = record.app.metadata if record is not None else ObjectMeta()
        return Whose(metadata.uid, metadata.creation_timestamp or "")

    def _met_anew(self, record: Record) -> None:
        self._drifting.meet(record.id)
        self._looks.meet(record)

    def _owners_changed(self) -> None:
        self._ownership.changed()
        self._project_ends.wake()
        self._labels.wake()
        self.control.wake()
        self._hydrations.hydrator.wake()
        self._open_local_cluster()

    def _place_of(self, app_id: AppId) -> Place:
        """An application waits for its cluster's turn, and one with an operation among its like."""
        record = self.book.get(app_id)
        if record is None:
            return Place()
        destination = record.app.spec.destination
        is_operating = record.app.operation is not None or record.execution is not None
        return Place(
            record.server or destination.server or destination.name,
            Lane.OPERATION if is_operating else Lane.COMPARISON,
        )

    def _application_changed(self, app_id: AppId) -> None:
        self._project_ends.wake()
        self._replies.watch.wake(app_id)
        record = self.book.get(app_id)
        if record is not None:
            self._looks.noted(record)
            self._hydrations.hydrator.note(record)
            self.queue.add(app_id)

    def _stranger_changed(self) -> None:
        self._project_ends.wake()

    def _application_gone(self, record: Record) -> None:
        self._project_ends.wake()
        for claimants in self.book.contested.claimed_from(record.id).values():
            for claimant in claimants:
                self.queue.add(claimant)
        self.queue.forget(record.id)
        self._tally.forget(record.id)
        self._drifting.forget(record.id, is_ours=self._ownership.owns(record))
        self._looks.forget(record.id)
        self._looks.dependencies.gone(record.id)
        self._hydrations.hydrator.forget(record.id)
        self._ownership.forget(record.id)
        if self._ownership.owns(record):
            self._departed.see_off(record)

    def _live_changed(self, cluster: Cluster, change: LiveChange) -> None:
        self._tally.changed(cluster.server, change)
        self._replies.watch.changed(cluster, change)
        self._wakes.live(cluster, change)

    def _cluster_changed(self, server: str) -> None:
        self._membership.pin(self.clusters.pins())
        self._labels.wake()
        self._heap.trim_soon()
        self._wakes.cluster(server)

    def _project_changed(self, name: str) -> None:
        self._project_ends.wake()
        self._hydrations.hydrator.wake()
        self._wakes.project(name)
        self._looks.dependencies.ruled()

    def _lent_changed(self, projects: Sequence[str]) -> None:
        if EVERY in projects:
            self._wakes.everybody()
        for name in projects:
            self._wakes.project(name)

    def _settings_changed(self, before: ControllerSettings, after: ControllerSettings) -> None:
        if before.tracking != after.tracking or before.filters != after.filters:
            self.clusters.reload()
        elif before.health_scripts != after.health_scripts:
            self.clusters.keep_otherwise()
        self._wakes.everybody()

    def _open_local_cluster(self) -> None:
        if not self._membership.owns(IN_CLUSTER_SERVER):
            return
        try:
            self.clusters.resolve(Destination(server=IN_CLUSTER_SERVER))
        except DestinationError as error:
            log.info("cluster.local_unused", reason=str(error))

    def _clusters_of(self, project: str) -> tuple[str, ...]:
        return self.clusters.own_of(project)

    def _current(self) -> ControllerSettings:
        return self.control.current()
