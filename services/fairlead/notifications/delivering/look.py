"""One look at one application: who is to hear of it, which conditions hold, what is composed and put out.

Invariant: judged is only an Application whose status is of one moment (contract 16.5), and by who leads; what
could not be done in one look is looked at again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
import structlog

from fairlead.events import trace
from fairlead.kube.collection import Name
from fairlead.notices.composing.compose import CompositionError, compose
from fairlead.notices.configuration import Configuration
from fairlead.notices.environment import Endless, Engine, Environment, Repositories
from fairlead.notices.judging.decide import (
    FROM_NOTHING,
    Decision,
    Send,
    decide,
    evaluations,
    texts_of,
)
from fairlead.notices.judging.fresh import is_fresh
from fairlead.notices.judging.subscriptions import Destination
from fairlead.notifications.counts import DEAD, DELIVERIES, EVALUATIONS, NAMES
from fairlead.notifications.delivering.lane import Parcel
from fairlead.notifications.delivering.ledger import Ledger, Page
from fairlead.notifications.delivering.marks import Marks
from fairlead.notifications.delivering.outbox import Outbox
from fairlead.notifications.delivering.tell import DEAD as NOT_DELIVERED
from fairlead.notifications.delivering.tell import PROBLEM, Teller
from fairlead.notifications.following.applications import Applications, Followed
from fairlead.notifications.following.audience import Audience, ToldBy
from fairlead.notifications.following.projects import Project, Projects

log = structlog.get_logger(__name__)

_CLOCK: Final = ("time.Now", "now(", "repo.")
"""What makes an expression come to something else although nothing was changed."""


class EventId(msgspec.Struct, frozen=True):
    """Of a public event what tells it apart."""

    id: str = ""


class ScriptsOf(Protocol):
    """The engine for texts of a configuration: those of namespaces have one of their own."""

    def __call__(self, configuration: Configuration) -> Engine: ...


class Desk:
    """Looks at applications by name. `is_leading` says whether this replica sends."""

    def __init__(
        self,
        *,
        applications: Applications,
        projects: Projects,
        audience: Audience,
        ledger: Ledger,
        marks: Marks,
        teller: Teller,
        scripts_of: ScriptsOf,
        repositories: Repositories,
        is_leading: Callable[[], bool],
        has_secrets: bool,
    ) -> None:
        self._applications = applications
        self._projects = projects
        self._audience = audience
        self._ledger = ledger
        self._marks = marks
        self._teller = teller
        self._scripts_of = scripts_of
        self._repositories = repositories
        self._is_leading = is_leading
        self._has_secrets = has_secrets
        self._endless = Endless()

    async def look(self, name: Name, outbox: Outbox, events: tuple[bytes, ...] = ()) -> bool:
        """One look; `events` are those since the last one. Whether they were looked at. Raises KubeError."""
        app = self._applications.get(name)
        if app is None or not self._is_leading():
            return True
        told_by = self._audience.of(app.name[0], app.labels, app.project, app.wishes)
        if not told_by:
            return True
        events = events if _asks_of_events(told_by) else ()
        project, page = self._projects.get(app.project, app.name[0]), self._ledger.page(app)
        basis = app.version, project.version, tuple(configuration.digest for configuration, _ in told_by)
        if page.judged == basis and not self._ledger.is_overdue(page) and not events:
            return True
        content = await self._applications.content(app)
        if not content or not is_fresh(content):
            return not content
        is_settled = True
        for event in events or (b"",):
            for configuration, destinations in told_by:
                look = _Look(
                    self,
                    app,
                    page=page,
                    configuration=configuration,
                    project=project,
                    content=content,
                    event=event,
                )
                is_settled &= await look.done(destinations, outbox)
        page.judged = basis if is_settled else None
        return True

    def arrived(self, parcel: Parcel) -> None:
        """A message was sent: it is remembered."""
        send = parcel.send
        DELIVERIES.labels(*NAMES.of(parcel.namespace, send.trigger, send.service), "true").inc()
        is_there = self._applications.get(parcel.app.name) is parcel.app
        if is_there and self._ledger.sent(parcel.app, send.key, stays=send.stays):
            self._marks.due(parcel.app)

    def failed(self, parcel: Parcel, words: str, *, is_dead: bool) -> None:
        """An attempt failed; a dead message is given up."""
        send = parcel.send
        trigger, service = NAMES.of(parcel.namespace, send.trigger, send.service)
        DELIVERIES.labels(trigger, service, "false").inc()
        whom = _whom(send)
        if is_dead:
            DEAD.labels(service).inc()
            if self._applications.get(parcel.app.name) is parcel.app:
                self._ledger.failed(parcel.app, send.key, parcel.digest)
            self._teller.say(parcel.app, NOT_DELIVERED, f"{send.trigger} was not told to {whom}: {words}")
        else:
            self._teller.say(parcel.app, NOT_DELIVERED, f"{send.trigger} waits to be told to {whom}: {words}")


def _asks_of_events(told_by: tuple[ToldBy, ...]) -> bool:
    """Whether any condition looks at events; else they only say when to look."""
    return any(
        condition.is_of_event
        for configuration, destinations in told_by
        for trigger in {to.trigger for to in destinations}
        for condition in configuration.triggers.get(trigger, ())
    )


class _Look:
    """By one configuration, at one moment."""

    def __init__(
        self,
        desk: Desk,
        app: Followed,
        *,
        page: Page,
        configuration: Configuration,
        project: Project,
        content: bytes,
        event: bytes,
    ) -> None:
        self._desk = desk
        self._app = app
        self._page = page
        self._configuration = configuration
        self._content = content
        self._event = _id_of(event)
        self._environment = Environment(
            desk._scripts_of(configuration),
            desk._repositories,
            configuration,
            app=content,
            project=project.content,
            has_secrets=desk._has_secrets,
            event=event,
            endless=desk._endless,
        )

    async def done(self, destinations: tuple[Destination, ...], outbox: Outbox) -> bool:
        """Judge, forget, compose and put out; whether nothing is left to be looked at again."""
        triggers = tuple(dict.fromkeys(to.trigger for to in destinations))
        decision, is_steady = await self._decided(destinations, triggers)
        self._page.in_force[self._configuration.namespace] = decision.in_force
        if self._desk._ledger.forget(self._app, decision.forgets):
            self._desk._marks.due(self._app)
        for words in (*self._app.wishes.problems, *decision.problems):
            if FROM_NOTHING in words and not _status_of(self._content).operation_state.started_at:
                log.debug("notifications.not_judged_yet", app="/".join(self._app.name), detail=words)
                continue
            self._desk._teller.say(self._app, PROBLEM, words)
        put = [await self._put(send, outbox) for send in decision.sends]
        return is_steady and all(put)

    async def _decided(
        self, destinations: tuple[Destination, ...], triggers: tuple[str, ...]
    ) -> tuple[Decision, bool]:
        configuration, ledger = self._configuration, self._desk._ledger
        texts = texts_of(configuration, triggers, has_event=bool(self._event))
        outcomes = await self._environment.conditions(texts)
        judged = {
            trigger: evaluations(configuration, trigger, outcomes, event=self._event) for trigger in triggers
        }
        for each in (one for found in judged.values() for one in found):
            (name,) = NAMES.of(configuration.namespace, each.trigger)
            EVALUATIONS.labels(name, str(each.holds).lower()).inc()
        decision = decide(
            configuration,
            destinations,
            judged,
            lambda key: ledger.is_remembered(self._app, key, configuration.digest),
        )
        may_pass = any(outcome.may_pass for outcome in outcomes.values())
        return decision, not may_pass and not any(word in text for text in texts for word in _CLOCK)

    async def _put(self, send: Send, outbox: Outbox) -> bool:
        """Compose one message and put it out; whether nothing is left that only another round would find."""
        configuration = self._configuration
        if not outbox.has_room(configuration, send.service, send.recipient, self._app.name):
            return outbox.is_crowded(configuration, send.service, send.recipient)
        try:
            message = await compose(
                configuration,
                self._environment,
                send.templates,
                configuration.services[send.service],
                send.recipient,
            )
        except CompositionError as error:
            names = NAMES.of(configuration.namespace, send.trigger, send.service)
            DELIVERIES.labels(*names, "false").inc()
            words = f"{send.trigger} was not told to {_whom(send)}: {error}"
            self._desk._teller.say(self._app, PROBLEM, words)
            return not error.may_pass
        self._page.under_way.add(send.key)
        parcel = Parcel(
            app=self._app,
            send=send,
            message=message,
            namespace=configuration.namespace,
            digest=configuration.digest,
            dedupe=dedupe_of(self._app.uid, send.key, self._content),
            stays=send.stays,
            trace=trace.current(),
        )
        outbox.put(parcel)
        return True


def _whom(send: Send) -> str:
    """A destination in words; services without recipients have none."""
    return f"{send.service}:{send.recipient}".rstrip(":")


class _Moments(msgspec.Struct, frozen=True, rename="camel"):
    started_at: str | None = None
    finished_at: str | None = None
    last_transition_time: str | None = None


class _Status(msgspec.Struct, frozen=True, rename="camel"):
    operation_state: _Moments = _Moments()
    health: _Moments = _Moments()


class _Document(msgspec.Struct, frozen=True):
    status: _Status = _Status()


def dedupe_of(uid: str, key: str, content: bytes) -> str:
    """Names one firing: the same after a restart, and another when the condition holds for another reason."""
    status = _status_of(content)
    state = status.operation_state
    parts = (uid, key, state.started_at, state.finished_at, status.health.last_transition_time)
    return hashlib.sha256("\0".join(part or "" for part in parts).encode()).hexdigest()[:32]


def _status_of(content: bytes) -> _Status:
    try:
        return msgspec.json.decode(content, type=_Document).status
    except msgspec.DecodeError:
        return _Status()


def _id_of(event: bytes) -> str:
    try:
        return msgspec.json.decode(event, type=EventId).id if event else ""
    except msgspec.DecodeError:
        return ""
