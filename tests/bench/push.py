"""Push → live, for one application, and the same by hand, one after the other in every trial."""

import asyncio

from fairlead.local.git_server import GitServer
from tests.bench.reference import ByHand, Steps
from tests.bench.report import Figure, Measured, median, percentile
from tests.bench.stage import Change, Stage, change, create, publish, until_settled
from tests.bench.workload import workloads

TITLE = "push → live, 1 application"
BAR_SECONDS = 0.25
BAR_RATIO = 1.6
PAUSE_SECONDS = 1.0
"""After each change, so that the rollout of its pods is over before the next begins."""


async def measure(stage: Stage, trials: int) -> Measured:
    """Raises BenchError when a change does not become live."""
    items = workloads("push", 1)
    await publish(stage, items)
    await create(stage, items)
    await until_settled(stage, items)
    async with GitServer(stage.folder / "silent-git") as silent:
        hand = await ByHand.prepare(stage.client, silent, stage.folder)
        meter = stage.meter()
        ours, reference = [], []
        for _ in range(trials):
            ours.append(await change(stage, items[0]))
            await until_settled(stage, items, ours[-1].commit)
            await asyncio.sleep(PAUSE_SECONDS)
            reference.append(await hand.change())
            await asyncio.sleep(PAUSE_SECONDS)
    return _told(ours, reference, meter.spent().disturbance)


def _told(ours: list[Change], reference: list[Steps], disturbance: float) -> Measured:
    live = [item.live for item in ours]
    raw = median([item.total for item in reference])
    whole = median([item.with_push for item in reference])
    steps = ", ".join(
        f"{name} {median([getattr(item, name) for item in reference]):.3f}"
        for name in ("fetch", "kustomize", "apply")
    )
    after_push = [item.live - item.pushed for item in ours]
    return Measured(
        title=TITLE,
        figures=(
            Figure(
                name="median",
                value=median(live),
                unit="s",
                bar=BAR_SECONDS,
                note=f"{len(live)} trials, from before `git push`",
                disturbance=disturbance,
            ),
            Figure(name="95th percentile", value=percentile(live, 0.95), unit="s"),
            Figure(name="of it after `git push` returned", value=median(after_push), unit="s"),
            Figure(name="by hand", value=raw, unit="s", note=steps),
            Figure(name="ratio to by hand", value=median(live) / raw, unit="times", bar=BAR_RATIO),
            Figure(name="by hand, its push included", value=whole, unit="s"),
            Figure(
                name="ratio, both from before the push",
                value=median(live) / whole,
                unit="times",
                note="like with like",
            ),
        ),
        details={"live": ours, "by_hand": reference},
    )
