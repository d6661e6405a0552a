"""Last words to a client: said, or cut off, whatever becomes of the wait for it."""

import asyncio

import pytest

from fairlead.api_server.rest.pace import last_words


async def test_words_that_are_read_cut_nothing() -> None:
    cuts: list[int] = []
    await last_words(asyncio.sleep(0), lambda: cuts.append(1), seconds=60)
    assert not cuts


async def test_who_does_not_read_is_cut_off_in_time_and_after_a_wait_that_was_given_up() -> None:
    cuts: list[int] = []
    loop = asyncio.get_running_loop()
    await last_words(loop.create_future(), lambda: cuts.append(1), seconds=0.01)
    given_up: asyncio.Future[None] = loop.create_future()
    given_up.cancel()
    await last_words(given_up, lambda: cuts.append(2), seconds=60)
    assert cuts == [1, 2]


async def test_a_task_that_is_to_end_ends_after_the_cut() -> None:
    cuts: list[int] = []
    waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    saying = asyncio.create_task(last_words(waiting, lambda: cuts.append(1), seconds=60))
    await asyncio.sleep(0)
    saying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saying
    assert cuts == [1]
