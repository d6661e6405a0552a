"""One worker per key."""

import asyncio

import pytest

from fairlead.cache import SingleFlight


async def test_whoever_asks_meanwhile_gets_the_same_result_of_one_run() -> None:
    flights: SingleFlight[int] = SingleFlight()
    runs = 0

    async def work() -> int:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0.01)
        return runs

    assert await asyncio.gather(*(flights.run("k", work) for _ in range(5))) == [1] * 5
    assert await flights.run("k", work) == 2


async def test_an_error_reaches_all_who_wait() -> None:
    flights: SingleFlight[int] = SingleFlight()

    async def work() -> int:
        await asyncio.sleep(0)
        raise ValueError("no")

    results = await asyncio.gather(*(flights.run("k", work) for _ in range(3)), return_exceptions=True)
    assert [str(result) for result in results] == ["no"] * 3


async def test_the_work_goes_on_while_one_who_waits_is_cancelled_and_ends_with_the_last() -> None:
    flights: SingleFlight[str] = SingleFlight()
    ended = asyncio.Event()

    async def work() -> str:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()
        return "never"

    first = asyncio.create_task(flights.run("k", work))
    second = asyncio.create_task(flights.run("k", work))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    assert not ended.is_set()
    second.cancel()
    await asyncio.wait_for(ended.wait(), 1)
    with pytest.raises(asyncio.CancelledError):
        await second
