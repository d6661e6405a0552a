"""Looks at something remote, one at a time.

Invariant: who asks for a look shares one that begins after the asking, so a burst costs at most two.
"""

import asyncio
import copy
import time
from collections.abc import Awaitable, Callable

from fairlead.events import Cause


class Looks:
    """The looks at one remote; `look` makes one, for a cause, asking what moved before anything is fetched or
    fetching at once."""

    def __init__(self, look: Callable[[Cause, bool], Awaitable[None]]) -> None:
        self._look = look
        self._running: asyncio.Task[None] | None = None
        self._started = 0.0

    @property
    def is_running(self) -> bool:
        """Whether one has not ended yet."""
        return self._running is not None

    async def ask(self, cause: Cause, *, list_first: bool, join: bool = False) -> None:
        """Look, together with whoever asks meanwhile. With `join` a look that began before is good enough.

        Raises what the look raises, each asker its own.
        """
        asked = time.monotonic()
        while True:
            running = self._running or self._begin(cause, list_first)
            is_enough = join or self._started >= asked
            await asyncio.wait({running})
            if is_enough:
                if error := running.exception():
                    raise copy.copy(error)
                return

    def _begin(self, cause: Cause, list_first: bool) -> asyncio.Task[None]:
        self._started = time.monotonic()
        task = self._running = asyncio.create_task(self._made(cause, list_first))
        task.add_done_callback(self._ended)
        return task

    async def _made(self, cause: Cause, list_first: bool) -> None:
        await self._look(cause, list_first)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()
