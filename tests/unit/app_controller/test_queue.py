"""A key is worked on by one worker at a time, and never forgotten."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fairlead.app_controller.queue import WorkQueue

Work = Callable[[str], Awaitable[float | None]]


@asynccontextmanager
async def served(queue: WorkQueue[str], work: Work, workers: int = 4) -> AsyncIterator[None]:
    task = asyncio.create_task(queue.serve(work, workers=workers))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_a_key_that_changes_while_it_is_worked_on_is_worked_on_again_and_never_twice_at_once() -> None:
    queue: WorkQueue[str] = WorkQueue()
    active, most, done = 0, 0, 0

    async def work(_: str) -> None:
        nonlocal active, most, done
        active += 1
        most = max(most, active)
        await asyncio.sleep(0.01)
        active -= 1
        done += 1

    async with served(queue, work):
        queue.add("one")
        await until(lambda: active == 1)
        queue.add("one")
        queue.add("one")
        await until(lambda: done == 2)
    assert most == 1


async def test_a_failing_key_is_tried_again_later_and_does_not_delay_others() -> None:
    queue: WorkQueue[str] = WorkQueue()
    seen: list[str] = []

    async def work(key: str) -> None:
        seen.append(key)
        if key == "bad":
            raise RuntimeError("no")

    async with served(queue, work, workers=1):
        queue.add("bad")
        for number in range(5):
            queue.add(str(number))
        await until(lambda: len(seen) == 6)
        await until(lambda: seen.count("bad") == 2)


async def test_the_background_waits_for_the_front() -> None:
    queue: WorkQueue[str] = WorkQueue()
    seen: list[str] = []

    async def work(key: str) -> None:
        seen.append(key)

    queue.add("slow", background=True)
    queue.add("fast")
    queue.add("promoted", background=True)
    queue.add("promoted")
    async with served(queue, work, workers=1):
        await until(lambda: len(seen) == 3)
    assert seen == ["fast", "promoted", "slow"]


async def test_the_earlier_of_two_timers_holds() -> None:
    queue: WorkQueue[str] = WorkQueue()
    seen: list[str] = []

    async def work(key: str) -> None:
        seen.append(key)

    async with served(queue, work):
        queue.add_after("one", 60)
        queue.add_after("one", 0.01)
        queue.add_after("one", 60)
        await until(lambda: seen == ["one"])


async def test_work_says_when_to_look_again() -> None:
    queue: WorkQueue[str] = WorkQueue()
    seen: list[str] = []

    async def work(key: str) -> float | None:
        seen.append(key)
        return 0.001 if len(seen) < 3 else None

    async with served(queue, work):
        queue.add("one")
        await until(lambda: len(seen) == 3)
