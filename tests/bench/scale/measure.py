"""The parts of the measurement of scale, each in a world of its own."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.report import Measured
from tests.bench.scale import applications, bulk, clusters
from tests.bench.scale.size import Size
from tests.bench.scale.world import open_world

PARTS = ("bulk", "applications", "clusters")
APPLICATIONS_IN_A_CLUSTER = 1000
OBJECTS_OF_AN_APPLICATION = 10
"""What a played cluster has for each service; three of them are an application's."""


async def measure(folder: Path, size: Size, parts: Sequence[str], add: Callable[[Measured], None]) -> None:
    """Raises BenchError."""
    if "bulk" in parts:
        async with open_world(folder / "bulk", clusters=1, objects=20, applications=0) as world:
            add(await bulk.measure(world))
    if "applications" in parts:
        count = -(-size.applications // APPLICATIONS_IN_A_CLUSTER)
        each = -(-size.applications // count)
        objects = 2 + each * OBJECTS_OF_AN_APPLICATION
        async with open_world(
            folder / "applications", clusters=count, objects=objects, applications=each
        ) as world:
            add(await applications.measure(world, size.applications))
    if "clusters" in parts:
        async with open_world(
            folder / "clusters",
            clusters=size.clusters,
            objects=size.objects,
            applications=clusters.OF_EACH,
            processes=size.processes,
        ) as world:
            add(await clusters.measure(world))
