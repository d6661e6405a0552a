"""Bytes of archives in memory are bounded, in all and for each host."""

import asyncio

import pytest

from fairlead.archives.room import Room


async def hold(room: Room, host: str, size: int, until: asyncio.Event) -> None:
    async with room.share(host) as share:
        await share.take(size)
        await until.wait()


async def is_held(room: Room, host: str, size: int) -> bool:
    """Whether there is room at once."""
    async with room.share(host) as share:
        try:
            async with asyncio.timeout(0.05):
                await share.take(size)
        except TimeoutError:
            return False
        return True


async def test_a_host_has_its_part_and_all_together_no_more_than_there_is() -> None:
    room, until = Room(total=100, of_a_host=40), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for host, size in (("a", 30), ("b", 40)):
            tasks.create_task(hold(room, host, size, until))
        await asyncio.sleep(0)
        assert [await is_held(room, "a", 20), await is_held(room, "a", 10)] == [False, True]
        assert [await is_held(room, "c", 40), await is_held(room, "c", 30)] == [False, True]
        until.set()
    assert await is_held(room, "a", 40)


async def test_an_archive_by_itself_finds_room_however_large() -> None:
    room = Room(total=100, of_a_host=40)
    assert await is_held(room, "a", 1000)
    assert await is_held(room, "a", 1000)


async def test_who_fails_or_is_cancelled_holds_nothing_any_more() -> None:
    room, until = Room(total=100, of_a_host=40), asyncio.Event()
    with pytest.raises(ZeroDivisionError):
        async with room.share("a") as share:
            await share.take(40)
            raise ZeroDivisionError
    task = asyncio.create_task(hold(room, "a", 40, until))
    waiting = asyncio.create_task(hold(room, "a", 40, until))
    await asyncio.sleep(0.01)
    for one in (waiting, task):
        one.cancel()
    await asyncio.gather(task, waiting, return_exceptions=True)
    assert await is_held(room, "a", 40)
    assert (room._held, room._hosts) == (0, {})
