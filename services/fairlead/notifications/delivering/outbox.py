"""Brings messages to their destinations: one task for each, in order, so that one that hangs delays no other.

What may pass is tried again, ever more slowly, for an hour; then, or where no attempt can help, the message
is dead and that is told. Invariant: at most one attempt of a destination is under way; nothing is sent by who
does not lead.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
import structlog

from fairlead.events import Trace, trace
from fairlead.kube.collection import Name
from fairlead.notices.configuration import Configuration
from fairlead.notices.judging.decide import Send
from fairlead.notices.senders.sender import DeliveryError, Message, OptionError, Sender
from fairlead.notifications.following.applications import Followed

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
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0
"""Seconds before a message that failed is tried again: doubling between these."""
LONGEST_WISH: Final = 600.0
"""Seconds that a service may ask to be left alone for."""
PATIENCE: Final = 120.0
"""Seconds one attempt may take, whatever its sender thinks."""


class Parcel(msgspec.Struct, kw_only=True, eq=False):
    """One message on its way. `namespace` is that of its configuration, whose digest is `digest`."""

    app: Followed
    send: Send
    message: Message
    namespace: str
    digest: str
    dedupe: str
    stays: bool
    trace: Trace
    since: float = msgspec.field(default_factory=time.monotonic)


class SenderOf(Protocol):
    """The sender of a service as it is configured now. Raises OptionError."""

    def __call__(self, configuration: Configuration, service: str) -> Sender: ...


class Outcomes(Protocol):
    """Who is told what became of messages."""

    def arrived(self, parcel: Parcel) -> None: ...

    def failed(self, parcel: Parcel, words: str, *, is_dead: bool) -> None: ...


Lane = tuple[str, str, str]
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
        self._crowds: dict[Lane, dict[Name, None]] = {}
        self._lanes: dict[Lane, deque[Parcel]] = {}
        self._tasks: dict[Lane, asyncio.Task[None]] = {}
        self._places: dict[tuple[str, str], asyncio.Semaphore] = {}
        self._is_ending = False

    @property
    def depth(self) -> int:
        """Messages that wait or are under way."""
        return sum(len(lane) for lane in self._lanes.values())

    def has_room(self, configuration: Configuration, service: str, recipient: str, name: Name) -> bool:
        """Whether one more message for a destination is taken; the application is told once there is."""
        key = configuration.namespace, service, recipient
        lane = self._lanes.get(key)
        if lane is None:
            most = OWN_LANES if configuration.is_own else LANES
            return sum(key[0] == configuration.namespace for key in self._lanes) < most
        if len(lane) < QUEUE:
            return True
        self._crowds.setdefault(key, {})[name] = None
        return False

    def put(self, parcel: Parcel) -> None:
        """Take a message on; there has to be room for it."""
        key = parcel.namespace, parcel.send.service, parcel.send.recipient
        lane = self._lanes.setdefault(key, deque())
        lane.append(parcel)
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

    async def close(self) -> None:
        """End all tasks; what is being sent may still arrive, and nothing else is begun."""
        self._is_ending = True
        tasks = tuple(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=DRAIN)
        self.clear()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, key: Lane, lane: deque[Parcel]) -> None:
        """Until the lane is empty; it is made again by the next message."""
        try:
            while lane and not self._is_ending:
                try:
                    with trace.following(lane[0].trace):
                        await self._brought(lane[0])
                except Exception:
                    log.exception("notifications.delivery.broken", service=key[1])
                lane.popleft()
                self._let_in(key, lane)
        finally:
            if self._lanes.get(key) is lane:
                del self._lanes[key]
                del self._tasks[key]

    def _let_in(self, key: Lane, lane: deque[Parcel]) -> None:
        """As many of those who found no room as there is room for now."""
        if len(lane) > QUEUE // 2 or self._lanes.get(key) is not lane:
            return
        crowd = self._crowds.pop(key, {})
        waiting = list(crowd)
        self._crowds |= {key: dict.fromkeys(waiting[QUEUE // 2 :])} if waiting[QUEUE // 2 :] else {}
        for name in waiting[: QUEUE // 2]:
            self._tell_room(name)

    async def _brought(self, parcel: Parcel) -> None:
        """One message, until it arrived or is dead."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._attempt(parcel)
            except DeliveryError as error:
                failure = error
            except OptionError as error:
                failure = DeliveryError(error.words, may_pass=False)
            except TimeoutError:
                failure = DeliveryError(f"no answer within {PATIENCE:.0f} s", may_pass=True)
            except Exception as error:
                log.exception("notifications.sender.broken", service=parcel.send.service)
                failure = DeliveryError(f"{type(error).__name__} while sending", may_pass=False)
            else:
                self._outcomes.arrived(parcel)
                return
            if self._is_ending:
                return
            is_dead = not failure.may_pass or time.monotonic() - parcel.since > RETRY_FOR
            self._outcomes.failed(parcel, failure.words, is_dead=is_dead)
            if is_dead:
                return
            asked = min(failure.after or 0.0, LONGEST_WISH)
            await asyncio.sleep(max(asked, random.uniform(pause / 2, pause)))  # noqa: S311 - spreads load
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _attempt(self, parcel: Parcel) -> None:
        service = parcel.send.service
        configuration = self._current(parcel.namespace)
        group = "" if configuration is None or configuration.is_own else service
        async with self._places.setdefault((parcel.namespace, group), asyncio.Semaphore(AT_ONCE)):
            configuration = self._current(parcel.namespace)
            if configuration is None or service not in configuration.services:
                raise DeliveryError(f"service {service!r} is no longer configured", may_pass=False)
            sender = self._sender_of(configuration, service)
            if not self._is_leading():
                raise DeliveryError("another replica sends now", may_pass=True)
            async with asyncio.timeout(PATIENCE):
                await sender.send(parcel.message, parcel.send.recipient, dedupe=parcel.dedupe)
