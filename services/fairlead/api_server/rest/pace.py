"""How fast a client reads, for several tasks that write to one connection.

Why: aiohttp has all writers of a connection wait for one future, which who is cancelled takes from the
others, and lets each of them write a good deal before it waits at all. The invariant: nobody writes to a
client that is behind, and who gives up waiting leaves the others as they were.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import ClientError, web


class Pace:
    """That of the client of a request."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._catching_up: asyncio.Task[None] | None = None

    async def room(self) -> None:
        """Return once the client has read enough for more to be sent, or has left."""
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._catch_up())
        await asyncio.shield(self._catching_up)

    async def _catch_up(self) -> None:
        with suppress(ConnectionError, ClientError):
            await self._request.writer.drain()

    def cut(self) -> None:
        """End the connection of a client that does not read."""
        if self._request.transport is not None:
            self._request.transport.abort()


async def last_words(saying: Awaitable[None], cut: Callable[[], None], *, seconds: float) -> None:
    """Say them, or cut off a client that does not read them. CancelledError is no end of this task by itself:
    a write that was given up before leaves its future, on which the next one waits, cancelled."""
    try:
        async with asyncio.timeout(seconds):
            await saying
    except (TimeoutError, asyncio.CancelledError):
        cut()
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
