"""A commit that touches one of many applications, without any annotation: how soon it is live, what it costs.

Cost is counted from the push until REST_SECONDS after the touched application has settled. By then some of
the others had their revision moved, in the background; what a move costs is taken from the moves that follow,
and the moves in the window are told beside the rest.
"""

import asyncio
import time

import msgspec

from tests.bench.many import BAR_APPS, shares
from tests.bench.meter import Spent
from tests.bench.report import Figure, Measured, median
from tests.bench.stage import SETTLE_SECONDS, Stage, change, until_settled
from tests.bench.workload import Workload

TRIALS = 5
TRIALS_OF_LARGE = 2
LARGE = 1000
"""From so many on, moving all revisions takes a minute and more."""
BAR_SECONDS = 0.4
BAR_CPU_SECONDS = 0.5
REST_SECONDS = 3.0


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One commit: seconds until live and until all revisions were moved; CPU of both stretches."""

    live: float
    window: Spent
    moved_in_window: int
    moving: Spent
    moved_after: int
    all_moved: float

    @property
    def of_a_move(self) -> float:
        """CPU-seconds of moving one revision."""
        return self.moving.cpu_seconds / self.moved_after if self.moved_after else 0.0

    @property
    def of_the_commit(self) -> float:
        """CPU-seconds of the window without its moves."""
        return max(0.0, self.window.cpu_seconds - self.moved_in_window * self.of_a_move)


async def measure(stage: Stage, items: list[Workload]) -> Measured:
    """Raises BenchError when a commit does not become live, or revisions are not moved."""
    count = min(TRIALS if len(items) < LARGE else TRIALS_OF_LARGE, len(items))
    step = len(items) // count
    trials = [await _trial(stage, items, items[number * step]) for number in range(count)]
    return _told(trials, len(items))


async def _trial(stage: Stage, items: list[Workload], item: Workload) -> Trial:
    meter = stage.meter()
    began = time.monotonic()
    done = await change(stage, item)
    moving = asyncio.create_task(_until_moved(stage, items, done.commit))
    await until_settled(stage, [item], done.commit)
    await asyncio.sleep(REST_SECONDS)
    window = meter.spent()
    moved = _moved(stage, items, done.commit)
    meter = stage.meter()
    moved_at = await moving
    return Trial(
        live=done.live,
        window=window,
        moved_in_window=max(0, moved - 1),
        moving=meter.spent(),
        moved_after=len(items) - moved,
        all_moved=moved_at - began,
    )


async def _until_moved(stage: Stage, items: list[Workload], commit: str) -> float:
    return await stage.applications.until(
        stage.keys(items),
        lambda app: app.revision == commit,
        seconds=SETTLE_SECONDS + len(items),
        what="revision moved",
    )


def _moved(stage: Stage, items: list[Workload], commit: str) -> int:
    known = stage.applications.known
    return sum(known[key].revision == commit for key in stage.keys(items))


def _told(trials: list[Trial], count: int) -> Measured:
    middle = sorted(trials, key=lambda item: item.of_the_commit)[len(trials) // 2]
    move = median([item.of_a_move for item in trials])
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
                value=middle.of_the_commit,
                unit="CPU-s",
                bar=BAR_CPU_SECONDS,
                note=f"until {REST_SECONDS:.0f} s after it settled, moves of revisions left out",
            ),
            Figure(
                name="with the moves in that time",
                value=middle.window.cpu_seconds,
                unit="CPU-s",
                note=f"{middle.moved_in_window} moves; {shares(middle.window.ours)}",
            ),
            Figure(name="one move, in the background", value=move * 1000, unit="CPU-ms"),
            Figure(
                name="all revisions moved after", value=median([item.all_moved for item in trials]), unit="s"
            ),
        ),
        details={"trials": trials, "bar_is_for": f"any number, {BAR_APPS} and up"},
    )
