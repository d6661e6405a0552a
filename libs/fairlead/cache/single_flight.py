"""One worker per key: whoever asks for work that is under way waits for its result."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Shares the result, or the error, of work by key within a process.

    Who waits may be cancelled without ending the work of the others; the work ends when nobody waits.
    """

    def __init__(self) -> None:
        self._flights: dict[str, asyncio.Task[T]] = {}
        self._waiting: dict[str, int] = {}

    async def run(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """The result of `work` for `key`, from a run that may already be under way."""
        task = self._flights.get(key)
        if task is None:
            task = asyncio.ensure_future(_call(work))
            self._flights[key] = task
            task.add_done_callback(lambda done: self._land(key, done))
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            return await asyncio.shield(task)
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]
                if not task.done():
                    self._flights.pop(key, None)
                    task.cancel()

    def _land(self, key: str, task: "asyncio.Task[T]") -> None:
        if self._flights.get(key) is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()


async def _call(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
