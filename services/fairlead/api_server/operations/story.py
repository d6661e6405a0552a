"""The public events as one caller may hear them: filtered, from now on or from where they left off.

The invariant: an event is told only to who may see its application as it is at that moment, or, of a
repository, one that is made of it; what could not be told is said to be missing, never passed over.
"""

import time
import uuid
from collections import deque
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from fairlead.api_server.calls.told import Told
from fairlead.api_server.documents import ApplicationDocument, key_of
from fairlead.api_server.facets import REPO
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.public_events import ALL, PublicEvent, read
from fairlead.bus import BusUnavailableError
from fairlead.bus.follow import Followed
from fairlead.events import subjects
from fairlead.events.public import SPEC_VERSION, PublicEventType
from fairlead.matching.repository import without_password

BEAT = 5.0
FIRST_YEAR, LAST_YEAR = 1970, 9998
"""Of a time to begin at, so that it is one in every zone."""
DIGITS = 18
"""Of a position."""
REPLAY = 10_000
"""Events of the past that one stream is told, the newest."""
OVERLAP = 4096
"""Events of the past that are recognised when they come again."""
SLOW = "the client was too slow; follow again from the last event"
AWAY = "NATS does not hand out the public events"
GAP = f"{subjects.PUBLIC}.gap"
"""The type of the event that says that others are missing."""
CLOCKS = 5.0
"""Seconds by which the clocks of those who tell and of the cluster may differ."""
KINDS = ("app", "commit")
"""What the types of events begin with that are for everybody."""


class StoryQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which events. Several values of a field mean any of them, several fields all of them."""

    application: Annotated[str, msgspec.Meta(description="the name of an application")] = ""
    app_namespace: Annotated[str, msgspec.Meta(description="the namespace that it is in")] = ""
    project: Annotated[tuple[str, ...], msgspec.Meta(description="names of projects")] = ()
    kind: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="types, or what they begin with: app.sync, app.health.degraded, commit"),
    ] = ()
    since: Annotated[
        str, msgspec.Meta(description="RFC 3339 time to begin at, of the last 24 hours; now unless given")
    ] = ""
    last_event_id: Annotated[
        str, msgspec.Meta(description="the header Last-Event-ID, for clients that cannot send it")
    ] = ""


async def follow(
    backend: Backend, caller: Caller, query: StoryQuery, *, with_commits: bool = False
) -> AsyncGenerator[Told | None, None]:
    """CloudEvents as JSON; None first, and every BEAT seconds without one. Of one application also commits of
    its repositories, where that is asked for."""
    audience = _Audience(backend, caller, query, with_commits=with_commits)
    past = _Past(backend, audience, _moment(query.since))
    seen: deque[str] = deque(maxlen=OVERLAP)
    try:
        await past.begin(query.last_event_id)
        yield None
        async for told in past.told(seen):
            yield told
        async with backend.events.following(audience.wants) as follower:
            if not await follower.begun(seconds=BEAT):
                raise RefusalError(Code.UNAVAILABLE, AWAY)
            async for told in past.told(seen):
                yield told
            known = set(seen)
            while True:
                event = await follower.next(seconds=BEAT)
                if follower.overrun:
                    raise RefusalError(Code.OUT_OF_RANGE, SLOW)
                if event is None:
                    yield None
                elif event.id not in known and audience.may(event):
                    yield Told(event.place, event.payload)
    except BusUnavailableError:
        raise RefusalError(Code.UNAVAILABLE, AWAY) from None


class _Past:
    """What happened before a stream began, in order, as far as it is held."""

    def __init__(self, backend: Backend, audience: "_Audience", since: datetime | None) -> None:
        self._events = backend.events
        self._audience = audience
        self._since = since
        self._after: int | None = None
        self._gap = ""

    async def begin(self, last: str) -> None:
        """Find where to begin: behind the last event that was heard, or at a time, or now."""
        position, _, name = last.partition(".")
        if not last:
            self._after = None if self._since is not None else await self._events.end()
        elif not position.isdecimal() or len(position) > DIGITS or not int(position):
            raise RefusalError(Code.INVALID_ARGUMENT, "Last-Event-ID is not the id of an event")
        else:
            self._since = None
            await self._resume(int(position), name)

    async def _resume(self, position: int, name: str) -> None:
        held = await self._events.id_at(position)
        self._after = position
        if held is not None and name and held.startswith(name):
            return
        self._gap = "the last event that was heard is not held any more"
        if held is not None or position > await self._events.end():
            self._after = 0

    async def told(self, seen: deque[str]) -> AsyncGenerator[Told | None, None]:
        """The events to the end as it is when reached; called again, those that came since."""
        async for batch in self._batches():
            if self._gap:
                yield gap(self._gap)
                self._gap = ""
            for found in batch:
                event = read(found)
                if event is not None and self._audience.wants(event):
                    seen.append(event.id)
                    if self._audience.may(event):
                        yield Told(event.place, event.payload)
            yield None
        if self._gap:
            yield gap(self._gap)
            self._gap = ""

    async def _batches(self) -> AsyncGenerator[list[Followed], None]:
        """What is held, the newest REPLAY of it."""
        skip: int | None = None
        subject = self._audience.subject
        while batch := await self._events.past(subject, after=self._after or 0, since=self._since):
            first, last = batch[0], batch[-1]
            self._since = None
            if skip is None:
                skip = max(0, len(batch) + last.remaining - REPLAY)
                if skip:
                    self._gap = f"more than {REPLAY} events happened"
                if skip and subject == ALL:
                    self._after, skip = first.sequence + skip - 1, 0
                    continue
            self._after = last.sequence
            yield batch[skip:]
            skip = max(0, skip - len(batch))
            if not last.remaining:
                return


class _Audience:
    """What one caller asked to hear, and may."""

    def __init__(
        self, backend: Backend, caller: Caller, query: StoryQuery, *, with_commits: bool = False
    ) -> None:
        lookup.require_namespace(backend, query.app_namespace)
        self._backend = backend
        self._caller = caller
        self._projects = frozenset(query.project)
        self._kinds = tuple(_kind(word) for word in query.kind)
        self._namespace, self._name = "", ""
        self.subject = ALL
        if query.application:
            found = lookup.find(backend, caller, query.application, namespace=query.app_namespace)
            self._namespace, self._name = found.namespace, found.name
            if not with_commits:
                self.subject = f"{subjects.PUBLIC}.app.{subjects.app_tokens(found.namespace, found.name)}.>"
        self._with_commits = with_commits

    def wants(self, event: PublicEvent) -> bool:
        """Whether an event is one of those that were asked for."""
        if event.repository and self._name:
            return self._with_commits and self._is_made_of(event.repository)
        if self._name and (event.namespace, event.name) != (self._namespace, self._name):
            return False
        return not self._kinds or any(
            event.kind == kind or event.kind.startswith(f"{kind}.") for kind in self._kinds
        )

    def _is_made_of(self, repository: str) -> bool:
        """Whether the application is made of a repository, by its identity."""
        key = key_of(lookup.outside(self._backend, self._namespace), self._name)
        document = self._backend.mirrors.applications.get(key)
        return document is not None and repository in document.repositories

    def may(self, event: PublicEvent) -> bool:
        """Whether the caller may hear it now."""
        if event.repository:
            index = self._backend.mirrors.index
            return any(
                map(self._sees, index.documents(index.of(REPO, (without_password(event.repository),))))
            )
        document = self._subject_of(event)
        return document is not None and self._sees(document)

    def _subject_of(self, event: PublicEvent) -> ApplicationDocument | None:
        """The application that an event is about: of those that had its name the one that was there then. An
        event that is a little older than all of them is about the oldest that is known: clocks differ."""
        key = key_of(lookup.outside(self._backend, event.namespace), event.name)
        mirrors = self._backend.mirrors
        oldest: ApplicationDocument | None = None
        for document in (mirrors.applications.get(key), mirrors.departed.get(key)):
            if document is not None and event.at >= _created(document):
                return document
            oldest = document or oldest
        is_near = oldest is not None and event.at >= _created(oldest) - CLOCKS
        return oldest if is_near else None

    def _sees(self, document: ApplicationDocument) -> bool:
        is_meant = not self._projects or document.project in self._projects
        return is_meant and lookup.may(self._caller, "get", document)


def begun(backend: Backend, document: ApplicationDocument) -> datetime:
    """When what is told by an application's name begins to be about it: as it was made, or a little before,
    as clocks differ, unless another is known to have left its name then."""
    former = backend.mirrors.departed.get(document.key)
    tolerance = CLOCKS if former is None else 0.0
    return datetime.fromtimestamp(max(0.0, _created(document) - tolerance), UTC)


def _created(document: ApplicationDocument) -> float:
    """When an application was made, in unix seconds; 0 when it does not say."""
    try:
        return datetime.fromisoformat(document.created).timestamp()
    except ValueError:
        return 0.0


def _kind(word: str) -> str:
    """A type, or what types begin with, as events have it. Raises INVALID_ARGUMENT for one that none has."""
    found = word.removeprefix(f"{subjects.PUBLIC}.")
    health = f"{PublicEventType.APP_HEALTH}."
    is_known = found.startswith(health) or any(
        kind == found or kind.startswith(f"{found}.") for kind in PublicEventType
    )
    if found.partition(".")[0] not in KINDS or not is_known:
        raise RefusalError(Code.INVALID_ARGUMENT, f"no event has the kind {word[:60]!r}; see docs/events.md")
    return found


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RefusalError(Code.INVALID_ARGUMENT, f"since {text[:40]!r} is not a time of RFC 3339")
    return found


def gap(reason: str) -> Told:
    """The event that says that some are missing, which nobody can go on from."""
    now = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
    event = {
        "specversion": SPEC_VERSION,
        "datacontenttype": "application/json",
        "id": str(uuid.uuid4()),
        "source": "/fairlead/api-server",
        "type": GAP,
        "subject": "events",
        "time": now.replace("+00:00", "Z"),
        "data": {"reason": reason},
    }
    return Told("", msgspec.json.encode(event))
