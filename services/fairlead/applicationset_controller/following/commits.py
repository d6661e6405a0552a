"""Hears of commits, so that a push is answered by the sets that read its repository.

What is missed while NATS is away is found by the timers of the generators. Invariant: an event says which
repository moved and nothing else; the repository is asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from fairlead.bus import Bus, Message
from fairlead.events import RevisionCheck, decode, subjects
from fairlead.events.public import PublicEventType

TRANSITION: Final = PublicEventType.COMMIT_DETECTED.value


class _Data(msgspec.Struct, frozen=True):
    ref: str = ""


class _Event(msgspec.Struct, frozen=True):
    data: _Data = _Data()


_EVENT = msgspec.json.Decoder(_Event)


class Commits:
    """`on_commit` is told the token of a repository and the refs that moved, none for any."""

    def __init__(self, bus: Bus, on_commit: Callable[[str, Sequence[str]], None]) -> None:
        self._bus = bus
        self._on_commit = on_commit

    async def run(self) -> None:
        """Hear until cancelled."""
        await self._bus.hear(f"{subjects.PUBLIC}.repo.>", self._detected)
        await self._bus.hear(f"{subjects.REVISION_CHECK}.*.*", self._hinted)
        await asyncio.Event().wait()

    async def _detected(self, message: Message) -> None:
        token, _, transition = message.subject.removeprefix(f"{subjects.PUBLIC}.repo.").partition(".")
        if transition == TRANSITION:
            ref = _EVENT.decode(message.payload).data.ref
            self._on_commit(token, (ref,) if ref else ())

    async def _hinted(self, message: Message) -> None:
        hint = decode(RevisionCheck, message.payload)
        self._on_commit(message.subject.rpartition(".")[2], hint.refs)
