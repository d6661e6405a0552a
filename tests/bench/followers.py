"""What a commit costs that many applications follow and one is touched by, over the minute that follows.

A minute in which nothing happens lies before and after each: what both cost on average is taken off, since
the bar is for the commit. The revision moves of all that follow are in it, wherever they are told or written.
"""

import asyncio
import time

import msgspec

from tests.bench.many import shares
from tests.bench.meter import Spent
from tests.bench.report import Figure, Measured, median
from tests.bench.stage import Stage, change, until_settled, until_told
from tests.bench.workload import Workload

TRIALS = 3
MINUTE = 60.0
BAR_CPU_SECONDS = 0.1


class Minute(msgspec.Struct, frozen=True, kw_only=True):
    """What was spent in a minute; `live` is of its commit, if it has one."""

    spent: Spent
    live: float = 0.0


async def measure(stage: Stage, items: list[Workload]) -> Measured:
    """Raises BenchError when a commit does not become live."""
    await until_told(stage)
    count = min(TRIALS, len(items))
    idle, commits = [await _minute(stage)], []
    for number in range(count):
        commits.append(await _minute(stage, items[number * (len(items) // count)]))
        idle.append(await _minute(stage))
    return _told(idle, commits, len(items))


async def _minute(stage: Stage, item: Workload | None = None) -> Minute:
    meter, began, live = stage.meter(), time.monotonic(), 0.0
    if item is not None:
        done = await change(stage, item)
        await until_settled(stage, [item], done.commit)
        live = done.live
    await asyncio.sleep(max(0.0, began + MINUTE - time.monotonic()))
    return Minute(spent=meter.spent(), live=live)


def _told(idle: list[Minute], commits: list[Minute], count: int) -> Measured:
    quiet = [item.spent.cpu_seconds for item in idle]
    costs = [
        item.spent.cpu_seconds - (before + after) / 2
        for item, before, after in zip(commits, quiet, quiet[1:], strict=False)
    ]
    middle = sorted(commits, key=lambda item: item.spent.cpu_seconds)[len(commits) // 2]
    return Measured(
        title=f"a commit that {count} follow and one is touched by, over the minute that follows",
        figures=(
            Figure(
                name="CPU of our processes",
                value=median(costs),
                unit="CPU-s",
                bar=BAR_CPU_SECONDS,
                note=f"{len(commits)} commits, what a quiet minute costs taken off",
                disturbance=max(item.spent.disturbance for item in commits),
            ),
            Figure(
                name="that minute as it was",
                value=middle.spent.cpu_seconds,
                unit="CPU-s",
                note=shares(middle.spent.ours),
            ),
            Figure(name="a quiet minute", value=median(quiet), unit="CPU-s", note=shares(idle[0].spent.ours)),
            Figure(name="live, median", value=median([item.live for item in commits]), unit="s"),
        ),
        details={"idle": idle, "commits": commits},
    )
