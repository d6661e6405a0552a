"""Calls into the NATS client that end when they are cancelled.

Why: the client waits with `asyncio.wait_for`, which in Python 3.11 forgets a cancellation that arrives
together with the result, and its flush forgets any. A loop whose cancellation was forgotten never ends,
nor does its process.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from nats.aio.client import Client

T = TypeVar("T")


async def until_known(client: Client, seconds: int) -> None:
    """Return once the server has read all that was sent before.

    The client's flush overtakes what still waits to be written, which is gone by the time of the second one.
    """
    for _ in range(2):
        await cancellable(client.flush(seconds))


async def cancellable(call: Awaitable[T]) -> T:
    """What the call returns or raises; a cancellation is never lost."""
    task = asyncio.ensure_future(call)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        raise
