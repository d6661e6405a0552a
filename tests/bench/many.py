"""Many applications in one repository, created at once → all Synced and Healthy; and what they weigh."""

import asyncio
import time

from tests.bench import meter as meters
from tests.bench.report import Figure, Measured
from tests.bench.stage import Stage, create, publish, until_settled
from tests.bench.workload import Workload, workloads

BAR_APPS = 300
BAR_SECONDS = 12.0
BAR_CPU_SECONDS = 15.0
BAR_MIB = 400.0
REST_SECONDS = 5.0
"""After the last became Healthy, before memory is read."""


def fleet(count: int) -> list[Workload]:
    """The applications of this measurement."""
    return workloads("many", count)


async def measure(stage: Stage, count: int) -> Measured:
    """Raises BenchError when not all become Synced and Healthy."""
    items = fleet(count)
    await publish(stage, items)
    meter = stage.meter()
    began = time.monotonic()
    await create(stage, items)
    created = time.monotonic() - began
    seconds = await until_settled(stage, items) - began
    spent = meter.spent()
    await asyncio.sleep(REST_SECONDS)
    rest = meter.spent().cpu_seconds - spent.cpu_seconds
    barred = count <= BAR_APPS
    return Measured(
        title=f"{count} applications created → all Synced and Healthy",
        figures=(
            Figure(
                name="wall",
                value=seconds,
                unit="s",
                bar=BAR_SECONDS if barred else None,
                note=f"creating them took {created:.1f} s of it",
                disturbance=spent.disturbance,
            ),
            Figure(
                name="CPU of our processes",
                value=spent.cpu_seconds,
                unit="CPU-s",
                bar=BAR_CPU_SECONDS if barred else None,
                note=shares(spent.ours) + _restarted(meter),
            ),
            Figure(
                name="wall that all CPU spent needs",
                value=spent.least_seconds,
                unit="s",
                note="control plane, brokers and this benchmark included, on all cores undisturbed",
            ),
            Figure(name=f"of ours in the {REST_SECONDS:.0f} s after", value=rest, unit="CPU-s"),
            Figure(
                name="NATS, Redis",
                value=sum(spent.brokers.values()),
                unit="CPU-s",
                note=shares(spent.brokers),
            ),
            Figure(
                name="control plane",
                value=sum(spent.cluster.values()),
                unit="CPU-s",
                note=shares(spent.cluster),
            ),
        ),
        details={"spent": spent, "created_seconds": created},
    )


def weigh(stage: Stage, count: int) -> Measured:
    """Memory of our processes with that many applications."""
    ours, brokers = meters.memory(stage.suite)
    whole, theirs = meters.total(ours), meters.total(brokers)
    parts = {name: part.rss for name, part in ours.items()}
    return Measured(
        title=f"memory with {count} applications",
        figures=(
            Figure(
                name="our processes, RSS",
                value=whole.rss,
                unit="MiB",
                bar=BAR_MIB if count <= BAR_APPS else None,
                note=shares(parts),
            ),
            Figure(
                name="the same, PSS",
                value=whole.pss,
                unit="MiB",
                note="shared pages divided among their users",
            ),
            Figure(
                name="NATS, Redis, RSS",
                value=theirs.rss,
                unit="MiB",
                note=shares({name: part.rss for name, part in brokers.items()}),
            ),
        ),
        details={"ours": ours, "brokers": brokers},
    )


def shares(parts: dict[str, float]) -> str:
    """The parts of a sum in words."""
    return ", ".join(
        f"{name} {value:.1f}" for name, value in sorted(parts.items(), key=lambda item: -item[1])
    )


def _restarted(meter: meters.Meter) -> str:
    return (
        f"; {meter.restarts} services were started again, their CPU is incomplete" if meter.restarts else ""
    )
