"""A key is worked on by one worker at a time, and never forgotten."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from fairlead.process import work_queue as queues
from fairlead.process.work_queue import Lane, Place, WorkQueue

Work = Callable[[str], Awaitable[float | None]]


@asynccontextmanager
async def served(
    queue: WorkQueue[str], work: Work, workers: int = 4, operators: int = 1
) -> AsyncIterator[None]:
    task = asyncio.create_task(queue.serve(work, workers=workers, operators=operators))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
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


def placed(key: str) -> Place:
    """`group/name`, an operation where the name begins with `op`."""
    group, _, name = key.partition("/")
    return Place(group, Lane.OPERATION if name.startswith("op") else Lane.COMPARISON)


async def test_clusters_take_turns_however_many_applications_one_of_them_has() -> None:
    queue: WorkQueue[str] = WorkQueue(placed)
    seen: list[str] = []

    async def work(key: str) -> None:
        seen.append(key)

    for number in range(50):
        queue.add(f"large/{number}")
    queue.add("small/0")
    queue.add("small/1")
    async with served(queue, work, workers=1):
        await until(lambda: len(seen) == 52)
    assert seen[:4] == ["large/0", "small/0", "large/1", "small/1"]


async def test_a_cluster_that_does_not_answer_holds_up_only_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "STALL", 0.01)
    queue: WorkQueue[str] = WorkQueue(placed)
    answered, begun, done = asyncio.Event(), 0, 0

    async def work(key: str) -> None:
        nonlocal begun, done
        if key.startswith("hole"):
            begun += 1
            await answered.wait()
        else:
            done += 1

    async with served(queue, work, workers=4):
        for number in range(400):
            queue.add(f"hole/{number}")
        for number in range(100):
            queue.add(f"well/{number}")
        await until(lambda: done == 100)
        await asyncio.sleep(0.05)
        assert begun == 4
        queue.add("well/again")
        await until(lambda: done == 101)
        answered.set()
        await until(lambda: begun == 400)


async def test_operations_and_comparisons_do_not_take_each_others_seats() -> None:
    queue: WorkQueue[str] = WorkQueue(placed)
    answered, active = asyncio.Event(), set[str]()

    async def work(key: str) -> None:
        active.add(key)
        await answered.wait()

    async with served(queue, work, workers=2, operators=1):
        for number in range(3):
            queue.add(f"c/op-{number}")
        for number in range(3):
            queue.add(f"c/{number}")
        await until(lambda: len(active) == 3)
        assert active == {"c/op-0", "c/0", "c/1"}
        answered.set()
        await until(lambda: len(active) == 6)


async def test_the_background_has_a_turn_although_comparisons_never_end() -> None:
    queue: WorkQueue[str] = WorkQueue(placed)
    seen: list[str] = []

    async def work(key: str) -> None:
        seen.append(key)
        if len(seen) < 100:
            queue.add(f"c/{len(seen)}")

    queue.add("c/late", background=True)
    queue.add("c/first")
    async with served(queue, work, workers=1):
        await until(lambda: "c/late" in seen)
    assert seen.index("c/late") < 20


async def test_work_that_never_ends_is_given_up_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "DEADLINES", dict.fromkeys(Lane, 0.01))
    monkeypatch.setattr(queues, "FIRST_RETRY", 0.01)
    queue: WorkQueue[str] = WorkQueue()
    begun = 0

    async def work(_: str) -> None:
        nonlocal begun
        begun += 1
        await asyncio.Event().wait()

    async with served(queue, work):
        queue.add("one")
        await until(lambda: begun >= 2)


async def test_a_queue_that_is_ended_begins_nothing_of_what_waits() -> None:
    queue: WorkQueue[str] = WorkQueue(placed)
    begun: list[str] = []

    async def work(key: str) -> None:
        begun.append(key)
        await asyncio.Event().wait()

    async with asyncio.timeout(120), served(queue, work, workers=1):
        for number in range(5):
            queue.add(f"c/{number}")
        await until(lambda: len(begun) == 1)
    assert begun == ["c/0"]
