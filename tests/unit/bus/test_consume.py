"""When a consumer is taken for dead: after silence, but not after a silence of our own making."""

import asyncio
import time

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from fairlead.bus import consume


def message() -> Msg:
    return Msg(Client(), subject="x")


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consume, "SILENCE", 0.05)


async def test_what_came_while_our_own_loop_was_held_up_is_no_silence() -> None:
    arrived: asyncio.Queue[Msg] = asyncio.Queue()
    awaited = asyncio.create_task(consume._next(arrived))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(0.1, arrived.put_nowait, sent := message())
    time.sleep(0.3)
    assert await awaited is sent
    assert arrived.empty()


async def test_a_consumer_that_says_nothing_is_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consume, "LAST_LOOK", 0.01)
    with pytest.raises(TimeoutError, match="no heartbeat"):
        await consume._next(asyncio.Queue())
