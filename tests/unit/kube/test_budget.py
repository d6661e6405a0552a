"""Lists of all clusters together are read within one budget of bytes."""

import asyncio
import contextlib

from fairlead.kube.budget import UNTOLD_BYTES, Budget


async def test_no_more_is_read_at_once_than_the_budget_and_everybody_has_a_turn() -> None:
    budget, most, done = Budget(100), 0, 0

    async def read(size: int) -> None:
        nonlocal most, done
        async with budget.part(size):
            most = max(most, budget.taken)
            await asyncio.sleep(0)
        done += 1

    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(read(10 + number))
    assert done == 50
    assert 60 <= most <= 100
    assert budget.taken == 0


async def test_a_page_larger_than_the_budget_is_read_alone() -> None:
    budget = Budget(100)
    async with budget.part(500):
        small = asyncio.create_task(_hold(budget, 1))
        await asyncio.sleep(0)
        assert budget.taken == 500
    await small
    assert budget.taken == 0


async def test_who_gives_up_while_waiting_takes_nothing_with_it() -> None:
    budget = Budget(UNTOLD_BYTES)
    async with budget.part(None):
        waiting = [asyncio.create_task(_hold(budget, None)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
    waiting[1].cancel()
    for task in waiting:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert budget.taken == 0


async def _hold(budget: Budget, size: int | None) -> None:
    async with budget.part(size):
        await asyncio.sleep(0)
