"""All that one process exposes, as one body.

Invariant: a scrape never holds up the event loop: pieces are gathered a few hundred at a time, and the
client's own are written in a thread; two scrapes at once take turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
AT_ONCE = 250
"""Pieces gathered before others may run: of 10,000 applications about 3 ms, when all have changed."""

Part = Callable[[], Iterable[bytes]]


class Exposition:
    """What is exposed beside the client's registry; parts are asked anew by each scrape."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._turn = asyncio.Lock()

    def add(self, *parts: Part) -> None:
        """Expose these too."""
        self._parts += parts

    async def written(self) -> bytes:
        """The whole text."""
        async with self._turn:
            pieces: list[bytes] = []
            for part in self._parts:
                for number, piece in enumerate(part(), 1):
                    pieces.append(piece)
                    if number % AT_ONCE == 0:
                        await asyncio.sleep(0)
            pieces.append(await asyncio.to_thread(generate_latest))
            return b"".join(pieces)
