"""A part runs while it is needed, as often as it is."""

import asyncio
from contextlib import suppress

import pytest

from fairlead.notifications.following.needed import Needed


async def _until(holds: object) -> None:
    async with asyncio.timeout(30):
        while not holds():  # type: ignore[operator]
            await asyncio.sleep(0)


async def test_a_part_runs_whenever_it_is_needed_and_only_then() -> None:
    needed, story = Needed(), list[str]()

    async def part() -> None:
        story.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            story.append("ended")

    running = asyncio.create_task(needed.run(part))
    await asyncio.sleep(0)
    assert (bool(needed), story) == (False, [])
    for times in (1, 2):
        needed.say(is_needed=True)
        needed.say(is_needed=True)
        await _until(lambda times=times: story.count("begun") == times)
        needed.say(is_needed=False)
        await _until(lambda times=times: story.count("ended") == times)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_what_a_part_raises_is_raised() -> None:
    needed = Needed()
    needed.say(is_needed=True)

    async def part() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await needed.run(part)
