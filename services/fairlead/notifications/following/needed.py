"""What runs only while it is needed: without triggers nobody hears of anything, and nothing is watched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Needed:
    """Whether it is, as was said last."""

    def __init__(self) -> None:
        self._yes = asyncio.Event()
        self._no = asyncio.Event()
        self._no.set()

    def __bool__(self) -> bool:
        return self._yes.is_set()

    def say(self, *, is_needed: bool) -> None:
        """From now on."""
        on, off = (self._yes, self._no) if is_needed else (self._no, self._yes)
        on.set()
        off.clear()

    async def run(self, part: Callable[[], Awaitable[object]]) -> None:
        """Run a part whenever it is needed, until cancelled; what the part raises ends this."""
        while True:
            await self._yes.wait()
            running, ending = asyncio.ensure_future(part()), asyncio.ensure_future(self._no.wait())
            try:
                await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    await running
            finally:
                running.cancel()
                ending.cancel()
                await asyncio.gather(running, ending, return_exceptions=True)
