"""The answers that the stream acknowledged, and whether it still has them.

Why: what NATS confirmed it may lose, by a power failure before its disk had it, a purge or a truncated store,
and it tells nobody. Invariant: the last answer of every application is remembered from its acknowledgement
until the stream would forget it by itself.
"""

import asyncio
import itertools
import random

import msgspec

from fairlead.bus import Bus
from fairlead.bus.topology import MANIFESTS
from fairlead.events import ManifestsRendered, Trace, trace
from fairlead.repo_server.remotes.declared import AppKey

LASTING = MANIFESTS.max_age * 0.9
"""Seconds for which an acknowledged answer is missed: soon after, the stream forgets it by itself."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was told of an application; the stream has it at `sequence` since `at`, by the loop's clock."""

    subject: str
    event: ManifestsRendered
    trace: Trace
    sequence: int
    at: float


class Answers:
    """Publishes answers and remembers the acknowledged ones, the longest kept first."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._kept: dict[AppKey, Answer] = {}
        self._newest: AppKey | None = None
        self._highest = 0
        self.doubted = asyncio.Event()
        """Set when it is known that the stream lost something."""
        bus.on_wipe(self.doubted.set)

    async def tell(self, app: AppKey, subject: str, event: ManifestsRendered) -> None:
        """Publish the answer of an application. Raises BusUnavailableError."""
        current = trace.current()
        sequence = await self._publish(app, subject, event)
        now = asyncio.get_running_loop().time()
        self._kept.pop(app, None)
        self._kept[app] = Answer(subject=subject, event=event, trace=current, sequence=sequence, at=now)
        while (first := next(iter(self._kept))) != app and not self._lasts(self._kept[first]):
            del self._kept[first]

    async def tell_again(self, app: AppKey, sources_digest: str) -> bool:
        """Publish once more what was lost and still answers the wish. Whether that was so.

        It counts as old as it is, so that a stream which cannot keep it is not filled for ever.
        Raises BusUnavailableError.
        """
        kept = self._kept.get(app)
        if kept is None or kept.event.sources_digest != sources_digest or not await self.is_lost(app):
            return False
        with trace.following(kept.trace):
            sequence = await self._publish(app, kept.subject, kept.event)
        self._kept[app] = msgspec.structs.replace(kept, sequence=sequence)
        return True

    async def is_lost(self, app: AppKey) -> bool:
        """Whether the stream has neither this answer nor a later one. Raises BusUnavailableError."""
        kept = self._kept.get(app)
        if kept is None or not self._lasts(kept):
            return False
        return await self._bus.newest(MANIFESTS, kept.subject) < kept.sequence

    async def is_any_lost(self) -> bool:
        """Whether the newest answer is lost, or one chosen at random. Raises BusUnavailableError."""
        chosen = random.randrange(max(1, len(self._kept)))  # noqa: S311 - a sample
        samples = {self._newest, *itertools.islice(self._kept, chosen, chosen + 1)}
        return any([await self.is_lost(app) for app in samples if app is not None])

    def lasting(self) -> tuple[AppKey, ...]:
        """The applications whose answers the stream should have, the latest first."""
        return tuple(app for app in reversed(self._kept) if self._lasts(self._kept[app]))

    def forget(self, app: AppKey) -> None:
        """The application is gone."""
        self._kept.pop(app, None)

    async def _publish(self, app: AppKey, subject: str, event: ManifestsRendered) -> int:
        """The position of the answer. One that was given before: the stream lost what it had there."""
        before = self._highest
        sequence = await self._bus.publish(subject, event)
        if sequence <= before:
            self.doubted.set()
            self._highest = sequence
        self._highest = max(self._highest, sequence)
        self._newest = app
        return sequence

    @staticmethod
    def _lasts(answer: Answer) -> bool:
        return asyncio.get_running_loop().time() - answer.at < LASTING
