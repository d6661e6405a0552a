"""What a commit costs that many applications follow and one is touched by, over the minute that follows.

Of one commit that is less than what two quiet minutes differ by, so several are made in one minute, each in
another application, and what they and the minute after the last cost is divided by their number. As much time
in which nothing happens lies before and after: what that costs on average is taken off, since the bar is for
the commit. The revision moves of all that follow are in it, wherever they are told or written.
"""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from tests.bench.many import shares
from tests.bench.meter import Spent
from tests.bench.report import Figure, Measured, median
from tests.bench.stage import Stage, change, until_settled, until_told
from tests.bench.workload import Workload

TRIALS = 2
COMMITS = 10
"""In one minute."""
MINUTE = 60.0
BAR_CPU_SECONDS = 0.1


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """What was spent in two minutes; `live` is of the commits in the first, in the order they were made."""

    spent: Spent
    live: tuple[float, ...] = ()


async def measure(stage: Stage, items: list[Workload]) -> Measured:
    """Raises BenchError when a commit does not become live."""
    await until_told(stage)
    apart = max(1, len(items) // (TRIALS * COMMITS))
    touched = items[::apart][: TRIALS * COMMITS]
    quiet, busy = [await _span(stage)], []
    for number in range(TRIALS):
        busy.append(await _span(stage, touched[number::TRIALS]))
        quiet.append(await _span(stage))
    return _told(quiet, busy, len(items))


async def _span(stage: Stage, touched: Sequence[Workload] = ()) -> Span:
    meter, began, live = stage.meter(), time.monotonic(), []
    for number, item in enumerate(touched):
        done = await change(stage, item)
        await until_settled(stage, [item], done.commit)
        live.append(done.live)
        await asyncio.sleep(max(0.0, began + (number + 1) * MINUTE / len(touched) - time.monotonic()))
    await asyncio.sleep(max(0.0, began + 2 * MINUTE - time.monotonic()))
    return Span(spent=meter.spent(), live=tuple(live))


def _told(quiet: list[Span], busy: list[Span], count: int) -> Measured:
    spent = [item.spent.cpu_seconds for item in quiet]
    costs = [
        (item.spent.cpu_seconds - (before + after) / 2) / len(item.live)
        for item, before, after in zip(busy, spent, spent[1:], strict=False)
    ]
    differ = (max(spent) - min(spent)) / len(busy[0].live)
    each = ", ".join(f"{cost:.3f}" for cost in costs)
    return Measured(
        title=f"a commit that {count} follow and one is touched by, over the minute that follows",
        figures=(
            Figure(
                name="CPU of our processes",
                value=sum(costs) / len(costs),
                unit="CPU-s",
                bar=BAR_CPU_SECONDS,
                note=f"{len(costs)} times {len(busy[0].live)} commits ({each}),"
                f" what quiet minutes cost taken off; those differ by {differ:.3f} a commit",
                disturbance=max(item.spent.disturbance for item in busy),
            ),
            Figure(
                name="the two minutes of these commits",
                value=median([item.spent.cpu_seconds for item in busy]),
                unit="CPU-s",
                note=shares(busy[0].spent.ours),
            ),
            Figure(
                name="two quiet minutes", value=median(spent), unit="CPU-s", note=shares(quiet[0].spent.ours)
            ),
            Figure(
                name="live, median", value=median([live for item in busy for live in item.live]), unit="s"
            ),
        ),
        details={"quiet": quiet, "busy": busy},
    )
