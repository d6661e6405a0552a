"""What many applications cost when nothing happens."""

import asyncio
import time

from tests.bench.many import shares
from tests.bench.objects import EVENTS
from tests.bench.report import Figure, Measured
from tests.bench.stage import Stage

BAR_PERCENT = 1.0
QUIET_SECONDS = 10.0
"""Without a new Kubernetes Event, before it counts as idle: they are written last, and slowly."""
LONGEST_WAIT = 240.0
SECONDS = 30.0


async def measure(stage: Stage, count: int) -> Measured:
    """Percent of one core over SECONDS."""
    waited = await _until_quiet(stage)
    meter = stage.meter()
    await asyncio.sleep(SECONDS)
    spent = meter.spent()
    parts = {name: 100 * value / spent.seconds for name, value in spent.ours.items()}
    brokers = {name: 100 * value / spent.seconds for name, value in spent.brokers.items()}
    return Measured(
        title=f"idle with {count} applications",
        figures=(
            Figure(
                name="our processes",
                value=sum(parts.values()),
                unit="% of a core",
                bar=BAR_PERCENT,
                note=f"{shares(parts)}; measured {waited:.0f} s after the last work",
                disturbance=spent.disturbance,
            ),
            Figure(name="NATS, Redis", value=sum(brokers.values()), unit="% of a core", note=shares(brokers)),
        ),
        details={"spent": spent},
    )


async def _until_quiet(stage: Stage) -> float:
    """Wait until what was left to be told has been told; the seconds it took, at most LONGEST_WAIT."""
    began = time.monotonic()
    known = -1
    while time.monotonic() - began < LONGEST_WAIT:
        count = len(await stage.client.list_all(EVENTS, stage.namespace))
        if count == known:
            break
        known = count
        await asyncio.sleep(QUIET_SECONDS)
    return time.monotonic() - began
