"""Brings messages to their destinations: one task for each, so that one that hangs delays no other.

What may pass is tried again, ever more slowly, for an hour, and overtaken by what others have to say (see
`lane.py`); then, or where no attempt can help, the message is dead and that is told. Invariant: at most one
attempt of a destination is under way; nothing is sent by who does not lead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from fairlead.events import trace
from fairlead.kube.collection import Name
from fairlead.notices.configuration import Configuration
from fairlead.notices.senders.sender import DeliveryError, OptionError, Sender
from fairlead.notifications.delivering.lane import Lane, Parcel

log = structlog.get_logger(__name__)

QUEUE: Final = 100
"""Messages that may wait for one destination; who finds no room is told when half of them are gone."""
LANES, OWN_LANES = 5000, 500
"""Destinations that messages may wait for at once: of the control plane's configuration, and of each one that
serves its own namespace."""
AT_ONCE: Final = 16
"""Attempts at one service at once, whoever its recipients are; for a namespace that serves itself at all of
its services together."""
DRAIN: Final = 3.0
"""Seconds that what is being sent is given to arrive at the end of the process."""
RETRY_FOR: Final = 3600.0
"""Seconds for which a message is tried."""
PATIENCE: Final = 120.0
"""Seconds one attempt may take, whatever its sender thinks."""


class SenderOf(Protocol):
    """The sender of a service as it is configured now. Raises OptionError."""

    def __call__(self, configuration: Configuration, service: str) -> Sender: ...


class Outcomes(Protocol):
    """Who is told what became of messages."""

    def arrived(self, parcel: Parcel) -> None: ...

    def failed(self, parcel: Parcel, words: str, *, is_dead: bool) -> None: ...


Place = tuple[str, str, str]
"""Namespace of the configuration, service and recipient."""


class Outbox:
    """`current` is the configuration of a namespace now, None where there is none."""

    def __init__(
        self,
        *,
        current: Callable[[str], Configuration | None],
        sender_of: SenderOf,
        outcomes: Outcomes,
        is_leading: Callable[[], bool],
        has_room: Callable[[Name], None] = lambda _: None,
    ) -> None:
        self._current = current
        self._sender_of = sender_of
        self._outcomes = outcomes
        self._is_leading = is_leading
        self._tell_room = has_room
        self._crowds: dict[Place, dict[Name, None]] = {}
        self._invited: dict[Place, set[Name]] = {}
        self._lanes: dict[Place, Lane] = {}
        self._tasks: dict[Place, asyncio.Task[None]] = {}
        self._places: dict[tuple[str, str], asyncio.Semaphore] = {}
        self._is_ending = False

    @property
    def depth(self) -> int:
        """Messages that wait or are under way."""
        return sum(len(lane) for lane in self._lanes.values())

    def has_room(self, configuration: Configuration, service: str, recipient: str, name: Name) -> bool:
        """Whether one more message for a destination is taken; the application is told once there is."""
        key = configuration.namespace, service, recipient
        self._invited.get(key, set()).discard(name)
        lane = self._lanes.get(key)
        if lane is None:
            most = OWN_LANES if configuration.is_own else LANES
            return sum(key[0] == configuration.namespace for key in self._lanes) < most
        if len(lane) < QUEUE:
            return True
        self._crowds.setdefault(key, {})[name] = None
        return False

    def is_crowded(self, configuration: Configuration, service: str, recipient: str) -> bool:
        """Whether who finds no room is told when there is some."""
        return (configuration.namespace, service, recipient) in self._crowds

    def put(self, parcel: Parcel) -> None:
        """Take a message on; there has to be room for it."""
        key = parcel.namespace, parcel.send.service, parcel.send.recipient
        lane = self._lanes.setdefault(key, Lane())
        lane.put(parcel)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._serve(key, lane), name=f"destination {key[1]}")

    def clear(self) -> None:
        """Nothing is sent any more: another replica leads, and finds what is due by itself."""
        for task in self._tasks.values():
            task.cancel()
        self._lanes.clear()
        self._tasks.clear()
        self._places.clear()
        self._crowds.clear()
        self._invited.clear()

    async def close(self) -> None:
        """End all tasks; what is being sent may still arrive, and nothing else is begun."""
        self._is_ending = True
        for lane in self._lanes.values():
            lane.ring()
        tasks = tuple(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=DRAIN)
        self.clear()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, key: Place, lane: Lane) -> None:
        """Until the lane is empty; it is made again by the next message."""
        try:
            while lane and not self._is_ending:
                parcel, seconds = lane.next()
                if parcel is None:
                    await lane.wait(seconds)
                    continue
                with trace.following(parcel.trace):
                    await self._bring(parcel, lane)
                self._let_in(key, lane)
        finally:
            if self._lanes.get(key) is lane:
                del self._lanes[key]
                del self._tasks[key]

    def _let_in(self, key: Place, lane: Lane) -> None:
        """As many of those who found no room as there is room for now; all of them where nothing waits."""
        crowd = self._crowds.get(key)
        if not crowd or self._lanes.get(key) is not lane:
            return
        invited = self._invited.setdefault(key, set())
        room = max(0, QUEUE // 2 - len(lane) - len(invited)) if lane else len(crowd)
        for name in list(crowd)[:room]:
            del crowd[name]
            invited.add(name)
            self._tell_room(name)
        if not crowd:
            del self._crowds[key], self._invited[key]

    async def _bring(self, parcel: Parcel, lane: Lane) -> None:
        """One attempt, and what becomes of the message by it."""
        failure = await self._failure(parcel)
        if failure is not None and self._is_ending:
            return
        is_dead = failure is not None and (
            not failure.may_pass or time.monotonic() - parcel.since > RETRY_FOR
        )
        if failure is None or is_dead:
            lane.take_out(parcel, has_arrived=failure is None)
        else:
            lane.put_off(parcel, failure.after)
        try:
            if failure is None:
                self._outcomes.arrived(parcel)
            else:
                self._outcomes.failed(parcel, failure.words, is_dead=is_dead)
        except Exception:
            log.exception("notifications.delivery.broken", service=parcel.send.service)

    async def _failure(self, parcel: Parcel) -> DeliveryError | None:
        """Why an attempt failed, None when the message arrived."""
        try:
            await self._attempt(parcel)
        except DeliveryError as error:
            return error
        except OptionError as error:
            return DeliveryError(error.words, may_pass=False)
        except TimeoutError:
            return DeliveryError(f"no answer within {PATIENCE:.0f} s", may_pass=True)
        except Exception as error:
            log.exception("notifications.sender.broken", service=parcel.send.service)
            return DeliveryError(f"{type(error).__name__} while sending", may_pass=False)
        return None

    async def _attempt(self, parcel: Parcel) -> None:
        service = parcel.send.service
        configuration = self._current(parcel.namespace)
        group = "" if configuration is None or configuration.is_own else service
        async with self._places.setdefault((parcel.namespace, group), asyncio.Semaphore(AT_ONCE)):
            configuration = self._current(parcel.namespace)
            if configuration is None:
                raise DeliveryError("there is no configuration now", may_pass=True)
            if service not in configuration.services:
                raise DeliveryError(f"service {service!r} is no longer configured", may_pass=False)
            sender = self._sender_of(configuration, service)
            if not self._is_leading():
                raise DeliveryError("another replica sends now", may_pass=True)
            async with asyncio.timeout(PATIENCE):
                await sender.send(parcel.message, parcel.send.recipient, dedupe=parcel.dedupe)
