"""Puts the app-controller together and runs it; the only place where its parts meet.

Invariant: a part that fails is started again by itself, and a restart of the process rebuilds everything from
the Applications, the renders and the live state.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import structlog

from fairlead.app_controller.answers import Answers
from fairlead.app_controller.applications import Applications
from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.cluster import Cluster
from fairlead.app_controller.cluster_answers import ClusterAnswers
from fairlead.app_controller.clusters import (
    IN_CLUSTER_SERVER,
    SECRET_SELECTOR,
    Clusters,
    DestinationError,
)
from fairlead.app_controller.collection import SECRETS, Collection
from fairlead.app_controller.config import SERVICE, Config
from fairlead.app_controller.delete import Deletion
from fairlead.app_controller.evaluate import Means
from fairlead.app_controller.gather import Gatherer
from fairlead.app_controller.hand_over import SELECTOR as REPOSITORY_SELECTOR
from fairlead.app_controller.hand_over import HandOver
from fairlead.app_controller.jq import Jq
from fairlead.app_controller.level import Level
from fairlead.app_controller.named import Named
from fairlead.app_controller.on_demand import OnDemand
from fairlead.app_controller.operate import Operator
from fairlead.app_controller.progress import Chronicle
from fairlead.app_controller.project_ends import ProjectEnds
from fairlead.app_controller.projects import Projects, SettingsWatch
from fairlead.app_controller.queue import Lane, Place, WorkQueue
from fairlead.app_controller.reconcile import Reconciler
from fairlead.app_controller.renders import Renders
from fairlead.app_controller.revisions import Followers, Revisions
from fairlead.app_controller.sets import RenderedSets
from fairlead.app_controller.status import StatusWriter
from fairlead.app_controller.target import Targets
from fairlead.app_controller.tell import Teller
from fairlead.app_controller.validate import Checks
from fairlead.app_controller.wakes import Wakes
from fairlead.app_controller.wants import Wants
from fairlead.app_controller.write_back import WriteBack
from fairlead.bus import Bus
from fairlead.bus.topology import controller_manifests, controller_moves
from fairlead.cache import Cache
from fairlead.events import PublicEventType
from fairlead.events.story import DeletedData
from fairlead.kube.errors import KubeError
from fairlead.kube.fence import held, holding
from fairlead.kube.live_index import LiveChange
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.model.application import AppId
from fairlead.model.status import Destination
from fairlead.process import Probes
from fairlead.process.membership import Membership
from fairlead.process.supervise import supervise
from fairlead.render import Scripts
from fairlead.settings import ControllerParameters, ControllerSettings
from fairlead.settings.default_project import ensure_default_project

log = structlog.get_logger(__name__)

QUIET = 1.0
"""Seconds without any work after which what is only told is told faster."""
PROJECTS = "appprojects"
"""What the one controller that ends projects is found by, as clusters find theirs."""


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
        self._bus = bus
        self.book = Book(config.namespace)
        self.queue: WorkQueue[AppId] = WorkQueue(self._place_of)
        self._wakes = Wakes(self.book, self.queue, self._current)
        self.probes = probes
        self._followers = Followers()
        self._membership = Membership(
            client.urgent(), config.namespace, SERVICE, shard=config.shard, on_change=self._owners_changed
        )
        self._others: set[AppId] = set()
        control = ClusterWriter(client, fence=held)
        self._teller = Teller(
            bus,
            ClusterWriter(client, fence=lambda: self._membership.is_valid),
            events_per_second=config.events_per_second,
            is_busy=lambda: not self.queue.is_quiet(QUIET),
        )
        self._settings = SettingsWatch(client, config.namespace, on_change=self._settings_changed)
        self._projects = Projects(
            client,
            config.namespace,
            on_change=self._project_changed,
            global_projects=lambda: self._current().global_projects,
        )
        self.clusters = Clusters(
            client,
            self._current,
            owned=self._membership,
            on_change=self._live_changed,
            on_registered=self._cluster_changed,
            on_kind=self._wakes.kind,
            on_serving=self._wakes.serving,
        )
        self._secrets = Collection(
            client,
            SECRETS,
            namespace=config.namespace,
            on_put=self.clusters.take_secret,
            on_gone=self.clusters.drop_secret,
            label_selector=SECRET_SELECTOR,
        )
        seal = config.credentials_seal()
        self._hand_over = HandOver(bus, seal) if seal else None
        self._repositories = _repository_secrets(client, config.namespace, self._hand_over)
        self._applications = Applications(
            client,
            self.book,
            namespaces=parameters.application_namespaces,
            on_change=self._application_changed,
            on_gone=self._application_gone,
            on_stranger=self._stranger_changed,
        )
        self._jq = Jq(parameters.jq_timeout)
        self._scripts = Scripts(config.render_engine)
        self._project_ends = ProjectEnds(
            ClusterWriter(client, fence=lambda: self._membership.may_act(PROJECTS)),
            self._projects,
            namespace=config.namespace,
            is_ours=lambda: self._membership.owns(PROJECTS),
            is_named=self._applications.names,
            everywhere=bool(parameters.application_namespaces),
        )
        checks = Checks(self._projects, self.clusters, self._current, config.namespace)
        self._revisions = Revisions(
            self.book,
            self._followers,
            per_second=config.moves_per_second,
            is_busy=lambda: self.queue.depth > 0,
            requeue=lambda app_id: self.queue.add(app_id, background=True),
            bus=bus,
        )
        status = StatusWriter(
            control,
            self._applications,
            self._teller,
            may_wait=self._revisions.may_wait,
            written=self._revisions.written,
        )
        self._wants = Wants(bus, self.book, requeue=self.queue.add)
        self._renders = Renders(
            bus,
            self.book,
            self._wants,
            owns=self._owns,
            requeue=self.queue.add,
        )
        self._level = Level(
            bus,
            self.book,
            owns=self._owns,
            is_held=self._renders.is_held,
            requeue=lambda app_id: self.queue.add(app_id, background=True),
            period=lambda: self._current().reconciliation,
        )
        wave_delay = config.wave_delay if config.wave_delay >= 0 else parameters.wave_delay
        sets = RenderedSets(bus, cache)
        chronicle = Chronicle(status, self._teller)
        operator = Operator(Means(Targets(bus, sets, checks.forbidden), chronicle, parameters, wave_delay))
        gatherer = Gatherer(
            checks=checks,
            wants=self._wants,
            sets=sets,
            settings=self._current,
            jq=self._jq,
            interests=self.book.interests,
            grace=parameters.repository_error_grace,
        )
        self._reconciler = Reconciler(
            book=self.book,
            checks=checks,
            gatherer=gatherer,
            operator=operator,
            write_back=WriteBack(status, self._teller),
            deletion=Deletion(self.clusters, checks, status, self._teller),
            teller=self._teller,
            settings=self._current,
        )
        named = Named(
            self.book,
            self.clusters,
            checks=checks,
            owned=self._membership,
            is_alone=lambda: self._membership.is_alone,
        )
        self._on_demand = OnDemand(
            client,
            named,
            checks,
            self._scripts,
            compared=self._reconciler.compared,
            settings=self._current,
            may_act=lambda cluster: self._membership.may_act(cluster.server),
        )
        self._answers = Answers(
            bus,
            named,
            book=self.book,
            checks=checks,
            compared=self._reconciler.compared,
            masked_annotations=lambda: self._current().masked_annotations,
            others=self._on_demand.handlers,
        )
        self._cluster_answers = ClusterAnswers(bus, client, self.clusters, owned=self._membership)
        self._gone: set[asyncio.Task[None]] = set()
        self.probes.add("nats", lambda: bus.is_connected)
        self.probes.add("applications", lambda: self._applications.collection.is_synced)

    async def run(self) -> None:
        """Follow, work and answer, until cancelled."""
        for name in self._config.unused:
            log.warning(
                "variable.unused", name=name, detail="the replicas that hold a Lease share clusters out"
            )
        async with (
            aclosing(self._jq),
            aclosing(self._scripts),
            aclosing(self._on_demand),
            asyncio.TaskGroup() as group,
        ):
            parts = {
                "settings": self._settings.run,
                "projects": self._projects.run,
                "cluster secrets": self._secrets.run,
                "clusters": self.clusters.run,
                "events": self._teller.run,
            }
            for name, part in parts.items():
                group.create_task(supervise(name, part))
            self._hand_over_credentials(group)
            await self._settings.collection.wait_synced()
            await self._projects.collection.wait_synced()
            await self._ensure_default_project()
            await self._secrets.wait_synced()
            group.create_task(supervise("membership", self._membership.run))
            group.create_task(supervise("applications", self._applications.run))
            await self._membership.joined()
            self._open_local_cluster()
            await self._answers.serve()
            await self._cluster_answers.serve()
            await self._applications.collection.wait_synced()
            log.info("controller.started", applications=len(self.book), member=self._membership.id)
            working = {
                "manifests": lambda: self._bus.consume(
                    controller_manifests(self._membership.id), self._renders.handle, concurrency=64
                ),
                "renders": self._renders.run,
                "level": self._level.run,
                "forgotten wishes": self._wants.withdraw_forgotten,
                "moves": lambda: self._bus.consume(
                    controller_moves(self._membership.id), self._revisions.handle
                ),
                "revisions": self._revisions.run,
                "histories": self._revisions.watch,
                "project ends": self._project_ends.run,
                "queue": self._work,
            }
            for name, part in working.items():
                group.create_task(supervise(name, part))

    async def _work(self) -> None:
        await self.queue.serve(
            self._look,
            workers=self._config.workers or self._parameters.status_processors,
            operators=self._config.operators or self._parameters.operation_processors,
        )

    async def _look(self, app_id: AppId) -> float | None:
        """Work on an application if its cluster is ours; what was another's is met as after a start."""
        record = self.book.get(app_id)
        if record is None:
            return None
        key = self.clusters.key_of(record.app.spec.destination)
        if not self._membership.owns(key):
            self._others.add(app_id)
            return None
        if app_id in self._others:
            self._others.discard(app_id)
            self._renders.forget(app_id)
            self._followers.note(self._applications.reopen(record))
        with holding(lambda: self._membership.may_act(key)):
            return await self._reconciler.work(app_id)

    def _owns(self, record: Record) -> bool:
        return self._membership.owns(self.clusters.key_of(record.app.spec.destination))

    def _owners_changed(self) -> None:
        """Replicas came or went: leave what is another's now, and look at what is ours since.

        What was another's for however short a time is met anew: answers for it were dropped meanwhile.
        """
        self.clusters.leave()
        self._project_ends.wake()
        for record in self.book:
            if not self._owns(record):
                self._others.add(record.id)
            elif record.id in self._others:
                self.queue.add(record.id)
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

    def _hand_over_credentials(self, group: asyncio.TaskGroup) -> None:
        secrets, handing = self._repositories, self._hand_over
        if secrets is None or handing is None:
            log.warning(
                "controller.credentials_not_handed_over", detail="FAIRLEAD_CREDENTIALS_SECRET is not set"
            )
            return

        async def hand_over() -> None:
            await secrets.wait_synced()
            await handing.run()

        group.create_task(supervise("repository secrets", secrets.run))
        group.create_task(supervise("credentials", hand_over))

    async def _ensure_default_project(self) -> None:
        """Without an api-server nobody else makes it; without the right to, it is somebody's to make."""
        try:
            await ensure_default_project(self._client, self._config.namespace)
        except KubeError as error:
            log.warning("project.default.not_made", error=error.message[:200])

    def _application_changed(self, app_id: AppId) -> None:
        self._project_ends.wake()
        self._answers.watch.wake(app_id)
        record = self.book.get(app_id)
        if record is not None:
            self._followers.note(record)
            self.queue.add(app_id)

    def _stranger_changed(self) -> None:
        self._project_ends.wake()

    def _application_gone(self, record: Record) -> None:
        self._project_ends.wake()
        self.queue.forget(record.id)
        self._followers.forget(record.id)
        self._revisions.written(record.id)
        self._renders.forget(record.id)
        self._others.discard(record.id)
        if not self._owns(record):
            return
        task = asyncio.create_task(supervise(f"end of {record.id.qualified}", lambda: self._forget(record)))
        self._gone.add(task)
        task.add_done_callback(self._gone.discard)

    async def _forget(self, record: Record) -> None:
        await self._wants.withdraw(record.id)
        cascade = any(name.startswith("resources-finalizer") for name in record.app.metadata.finalizers)
        await self._teller.public(record, PublicEventType.APP_DELETED, DeletedData(cascade=cascade))

    def _live_changed(self, cluster: Cluster, change: LiveChange) -> None:
        self._answers.watch.changed(cluster, change)
        self._wakes.live(cluster, change)

    def _cluster_changed(self, server: str) -> None:
        self._membership.pin(self.clusters.pins())
        self._wakes.cluster(server)

    def _project_changed(self, name: str) -> None:
        self._project_ends.wake()
        self._wakes.project(name)

    def _settings_changed(self, before: ControllerSettings, after: ControllerSettings) -> None:
        if before.tracking != after.tracking or before.filters != after.filters:
            self.clusters.reload()
        self._wakes.everybody()

    def _open_local_cluster(self) -> None:
        if not self._membership.owns(IN_CLUSTER_SERVER):
            return
        try:
            self.clusters.resolve(Destination(server=IN_CLUSTER_SERVER))
        except DestinationError as error:
            log.info("cluster.local_unused", reason=str(error))

    def _current(self) -> ControllerSettings:
        return self._settings.current


def _repository_secrets(client: KubeClient, namespace: str, handing: HandOver | None) -> Collection | None:
    if handing is None:
        return None
    return Collection(
        client,
        SECRETS,
        namespace=namespace,
        on_put=handing.take,
        on_gone=handing.drop,
        label_selector=REPOSITORY_SELECTOR,
    )
