"""Drift → healed: a Deployment scaled by hand is as Git says again.

Every trial has an application of its own, so that each is a first attempt, which no back-off delays.
"""

import asyncio
import time

import msgspec

from tests.bench.objects import DEPLOYMENTS
from tests.bench.report import Figure, Measured, median, percentile
from tests.bench.stage import SETTLE_SECONDS, Stage, create, publish, until_settled
from tests.bench.workload import Workload, workloads

TITLE = "drift → healed"
BAR_SECONDS = 0.1
BY_HAND = 3
PAUSE_SECONDS = 1.0
MANAGER = "bench-drift"


class Healing(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the answer to the change by hand, and how long the change itself took."""

    patch: float
    healed: float


async def measure(stage: Stage, trials: int) -> Measured:
    """Raises BenchError when a drift stays."""
    items = workloads("drift", trials)
    await publish(stage, items)
    await create(stage, items)
    await until_settled(stage, items)
    await asyncio.sleep(PAUSE_SECONDS)
    meter = stage.meter()
    healings = []
    for item in items:
        healings.append(await _heal(stage, item))
        await until_settled(stage, [item])
        await asyncio.sleep(PAUSE_SECONDS)
    healed = [item.healed for item in healings]
    return Measured(
        title=TITLE,
        figures=(
            Figure(
                name="median",
                value=median(healed),
                unit="s",
                bar=BAR_SECONDS,
                note=f"{trials} applications, from the answer to the patch by hand",
                disturbance=meter.spent().disturbance,
            ),
            Figure(name="95th percentile", value=percentile(healed, 0.95), unit="s"),
        ),
        details={"healings": healings},
    )


async def _heal(stage: Stage, item: Workload) -> Healing:
    key = (item.namespace, item.name)
    before = stage.deployments.known[key].spec.replicas
    began = time.monotonic()
    answer = await stage.client.merge_patch(
        DEPLOYMENTS,
        item.name,
        {"spec": {"replicas": BY_HAND}},
        item.namespace,
        params={"fieldManager": MANAGER},
    )
    answered = time.monotonic()
    patched = int(msgspec.json.decode(answer)["metadata"]["resourceVersion"])
    healed = await stage.deployments.until(
        [key],
        lambda found: found.spec.replicas == before and int(found.metadata.resource_version) > patched,
        seconds=SETTLE_SECONDS,
        what="healed",
    )
    return Healing(patch=answered - began, healed=healed - answered)
