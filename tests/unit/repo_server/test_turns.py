"""One at a time for each application, in the order in which they came."""

import asyncio

from fairlead.repo_server.remotes.turns import Turns


async def test_of_one_application_only_one_is_at_work_and_others_do_not_wait_for_it() -> None:
    turns: Turns[str] = Turns()
    told: list[str] = []
    may_end = asyncio.Event()

    async def work(app: str, name: str, until: asyncio.Event | None = None) -> None:
        async with turns.of(app):
            told.append(f"{name} begins")
            if until is not None:
                await until.wait()
            told.append(f"{name} ends")

    async with asyncio.timeout(60):
        first = asyncio.create_task(work("web", "c1", may_end))
        await asyncio.sleep(0)
        later = [asyncio.create_task(work("web", name)) for name in ("c2", "c3")]
        await work("other", "beside")
        assert told == ["c1 begins", "beside begins", "beside ends"]
        may_end.set()
        await asyncio.gather(first, *later)
    assert told[3:] == ["c1 ends", "c2 begins", "c2 ends", "c3 begins", "c3 ends"]
    assert not turns._locks


async def test_whoever_fails_or_gives_up_lets_the_next_go_on_and_leaves_nothing() -> None:
    turns: Turns[str] = Turns()
    may_end, told = asyncio.Event(), list[str]()

    async def fail() -> None:
        async with turns.of("web"):
            await may_end.wait()
            raise OSError("engine died")

    async def work(name: str) -> None:
        async with turns.of("web"):
            told.append(name)

    async with asyncio.timeout(60):
        failing = asyncio.create_task(fail())
        await asyncio.sleep(0)
        given_up, next_one = asyncio.create_task(work("given up")), asyncio.create_task(work("next"))
        await asyncio.sleep(0)
        given_up.cancel()
        may_end.set()
        ended = await asyncio.gather(failing, given_up, next_one, return_exceptions=True)
    assert isinstance(ended[0], OSError)
    assert told == ["next"]
    assert not turns._locks
