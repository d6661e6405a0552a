"""The story of this service: what changed is looked at, and whoever wants to hear of it does.

Invariant: every change is looked at again until nothing is left to be done; what woke us only says which.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from fairlead.bus import Bus
from fairlead.kube.collection import APPLICATIONS, Name
from fairlead.kube.events import EVENTS
from fairlead.kube.gate import Only
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.notices.configuration import Configuration
from fairlead.notifications.config import SERVICE, Config
from fairlead.notifications.counts import NAMES, PROBLEMS, WAITING, forget
from fairlead.notifications.delivering.ledger import Ledger
from fairlead.notifications.delivering.look import Desk
from fairlead.notifications.delivering.marks import Marks
from fairlead.notifications.delivering.outbox import Outbox
from fairlead.notifications.delivering.repositories import AskedRepositories
from fairlead.notifications.delivering.service_senders import ServiceSenders
from fairlead.notifications.delivering.tell import Teller
from fairlead.notifications.engines import Engines
from fairlead.notifications.following.applications import Applications, Followed
from fairlead.notifications.following.audience import Audience
from fairlead.notifications.following.configurations import Configurations
from fairlead.notifications.following.needed import Needed
from fairlead.notifications.following.projects import Projects
from fairlead.notifications.following.story import Waiting, follow_story
from fairlead.outbound.trust import Trust
from fairlead.process.certificates import Certificates
from fairlead.process.membership import CALM, Membership
from fairlead.process.parts import Part
from fairlead.process.probes import Probes
from fairlead.process.work_queue import Place, WorkQueue
from fairlead.settings.notifications import NotificationsParameters

log = structlog.get_logger(__name__)

RESYNC: Final = 60.0
"""Seconds between two rounds of the applications that something is left to be done of (contract 16.5)."""
REPLAYED: Final = 300.0
"""Seconds of the story that are read again by who begins to lead; what was told of it is remembered."""
EARLY: Final = 2.0
"""Seconds after which an Application is looked for again whose events are here already."""
FIELD_MANAGER: Final = "argocd-notifications-controller"
LEADER: Final = "leader"
"""The one thing that replicas share out: who sends."""
MEASURED: Final = 5.0
"""Seconds between two counts of what waits."""


class Notifications:
    """The parts, joined. They end with `close`."""

    def __init__(
        self,
        config: Config,
        client: KubeClient,
        bus: Bus,
        *,
        parameters: NotificationsParameters,
        senders: ServiceSenders,
        trust: Trust,
        engines: Engines,
        probes: Probes,
    ) -> None:
        self._bus = bus
        self._senders = senders
        self._parameters = parameters
        self._was_leading = False
        self._began = asyncio.Event()
        self._waiting = Waiting()
        self._early: set[Name] = set()
        self._hearers, self._events_asked = Needed(), Needed()
        self._queue: WorkQueue[Name] = WorkQueue(lambda name: Place(group=name[0]))
        self._ledger = Ledger()
        NAMES.control = config.namespace
        namespaces = parameters.application_namespaces
        self.membership = Membership(
            client.urgent(), config.namespace, SERVICE, on_change=self._owners_changed, calm=CALM
        )
        self._configurations = Configurations(
            client,
            config.namespace,
            namespaces=namespaces,
            is_self_service=parameters.self_service,
            on_change=self._configured,
        )
        self._certificates = Certificates(client, config.namespace, trust)
        self._projects = Projects(client, config.namespace, on_change=self._of_project)
        self._audience = Audience(self._configurations, self._projects)
        self._applications = Applications(
            client,
            config.namespace,
            namespaces=namespaces,
            is_wanted=self._is_wanted,
            on_change=self._changed,
            on_gone=self._gone,
        )
        self._marks = Marks(self._applications, self._ledger, self._writer(client, APPLICATIONS))
        self._teller = Teller(self._writer(client, EVENTS), reasons=config.event_reasons)
        self._desk = Desk(
            applications=self._applications,
            projects=self._projects,
            audience=self._audience,
            ledger=self._ledger,
            marks=self._marks,
            teller=self._teller,
            scripts_of=engines,
            repositories=AskedRepositories(bus, self._projects.read),
            is_leading=self._is_leading,
            has_secrets=not parameters.self_service,
        )
        self._outbox = Outbox(
            current=self._configurations.at,
            sender_of=senders,
            outcomes=self._desk,
            is_leading=self._is_leading,
            has_room=self._room_for,
        )
        probes.add("nats", lambda: bus.is_connected)
        probes.add("lease", lambda: self.membership.is_valid)
        probes.add("configuration", lambda: self._configurations.is_synced)
        probes.add("applications", lambda: not self._hearers or self._applications.collection.is_synced)

    def parts(self) -> dict[str, Part]:
        """What runs side by side."""
        return {
            "membership": self.membership.run,
            **self._configurations.parts(),
            "certificates": self._certificates.run,
            "configured": self._begin,
            "projects": lambda: self._hearers.run(self._projects.run),
            "applications": lambda: self._hearers.run(self._follow),
            "story": lambda: self._events_asked.run(self._listen),
            "looks": lambda: self._queue.serve(self._look, workers=self._parameters.processors),
            "marks": self._marks.run,
            "events": self._teller.run,
            "resync": self._resync,
            "measures": self._measure,
        }

    async def close(self) -> None:
        """Stop sending: what is under way may arrive, and is remembered. The parts still run."""
        await self._outbox.close()
        await self._marks.settled()

    async def _follow(self) -> None:
        """The Applications, once it is known of whom anybody hears."""
        await self._projects.collection.wait_synced()
        await self._applications.run()

    async def _begin(self) -> None:
        """What the configurations say, once all were read."""
        await self._configurations.wait_synced()
        await self._certificates.collection.wait_synced()
        for configuration in self._configurations.all():
            self._say_problems(configuration)
        self._say_needs()

    async def _listen(self) -> None:
        """The story, from a little before this replica began to lead."""
        while True:
            self._began.clear()
            if not self._is_leading():
                await self._began.wait()
                continue
            since = datetime.now(UTC) - timedelta(seconds=REPLAYED)
            await follow_story(self._bus, self._told, since=since, while_=lambda: self._was_leading)

    def _told(self, name: Name, event: bytes) -> None:
        """An event of an application, which is looked at now."""
        app = self._applications.get(name)
        if self._was_leading and (app is None or self._is_wanted(app)):
            self._waiting.add(name, event)
            self._queue.add(name)

    async def _look(self, name: Name) -> float | None:
        events = self._waiting.take(name)
        if events and self._applications.get(name) is None:
            return self._unread(name, events)
        self._early.discard(name)
        is_done = False
        try:
            is_done = await self._desk.look(name, self._outbox, events)
        finally:
            for event in () if is_done else events:
                self._waiting.add(name, event)
        return None

    def _unread(self, name: Name, events: tuple[bytes, ...]) -> float | None:
        """Events may be here before their Application was read: it is waited for, once all others were read
        no longer than EARLY. Seconds until it is looked for again."""
        if self._applications.collection.is_synced:
            if name in self._early:
                self._early.discard(name)
                return None
            self._early.add(name)
        for event in events:
            self._waiting.add(name, event)
        return EARLY

    async def _resync(self) -> None:
        while True:
            await asyncio.sleep(RESYNC)
            for app in self._applications:
                if app.content and not self._ledger.is_settled(app):
                    self._queue.add(app.name, background=True)

    async def _measure(self) -> None:
        while True:
            WAITING.set(self._outbox.depth)
            await asyncio.sleep(MEASURED)

    def _writer(self, client: KubeClient, resource: Resource) -> ClusterWriter:
        """Who writes objects of one kind, while this replica leads."""
        return ClusterWriter(client, fence=self._is_leading, gate=Only(resource), field_manager=FIELD_MANAGER)

    def _is_leading(self) -> bool:
        return self.membership.may_act(LEADER)

    def _owners_changed(self) -> None:
        is_leading = self.membership.owns(LEADER)
        if is_leading is self._was_leading:
            return
        self._was_leading = is_leading
        log.info("notifications.leading", is_leading=is_leading)
        if is_leading:
            self._began.set()
            self._all()
        else:
            self._outbox.clear()
            self._marks.clear()
            self._ledger.clear()
            self._waiting.clear()
            self._early.clear()

    def _all(self, concerns: Callable[[Followed], bool] = lambda _: True) -> None:
        for app in self._applications:
            if concerns(app):
                self._queue.add(app.name, background=True)

    def _configured(self, namespace: str) -> None:
        """A configuration changed: everybody whom it may tell is looked at."""
        if not self._configurations.is_synced:
            return
        configuration = self._configurations.at(namespace)
        if configuration is not None:
            self._say_problems(configuration)
        else:
            forget(namespace)
        self._say_needs()
        if self._was_leading:
            control = self._configurations.control
            self._all(lambda app: namespace in (control, app.name[0]))

    def _say_needs(self) -> None:
        """Without a trigger nobody hears of anything, and without a condition on events none is read."""
        triggers = [found for each in self._configurations.all() for found in each.triggers.values()]
        self._hearers.say(is_needed=bool(triggers))
        self._events_asked.say(is_needed=any(one.is_of_event for found in triggers for one in found))

    def _say_problems(self, configuration: Configuration) -> None:
        problems = [*configuration.problems, *self._senders.problems(configuration)]
        PROBLEMS.labels(configuration.namespace).set(len(problems))
        for problem in problems:
            log.warning(
                "notifications.configuration.problem", namespace=configuration.namespace, problem=problem
            )

    def _of_project(self, name: str) -> None:
        self._all(lambda app: app.project == name)

    def _is_wanted(self, app: Followed) -> bool:
        return bool(self._audience.of(app.name[0], app.labels, app.project, app.wishes))

    def _room_for(self, name: Name) -> None:
        """There is room for what is due of an application."""
        app = self._applications.get(name)
        if app is not None:
            self._ledger.doubt(app)
            self._queue.add(name, background=True)

    def _changed(self, app: Followed) -> None:
        """An Application is another one; of one that nobody hears of nothing follows."""
        if app.content:
            self._queue.add(app.name)

    def _gone(self, app: Followed) -> None:
        self._ledger.close(app)
        self._queue.forget(app.name)
