"""Carrying a stream to its client, on a clock of its own.

The invariant: however much or little flows, the session is looked at every BEAT seconds, a client that left
is noticed, at once when its connection says so, and one that does not read is cut off.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Protocol

from fairlead.api_server.operations.refusal import Code, RefusalError

BEAT = 5.0
"""Seconds between two looks at the session."""
MAX_STALL = 30.0
"""Seconds one piece may take to be read by the client's side."""

SLOW = "the client was too slow; watch again"

Items = AsyncGenerator[Any, None]


class Sink(Protocol):
    """Where a stream goes."""

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""

    async def result(self, item: Any) -> None:
        """Send one object; returns when there is room for the next."""

    async def beat(self) -> None:
        """Keep the stream open, when nothing was sent for long."""


class Pump:
    """Carries the items of one stream. `require` raises when the caller may no longer watch; `sent` is called
    after each item, and `left` is set once the client's connection has ended."""

    def __init__(
        self,
        sink: Sink,
        require: Callable[[], Awaitable[object]],
        *,
        beat: float = BEAT,
        stall: float = MAX_STALL,
        sent: Callable[[], None] = lambda: None,
        left: asyncio.Event | None = None,
    ) -> None:
        self._left = left
        self._sent = sent
        self._sink = sink
        self._require = require
        self._beat = beat
        self._stall = stall
        self._writing_since: float | None = None

    async def run(self, items: Items) -> None:
        """Return when the stream or its client has ended. Raises what either side or `require` raises."""
        copying = asyncio.create_task(self._copy(items))
        leaving = [asyncio.create_task(self._left.wait())] if self._left else []
        ending = {copying, *leaving}
        try:
            while not copying.done():
                await asyncio.wait(ending, timeout=self._beat, return_when=asyncio.FIRST_COMPLETED)
                if copying.done() or self._sink.is_gone or any(one.done() for one in leaving):
                    break
                await self._look()
            if copying.done():
                copying.result()
        finally:
            for one in ending:
                one.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def _look(self) -> None:
        await self._require()
        since, now = self._writing_since, asyncio.get_running_loop().time()
        if since is None:
            await self._sink.beat()
        elif now - since >= self._stall:
            raise RefusalError(Code.OUT_OF_RANGE, SLOW)

    async def _copy(self, items: Items) -> None:
        async with aclosing(items):
            async for item in items:
                if item is None:
                    continue
                self._writing_since = asyncio.get_running_loop().time()
                await self._sink.result(item)
                self._sent()
                self._writing_since = None
