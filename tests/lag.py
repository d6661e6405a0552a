"""How long one turn of the event loop held it, in processor time of its thread: no other thread counts."""

import asyncio
import gc
import time
from types import TracebackType

LOOK = 0.001
"""Seconds between looks; so what is measured is one turn, or two."""


class Lag:
    """Watches the loop while the block runs; `longest` is in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> "Lag":
        gc.collect()
        self._watching = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)

    def taken(self) -> float:
        """The longest since the last time this was asked."""
        longest, self.longest = self.longest, 0.0
        return longest

    async def _watch(self) -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(LOOK)
            self.longest = max(self.longest, time.thread_time() - before)
