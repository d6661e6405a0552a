"""The lines of one pod's log, and those of several merged by their times.

Invariant: a line is at most MAX_LINE long, and of each pod at most AHEAD lines, or AHEAD_BYTES, are read
ahead of the reader.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from fairlead.kube.errors import KubeError
from fairlead.rpc.logs import LogLine

MAX_LINE: Final = 128 << 10
"""Bytes of a line; the rest of a longer one is left out."""
AHEAD: Final = 256
"""Lines of a pod that are read before they are asked for."""
AHEAD_BYTES: Final = 256 << 10
"""Of these lines, but for the one that goes beyond."""
SETTLE: Final = 0.1
"""Seconds that a line waits for earlier ones of other pods."""
NEVER: Final = ""
_CUT = " …"


class Stamped(msgspec.Struct, frozen=True, order=True):
    """A line and its time in nanoseconds; what has no time comes first."""

    at: int
    line: LogLine


class _Ahead(asyncio.Queue["Stamped | None"]):
    """Lines that were read ahead: full after AHEAD of them, or AHEAD_BYTES."""

    def __init__(self) -> None:
        super().__init__(AHEAD)
        self._characters = 0

    def full(self) -> bool:
        return self._characters >= AHEAD_BYTES or super().full()

    def _put(self, item: Stamped | None) -> None:
        self._characters += _length(item)
        super()._put(item)

    def _get(self) -> Stamped | None:
        item = super()._get()
        self._characters -= _length(item)
        return item


def _length(item: Stamped | None) -> int:
    return len(item.line.content) if item is not None else 0


class Feed:
    """Reads one pod in the background."""

    def __init__(self, pod: str, chunks: AsyncGenerator[bytes, None]) -> None:
        self._pod = pod
        self._chunks = chunks
        self.queue: asyncio.Queue[Stamped | None] = _Ahead()

    async def run(self) -> None:
        """Read until the log ends; None in the queue is the end."""
        try:
            async for text in lines_of(self._chunks):
                await self.queue.put(stamped(self._pod, text))
        except KubeError as error:
            await self.queue.put(Stamped(0, LogLine(NEVER, "", error.message)))
        await self.queue.put(None)


async def lines_of(chunks: AsyncGenerator[bytes, None]) -> AsyncIterator[str]:
    """The lines of a log as text; what is no UTF-8 is replaced."""
    rest = bytearray()
    is_cut = False
    async for chunk in chunks:
        *whole, last = chunk.split(b"\n")
        for part in whole:
            if not is_cut:
                rest += part
                yield _text(rest)
            rest.clear()
            is_cut = False
        if not is_cut:
            rest += last
        if len(rest) > MAX_LINE:
            yield _text(rest)
            rest.clear()
            is_cut = True
    if rest:
        yield _text(rest)


def _text(line: bytearray) -> str:
    text = bytes(line[:MAX_LINE]).decode(errors="replace").rstrip("\r")
    return text + _CUT if len(line) > MAX_LINE else text


def stamped(pod: str, text: str) -> Stamped:
    """A line that begins with its time; one that does not is told as it is, without a pod."""
    head, _, content = text.partition(" ")
    moment = nanoseconds(head)
    if moment is None:
        return Stamped(0, LogLine(NEVER, "", text))
    return Stamped(moment, LogLine(head, pod, content))


def nanoseconds(text: str) -> int | None:
    """An RFC 3339 time since 1970; None for what is none."""
    if len(text) < len("2006-01-02T15:04:05Z"):
        return None
    seconds, rest = text[:19], text[19:]
    fraction = ""
    if rest.startswith("."):
        digits = len(rest[1:]) - len(rest[1:].lstrip("0123456789"))
        fraction, rest = rest[1 : digits + 1], rest[digits + 1 :]
    try:
        moment = datetime.fromisoformat(seconds + (rest or "Z"))
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000_000 + int((fraction + "0" * 9)[:9])


async def merged(feeds: Sequence[Feed]) -> AsyncGenerator[Stamped, None]:
    """The lines of all feeds, by time where they come close together; ends when all have ended."""
    heads: dict[Feed, Stamped] = {}
    asked = {feed: asyncio.ensure_future(feed.queue.get()) for feed in feeds}
    loop = asyncio.get_running_loop()
    due = 0.0
    try:
        while asked or heads:
            for feed in [feed for feed, task in asked.items() if task.done()]:
                found = asked.pop(feed).result()
                if found is not None:
                    due = due if heads else loop.time() + SETTLE
                    heads[feed] = found
            if heads and (not asked or loop.time() >= due):
                first = min(heads, key=lambda feed: heads[feed].at)
                yield heads.pop(first)
                asked[first] = asyncio.ensure_future(first.queue.get())
                await asyncio.sleep(0)
            elif asked:
                wait = max(0.0, due - loop.time()) if heads else None
                await asyncio.wait(asked.values(), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in asked.values():
            task.cancel()
