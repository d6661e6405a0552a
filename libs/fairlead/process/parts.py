"""The parts of a service side by side, each begun again by itself, until the service is to end."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fairlead.process.run import Stop
from fairlead.process.supervise import supervise

Part = Callable[[], Awaitable[object]]


async def run_parts(parts: Mapping[str, Part], stop: Stop) -> None:
    """Run all until `stop`; what still runs then is cancelled and awaited."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(supervise(name, part)) for name, part in parts.items()]
        await stop.wait()
        for task in tasks:
            task.cancel()
