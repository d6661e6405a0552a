"""What was freed goes back, once for many who ask."""

import asyncio

import pytest

from fairlead.process import heap
from fairlead.process.heap import Heap, trimmer


async def test_many_who_ask_have_it_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "WAIT_SECONDS", 0.0)
    done = []
    freed = Heap(lambda: done.append(1))
    for _ in range(3):
        freed.trim_soon()
    while not done:
        await asyncio.sleep(0.01)
    freed.trim_soon()
    while len(done) < 2:
        await asyncio.sleep(0.01)
    assert done == [1, 1]


def test_the_c_library_of_this_machine_takes_it() -> None:
    trim = trimmer()
    assert trim is None or trim() in (0, 1)
