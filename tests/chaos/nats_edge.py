"""The edge to NATS, which knows messages: it loses, repeats, delays single ones, and sends old ones again.

Invariant: what is passed on is whole, so that NATS and its client see nothing that they would not see of a
broker that forgets, a publisher that tries again, and two publishers of which one was held up.
"""

import asyncio
import random
import re
import secrets
from collections import Counter, deque
from collections.abc import Callable

import msgspec

from tests.chaos.edge import Edge, Way
from tests.chaos.effects import Effect, Watchers, effect_of_message
from tests.chaos.framing import NatsFraming, Unit

LONGEST_HOLD = 5.0
"""Seconds for which a single message is held back at most."""
OLD_KEPT = 4096
"""Messages of each service that are kept to be sent again."""
REMEMBERED = (
    "manifests.rendered.",
    "revision.moved.",
    "render.requested.",
    "revision.check.",
    "$KV.sources.",
)
"""Beginnings of subjects whose messages are sent again when they are old.

Those of other buckets are not: a beat says that somebody lives, and a record is only written in place of the
one that was read, so that the broker itself refuses it when it is old.
"""
ANSWERS = "answers over NATS"
"""What passes to who asked for it, and to nobody else: manifests among it."""
_MESSAGE_ID = re.compile(rb"(?<=\r\nNats-Msg-Id: )[^\r\n]+")


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """How many of all messages, between 0 and 1, are lost, sent twice, or held back while later ones pass."""

    lost: float = 0.0
    repeated: float = 0.0
    late: float = 0.0


class Archive:
    """What one service has published, to be published again."""

    def __init__(self) -> None:
        self._kept: deque[Unit] = deque(maxlen=OLD_KEPT)

    def keep(self, unit: Unit) -> None:
        """Remember a message if it is of those that are sent again."""
        if unit.subject.startswith(REMEMBERED):
            self._kept.append(unit)

    def some(self, number: int, chance: random.Random) -> list[Unit]:
        """So many of them, in any order, each as it was or as if it were another: under an id of its own."""
        chosen = chance.sample(tuple(self._kept), min(number, len(self._kept)))
        return [_under_another_id(unit) if chance.random() < 0.5 else unit for unit in chosen]


class NatsEdge(Edge):
    """One service's way to NATS. `counts` says how many messages met what."""

    def __init__(
        self,
        name: str,
        target: int,
        *,
        chance: random.Random,
        archive: Archive | None = None,
        watchers: Watchers | None = None,
        hear: Callable[[str, bytes], None] = lambda _, __: None,
    ) -> None:
        super().__init__(name, target)
        self.shares = Shares()
        self.counts: Counter[str] = Counter()
        self.chance = chance
        self.archive = archive or Archive()
        self.watchers = watchers or Watchers()
        self.hear = hear
        self._published: list[MessageWay] = []

    def upset(self, shares: Shares) -> None:
        """From now on that happens to messages, in both directions."""
        self.shares = shares

    def heal(self) -> None:
        """Undo everything; what is held back still comes."""
        super().heal()
        self.shares = Shares()

    def publish_again(self, number: int) -> int:
        """Send so many old messages once more; how many there were and could be sent."""
        ways = [way for way in self._published if way.is_open]
        if not ways:
            return 0
        units = self.archive.some(number, self.chance)
        for unit in units:
            ways[-1].write(unit)
        self.counts["old"] += len(units)
        return len(units)

    def way(self, onward: asyncio.StreamWriter) -> Way:
        """Messages to NATS, which are remembered and are effects that the world can see."""
        way = MessageWay(self, onward, is_published=True)
        self._published = [*(known for known in self._published if known.is_open), way]
        return way

    def way_back(self, client: asyncio.StreamWriter) -> Way:
        """Messages from NATS."""
        return MessageWay(self, client, is_published=False)


class MessageWay(Way):
    """One direction of one connection, message by message."""

    def __init__(self, edge: NatsEdge, writer: asyncio.StreamWriter, *, is_published: bool) -> None:
        super().__init__(writer)
        self._edge = edge
        self._is_published = is_published
        self._framing = NatsFraming()
        self._held: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Whether something can be sent."""
        return not self._writer.is_closing()

    async def go(self, data: bytes) -> None:
        """Bytes came; what is whole of them goes on."""
        for unit in self._framing.feed(data):
            effect = effect_of_message(self._edge.name, unit.subject) if self._is_published else None
            if effect is None:
                self._send(unit)
            else:
                await self._watched(unit, effect)
        await self._writer.drain()

    def write(self, unit: Unit) -> None:
        """Send a message, if the connection still stands."""
        if self.is_open:
            self._writer.write(unit.raw)

    def end(self) -> None:
        """What is held back of a connection that is over is lost."""
        for task in self._held:
            task.cancel()

    async def _watched(self, unit: Unit, effect: Effect) -> None:
        await self._edge.watchers.tell(effect, "before")
        self._send(unit)
        if self._edge.watchers.are_there:
            await self._writer.drain()
            await self._edge.watchers.tell(effect, "after")

    def _send(self, unit: Unit) -> None:
        if not unit.subject:
            self.write(unit)
            return
        self._edge.hear(ANSWERS if unit.subject.startswith("_INBOX") else "NATS", unit.raw)
        if self._is_published:
            self._edge.archive.keep(unit)
        shares, chance = self._edge.shares, self._edge.chance
        if shares == Shares():
            self.write(unit)
        elif chance.random() < shares.lost:
            self._edge.counts["lost"] += 1
        elif chance.random() < shares.late:
            self._later(unit, "late")
        else:
            self.write(unit)
            if chance.random() < shares.repeated:
                self._later(unit, "repeated")

    def _later(self, unit: Unit, what: str) -> None:
        self._edge.counts[what] += 1
        seconds = self._edge.chance.uniform(0, self._edge.chance.choice((0.05, 0.5, LONGEST_HOLD)))
        task = asyncio.create_task(self._wait(unit, seconds))
        self._held.add(task)
        task.add_done_callback(self._held.discard)

    async def _wait(self, unit: Unit, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._edge.flows()
        self.write(unit)


def _under_another_id(unit: Unit) -> Unit:
    """The same message under another id, just as long, so that a stream does not take it for one it has."""

    def another(found: re.Match[bytes]) -> bytes:
        length = len(found.group())
        return secrets.token_hex(length).encode()[:length]

    return Unit(_MESSAGE_ID.sub(another, unit.raw, count=1), unit.subject)
