"""The limit for many applications: their objects applied by hand on the same control plane, with no Fairlead
in between, after everything else was measured."""

from tests.bench.reference import apply_many
from tests.bench.report import Figure, Measured
from tests.bench.stage import Stage


async def measure(stage: Stage, count: int) -> Measured:
    """Raises BenchError when the control plane does not make the pods available."""
    meter = stage.meter()
    done = await apply_many(stage, count)
    spent = meter.spent()
    return Measured(
        title=f"by hand: the objects of {count} applications",
        figures=(
            Figure(
                name="applied",
                value=done.applied,
                unit="s",
                note=f"{done.objects} server-side applies",
                disturbance=spent.disturbance,
            ),
            Figure(
                name="all Deployments available",
                value=done.available,
                unit="s",
                note="what the control plane and its nodes need, whoever applies",
            ),
            Figure(name="wall that all CPU spent needs", value=spent.least_seconds, unit="s"),
            Figure(name="control plane", value=sum(spent.cluster.values()), unit="CPU-s"),
        ),
        details={"done": done, "spent": spent},
    )
