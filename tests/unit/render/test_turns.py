"""Deployments are rendered before questions, and neither waits for ever."""

import asyncio

import pytest

from fairlead.render import EngineBusyError, Lane
from fairlead.render.turns import SHARE, Turns


class Scene:
    """Callers that hold their place until they are told to give it back."""

    def __init__(self, size: int, queue: int = 100) -> None:
        self.turns = Turns(size, queue)
        self.served: list[str] = []
        self.holders: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, lane: Lane, *names: str) -> None:
        for name in names:
            self.holders[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._hold(lane, name))
        await asyncio.sleep(0)

    async def _hold(self, lane: Lane, name: str) -> None:
        async with self.turns.of(lane):
            self.served.append(name)
            await self.holders[name].wait()

    async def end(self, name: str) -> None:
        self.holders[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)

    async def close(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_a_deployment_goes_before_questions_that_came_first() -> None:
    scene = Scene(size=1)
    await scene.come(Lane.QUESTION, "q1", "q2", "q3")
    await scene.come(Lane.DEPLOYMENT, "d1")
    await scene.end("q1")
    assert scene.served == ["q1", "d1"]
    await scene.end("d1")
    assert scene.served == ["q1", "d1", "q2"]
    await scene.close()


async def test_questions_never_hold_every_place() -> None:
    scene = Scene(size=2)
    await scene.come(Lane.QUESTION, "q1", "q2")
    assert scene.served == ["q1"]
    await scene.come(Lane.DEPLOYMENT, "d1")
    assert scene.served == ["q1", "d1"]
    await scene.end("q1")
    assert scene.served == ["q1", "d1", "q2"]
    await scene.close()


async def test_a_question_is_answered_although_deployments_never_end() -> None:
    scene = Scene(size=1)
    names = [f"d{number}" for number in range(SHARE + 3)]
    await scene.come(Lane.DEPLOYMENT, *names)
    await scene.come(Lane.QUESTION, "q")
    for name in names[:SHARE]:
        await scene.end(name)
    assert scene.served == [*names[:SHARE], "q"]
    await scene.close()


async def test_who_gives_up_waiting_costs_nobody_a_place() -> None:
    scene = Scene(size=1)
    await scene.come(Lane.DEPLOYMENT, "d1", "d2", "d3")
    scene.tasks["d2"].cancel()
    await scene.end("d1")
    assert scene.served == ["d1", "d3"]
    scene.tasks["d3"].cancel()
    await asyncio.gather(scene.tasks["d3"], return_exceptions=True)
    await scene.come(Lane.QUESTION, "q")
    assert scene.served[-1] == "q"
    await scene.close()


async def test_a_script_that_asks_for_everything_fills_its_own_queue_only() -> None:
    scene = Scene(size=1, queue=2)
    await scene.come(Lane.QUESTION, "q1", "q2", "q3")
    with pytest.raises(EngineBusyError):
        async with scene.turns.of(Lane.QUESTION):
            pass
    await scene.come(Lane.DEPLOYMENT, "d1")
    await scene.end("q1")
    assert scene.served[-1] == "d1"
    await scene.close()


async def test_fewer_places_are_handed_out_once_some_are_given_back() -> None:
    scene = Scene(size=2)
    await scene.come(Lane.DEPLOYMENT, "d1", "d2", "d3", "d4")
    scene.turns.resize(1)
    await scene.end("d1")
    assert scene.served == ["d1", "d2"]
    await scene.end("d2")
    assert scene.served == ["d1", "d2", "d3"]
    scene.turns.resize(2)
    await asyncio.sleep(0)
    assert scene.served == ["d1", "d2", "d3", "d4"]
    await scene.close()
