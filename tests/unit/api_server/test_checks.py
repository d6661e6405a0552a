"""Pushes that come close together become one event, and none is answered before its refs are in one."""

import asyncio

import pytest

from fairlead.api_server.webhook.checks import AT_ONCE, MAX_REFS, Checks
from fairlead.bus.errors import BusUnavailableError
from fairlead.events.revision_check import RevisionCheck
from fairlead.webhooks.sparing import Sparing

REPOSITORY = "git.example/team/config"


class Stream:
    """Takes events while it is open."""

    def __init__(self) -> None:
        self.events: list[RevisionCheck] = []
        self.open = asyncio.Event()
        self.open.set()
        self.is_away = False

    async def publish(self, _: str, event: RevisionCheck) -> None:
        await self.open.wait()
        if self.is_away:
            raise BusUnavailableError("away")
        self.events.append(event)


async def test_pushes_that_come_while_one_is_told_are_told_together_with_all_their_refs() -> None:
    stream = Stream()
    checks = Checks(stream)
    stream.open.clear()
    asking = [asyncio.create_task(checks.ask(REPOSITORY, (f"refs/heads/{n}",))) for n in range(20)]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in asking)
    stream.open.set()
    await asyncio.gather(*asking)
    assert sum(len(event.refs) for event in stream.events) == 20
    assert len(stream.events) <= 2


async def test_a_flood_about_one_repository_is_few_events_and_delays_no_other() -> None:
    stream = Stream()
    checks = Checks(stream)
    flood = [asyncio.create_task(_often(checks, 20)) for _ in range(10)]
    await checks.ask("git.example/team/other", ())
    await asyncio.gather(*flood)
    about = [event for event in stream.events if event.repository == REPOSITORY]
    assert AT_ONCE <= len(about) < 100  # of 200
    assert all(event.refs == ("refs/heads/main",) for event in about)


async def _often(checks: Checks, times: int) -> None:
    for _ in range(times):
        await checks.ask(REPOSITORY, ("refs/heads/main",))


@pytest.mark.parametrize("refs", [(), tuple(f"refs/heads/{n}" for n in range(MAX_REFS))])
async def test_a_push_about_everything_or_too_much_asks_for_all_refs(refs: tuple[str, ...]) -> None:
    stream = Stream()
    checks = Checks(stream)
    stream.open.clear()
    first = asyncio.create_task(checks.ask(REPOSITORY, ("refs/heads/main",)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking = [
        first,
        *(asyncio.create_task(checks.ask(REPOSITORY, some)) for some in (("refs/tags/1",), refs)),
    ]
    await asyncio.sleep(0.01)
    stream.open.set()
    await asyncio.gather(*asking)
    assert stream.events[-1].refs == ()


async def test_whoever_asks_hears_that_the_stream_is_away_and_the_next_is_told_when_it_is_back() -> None:
    stream = Stream()
    checks = Checks(stream)
    stream.is_away = True
    with pytest.raises(BusUnavailableError):
        await checks.ask(REPOSITORY, ())
    stream.is_away = False
    await checks.ask(REPOSITORY, ())
    assert len(stream.events) == 1


async def test_nothing_is_kept_of_a_repository_that_is_quiet() -> None:
    checks = Checks(Stream())
    await checks.ask(REPOSITORY, ())
    async with asyncio.timeout(30):
        while checks._told:
            await asyncio.sleep(0.01)


def test_lines_that_strangers_cause_are_few_and_say_how_many_there_were() -> None:
    now, said = 0.0, []
    sparing = Sparing(clock=lambda: now)

    def write(event: str, **values: object) -> None:
        said.append((event, values))

    for _ in range(1000):
        sparing.say(write, "refused", provider="GitHub")
    assert len(said) == 20
    now = 1.0
    sparing.say(write, "refused", provider="GitHub")
    assert said[-1] == ("refused", {"unsaid": 980, "provider": "GitHub"})
    sparing.say(write, "other")
    assert said[-1] == ("other", {})
