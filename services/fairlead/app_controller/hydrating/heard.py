"""Hears of commits to the repositories that are hydrated.

What is missed while NATS is away is found by the next look that is due by itself. Invariant: an event says
which repository moved and nothing else; the repository is asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fairlead.bus import Bus, Message
from fairlead.events import PublicEventType, subjects

_REPOSITORIES = f"{subjects.PUBLIC}.repo."


class DryCommits:
    """`on_commit` is told the token of a repository a ref of which moved."""

    def __init__(self, bus: Bus, on_commit: Callable[[str], None]) -> None:
        self._bus = bus
        self._on_commit = on_commit

    async def run(self) -> None:
        """Hear until cancelled."""
        await self._bus.hear(f"{_REPOSITORIES}>", self._detected)
        await asyncio.Event().wait()

    async def _detected(self, message: Message) -> None:
        token, _, transition = message.subject.removeprefix(_REPOSITORIES).partition(".")
        if transition == PublicEventType.COMMIT_DETECTED.value:
            self._on_commit(token)
