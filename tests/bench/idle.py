"""What many applications cost when nothing happens."""

import asyncio

from tests.bench.many import shares
from tests.bench.report import Figure, Measured
from tests.bench.stage import Stage, until_told

BAR_PERCENT = 1.0
SECONDS = 30.0


async def measure(stage: Stage, count: int) -> Measured:
    """Percent of one core over SECONDS."""
    waited = await until_told(stage)
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
