"""A host that hangs takes only its own places."""

import asyncio

from fairlead.outbound.slots import Slots


async def test_a_host_that_hangs_holds_up_no_other() -> None:
    slots, over = Slots(per_host=2, in_all=3), asyncio.Event()

    async def hang() -> None:
        async with slots.of("hangs"):
            await over.wait()

    hanging = [asyncio.create_task(hang()) for _ in range(20)]
    await asyncio.sleep(0)
    for _ in range(5):
        async with asyncio.timeout(120), slots.of("works"):
            pass
    over.set()
    await asyncio.gather(*hanging)
    assert not slots._hosts
