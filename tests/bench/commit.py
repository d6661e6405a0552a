"""A commit that touches one of many applications, without any annotation: how soon it is live, what it costs.

It begins once the Events of what was before have been written, since they are no cost of a commit. Cost is
counted from the push until REST_SECONDS after the touched application has settled; the revisions of all the
others, which are laid over where they are read, are in it.
"""

import asyncio

import msgspec

from tests.bench.many import BAR_APPS, shares
from tests.bench.meter import Spent
from tests.bench.report import Figure, Measured, median
from tests.bench.stage import Stage, change, until_settled, until_told
from tests.bench.workload import Workload

TRIALS = 5
BAR_SECONDS = 0.4
BAR_CPU_SECONDS = 0.1
REST_SECONDS = 3.0


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One commit: seconds until live, and what was spent on it."""

    live: float
    window: Spent


async def measure(stage: Stage, items: list[Workload]) -> Measured:
    """Raises BenchError when a commit does not become live."""
    await until_told(stage)
    count = min(TRIALS, len(items))
    step = len(items) // count
    trials = [await _trial(stage, items[number * step]) for number in range(count)]
    return _told(trials, len(items))


async def _trial(stage: Stage, item: Workload) -> Trial:
    meter = stage.meter()
    done = await change(stage, item)
    await until_settled(stage, [item], done.commit)
    await asyncio.sleep(REST_SECONDS)
    return Trial(live=done.live, window=meter.spent())


def _told(trials: list[Trial], count: int) -> Measured:
    middle = sorted(trials, key=lambda item: item.window.cpu_seconds)[len(trials) // 2]
    return Measured(
        title=f"a commit that touches 1 of {count}",
        figures=(
            Figure(
                name="live, median",
                value=median([item.live for item in trials]),
                unit="s",
                bar=BAR_SECONDS,
                note=f"{len(trials)} commits, from before `git push`",
                disturbance=max(item.window.disturbance for item in trials),
            ),
            Figure(
                name="CPU of our processes",
                value=middle.window.cpu_seconds,
                unit="CPU-s",
                bar=BAR_CPU_SECONDS,
                note=f"until {REST_SECONDS:.0f} s after it settled; {shares(middle.window.ours)}",
            ),
        ),
        details={"trials": trials, "bar_is_for": f"any number, {BAR_APPS} and up"},
    )
