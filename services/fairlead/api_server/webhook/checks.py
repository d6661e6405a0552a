"""Asking for looks at repositories: pushes to one that come close together ask once.

Why: a push to a busy repository, and all who send it again, are one look for the repo-server; and an event on
the stream costs more than all else a webhook does. The invariant: whoever asks returns only when the stream
has an event that names its refs; a push to a repository that was quiet waits for no other.
"""

import asyncio
from contextlib import suppress
from typing import Protocol

import structlog

from fairlead.api_server.counts import WEBHOOKS_ACCEPTED
from fairlead.events import push_time, subjects
from fairlead.events.revision_check import RevisionCheck
from fairlead.events.trace import Trace, current, following

log = structlog.get_logger(__name__)

AT_ONCE = 5
"""Events about one repository that follow each other as they come."""
APART = 0.1
"""Seconds between further ones; what comes meanwhile is told together. After as long without one all begins
anew."""
MAX_REFS = 100
"""Refs carried in one event; more ask for all."""
SHOWN = 200
"""Characters of an address in a log."""


class Publisher(Protocol):
    """The part of the bus that is used."""

    async def publish(self, subject: str, event: RevisionCheck) -> object:
        """Raises BusUnavailableError."""


class _Check:
    """What the next event about a repository says."""

    def __init__(self, trace: Trace, refs: tuple[str, ...]) -> None:
        self.trace = trace
        self.told_at = push_time.now()
        self.refs = dict.fromkeys(refs) if 0 < len(refs) <= MAX_REFS else None
        self.pushes = 1
        self.published: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.published.add_done_callback(_seen)

    def add(self, refs: tuple[str, ...]) -> None:
        self.pushes += 1
        if self.refs is None or not refs:
            self.refs = None
            return
        self.refs.update(dict.fromkeys(refs))
        if len(self.refs) > MAX_REFS:
            self.refs = None


class _Told:
    """One repository of which something was told a moment ago, or is."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self._next: _Check | None = None
        self._more = asyncio.Event()
        self._times = 0

    def add(self, refs: tuple[str, ...]) -> asyncio.Future[None]:
        """These refs are to be told; when they are, the future is done."""
        self._more.set()
        if self._next is None:
            self._next = _Check(current(), refs)
        else:
            self._next.add(refs)
        return self._next.published

    def take(self) -> _Check | None:
        """What is to be told now."""
        check, self._next = self._next, None
        self._more.clear()
        self._times += 1
        return check

    async def pause(self) -> None:
        """Until the next may be told, or nothing came for a while."""
        if self._times >= AT_ONCE:
            await asyncio.sleep(APART)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(APART):
                await self._more.wait()


class Checks:
    """Tells the bus which repositories to look at; holds one event and one task for each that is told of."""

    def __init__(self, bus: Publisher) -> None:
        self._bus = bus
        self._told: dict[str, _Told] = {}

    async def ask(self, repository: str, refs: tuple[str, ...]) -> None:
        """Return once the stream knows that these refs may have moved; none means all of them.

        Raises BusUnavailableError.
        """
        told = self._told.get(repository)
        if told is None:
            told = self._told[repository] = _Told()
            told.task = asyncio.create_task(self._tell(repository, told))
        await asyncio.shield(told.add(refs))

    async def _tell(self, repository: str, told: _Told) -> None:
        """Until nothing was asked for a while."""
        try:
            while check := told.take():
                await self._publish(repository, check)
                await told.pause()
        finally:
            del self._told[repository]

    async def _publish(self, repository: str, check: _Check) -> None:
        event = RevisionCheck(repository=repository, refs=tuple(check.refs or ()), told_at=check.told_at)
        with following(check.trace):
            try:
                await self._bus.publish(subjects.revision_check(repository), event)
            except Exception as error:  # for whoever asked
                check.published.set_exception(error)
                return
            except asyncio.CancelledError:
                check.published.cancel()
                raise
            WEBHOOKS_ACCEPTED.labels(repository).inc(check.pushes)
            log.info(
                "api.webhook.accepted",
                repository=repository[:SHOWN],
                refs=len(event.refs),
                pushes=check.pushes,
            )
        check.published.set_result(None)


def _seen(published: asyncio.Future[None]) -> None:
    """Nobody may be left to see why it failed."""
    if not published.cancelled():
        published.exception()
