"""The public events, read once for all who follow them here.

The invariant: NATS is read only while somebody follows; a follower that does not keep up is cut off and told
so, and slows nobody.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
import structlog

from fairlead.bus import Bus, BusUnavailableError
from fairlead.bus.follow import Followed, at, follow, oldest, past
from fairlead.bus.topology import EVENTS
from fairlead.events import subjects

log = structlog.get_logger(__name__)

ALL = f"{subjects.PUBLIC}.>"
QUEUE = 1024
"""Events a follower may be behind before it is cut off."""
REPLAYS = 4
"""Followers that are told of the past at once; each takes its turn for a few hundred events."""
AGAIN = 1.0
"""Seconds until NATS is asked again for the end of the stream."""
_APP = 6
"""Parts of a subject that names an application, at least: fairlead.v1.app.<namespace>.<name>.<transition>."""


class PublicEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `kind` is its type without what all begin with, `at` when it happened, in unix seconds; it
    is about an application or, by its identity, a repository."""

    position: int
    id: str
    kind: str
    at: float
    namespace: str = ""
    name: str = ""
    repository: str = ""
    payload: bytes

    @property
    def place(self) -> str:
        """What a follower says to go on behind it: its position, and by what it is known to be it."""
        return f"{self.position}.{self.id[:8]}"


class _Head(msgspec.Struct, frozen=True):
    id: str
    type: str
    time: datetime
    subject: str = ""


_HEAD = msgspec.json.Decoder(_Head)


def read(found: Followed) -> PublicEvent | None:
    """An event about an application or a repository; None for any other, or one that cannot be read."""
    try:
        return _read(found)
    except (msgspec.DecodeError, ValueError, OverflowError):
        return None


def _read(found: Followed) -> PublicEvent | None:
    head = _HEAD.decode(found.payload)
    parts = found.subject.split(".")
    event = PublicEvent(
        position=found.sequence,
        id=head.id,
        kind=head.type.removeprefix(f"{subjects.PUBLIC}."),
        at=head.time.timestamp(),
        payload=found.payload,
    )
    if parts[2:3] == ["app"] and len(parts) >= _APP:
        namespace, name = subjects.untoken(parts[3]), subjects.untoken(parts[4])
        return msgspec.structs.replace(event, namespace=namespace, name=name)
    if parts[2:3] == ["repo"] and subjects.repository_token(head.subject) == parts[3]:
        return msgspec.structs.replace(event, repository=head.subject)
    return None


class Following:
    """What one follower is told, in order; `overrun` once it missed some."""

    def __init__(self, wanted: Callable[[PublicEvent], bool], begun: asyncio.Event) -> None:
        self._wanted = wanted
        self._begun = begun
        self._queue: asyncio.Queue[PublicEvent] = asyncio.Queue(QUEUE)
        self.overrun = False

    def put(self, event: PublicEvent) -> None:
        """Tell it, if it wants to know."""
        if not self._wanted(event):
            return
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self.overrun = True

    async def begun(self, *, seconds: float) -> bool:
        """Wait until whatever happens from now on is told; whether it is."""
        try:
            async with asyncio.timeout(seconds):
                return await self._begun.wait()
        except TimeoutError:
            return False

    async def next(self, *, seconds: float) -> PublicEvent | None:
        """The next event, or None when there was none for so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                return await self._queue.get()
        except TimeoutError:
            return None


class PublicEvents:
    """Those of a bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._followers: set[Following] = set()
        self._reading: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        self._turns = asyncio.Semaphore(REPLAYS)

    @asynccontextmanager
    async def following(self, wanted: Callable[[PublicEvent], bool]) -> AsyncIterator[Following]:
        """Follow what is wanted while the block runs."""
        if self._reading is None:
            self._begun = asyncio.Event()
            self._reading = asyncio.create_task(self._read(self._begun))
        follower = Following(wanted, self._begun)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)
            if not self._followers and self._reading is not None:
                self._reading.cancel()
                self._reading = None

    async def past(self, subject: str, *, after: int = 0, since: datetime | None = None) -> list[Followed]:
        """Some of what is held behind a position, or since a time. Raises BusUnavailableError."""
        async with self._turns:
            return await past(self._bus, subject, after=after, since=since)

    async def end(self) -> int:
        """Position of the newest event. Raises BusUnavailableError."""
        return await self._bus.newest(EVENTS, ALL)

    async def since(self) -> datetime | None:
        """When the oldest event that is held happened; None when none is. Raises BusUnavailableError."""
        found = await oldest(self._bus)
        try:
            return _HEAD.decode(found.payload).time if found is not None else None
        except msgspec.DecodeError:
            return None

    async def id_at(self, position: int) -> str | None:
        """The id of the event at a position, if one is held. Raises BusUnavailableError."""
        found = await at(self._bus, position)
        event = read(found) if found is not None else None
        return event.id if event is not None else None

    async def _read(self, begun: asyncio.Event) -> None:
        end = await self._ended()
        begun.set()
        async for found in follow(self._bus, ALL, after=end):
            event = read(found)
            for follower in tuple(self._followers) if event is not None else ():
                follower.put(event)  # type: ignore[arg-type]

    async def _ended(self) -> int:
        while True:
            try:
                return await self.end()
            except BusUnavailableError as error:
                log.debug("api.events.unreadable", error=str(error))
                await asyncio.sleep(AGAIN)
