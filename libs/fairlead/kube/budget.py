"""How many bytes of lists are being read at once, over all clusters of the process.

A list is waited for without taking a part; once its answer begins, it takes what it says to be large, and
gives that back when it was read. So a cluster that does not answer holds nothing, and hundreds of clusters
that are read at a start do not have their pages in memory together.

Invariant: what is taken is at most `total`, or one page alone that is larger than that.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

TOTAL_BYTES: Final = 128 * 1024 * 1024
UNTOLD_BYTES: Final = 8 * 1024 * 1024
"""What a page counts for that does not say its size (compressed ones do not)."""


class Budget:
    """Bytes, shared in order of arrival."""

    def __init__(self, total: int = TOTAL_BYTES) -> None:
        self._total = total
        self._taken = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def taken(self) -> int:
        """Bytes that are being read now."""
        return self._taken

    @asynccontextmanager
    async def part(self, size: int | None) -> AsyncIterator[None]:
        """A part of the budget for the block; `size` in bytes, None when it is not known."""
        wanted = UNTOLD_BYTES if size is None else size
        await self._take(wanted)
        try:
            yield
        finally:
            self._give_back(wanted)

    async def _take(self, size: int) -> None:
        if not self._waiting and self._fits(size):
            self._taken += size
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(size)
            raise

    def _give_back(self, size: int) -> None:
        self._taken -= size
        while self._waiting:
            wanted, turn = self._waiting[0]
            if turn.cancelled():
                self._waiting.popleft()
                continue
            if not self._fits(wanted):
                return
            self._waiting.popleft()
            self._taken += wanted
            turn.set_result(None)

    def _fits(self, size: int) -> bool:
        return self._taken + size <= self._total or not self._taken
