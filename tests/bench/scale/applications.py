"""Many applications of three objects, all in sync: memory, a restart, rest, one commit."""

import asyncio
import time

import msgspec

from tests.bench.report import Figure, Measured, median
from tests.bench.scale.clusters import slow_looks
from tests.bench.scale.world import NAMESPACE, World

BAR_MIB = 500.0
BAR_RESTART_SECONDS = 30.0
BAR_RESTART_CPU = 20.0
BAR_IDLE = 2.0
BAR_COMMIT_SECONDS = 0.4
SETTLE_SECONDS, SECONDS_FOR_EACH = 120.0, 0.1
COMMITS = 5
REST_SECONDS = 3.0


async def measure(world: World, count: int) -> Measured:
    """Raises BenchError when not all applications become Synced and Healthy."""
    patience = SETTLE_SECONDS + SECONDS_FOR_EACH * count
    await world.register()
    keys = await world.create(count)
    began = await world.start()
    settled = await world.applications.until(
        keys, lambda app: app.is_settled, seconds=patience, what="Synced and Healthy"
    )
    first, spent = await world.steady(began, seconds=patience)
    commits = [await _commit(world, keys[number * len(keys) // COMMITS][1]) for number in range(COMMITS)]
    await world.steady(time.monotonic(), seconds=patience)
    idle = await world.idle()
    memory, looks = world.memory(), await slow_looks(world)
    restart = await _restart(world, patience)
    return Measured(
        title=f"{count} applications of 3 objects, all in sync",
        figures=(
            Figure(
                name="memory, PSS", value=memory.pss, unit="MiB", bar=BAR_MIB, note=f"RSS {memory.rss:.0f}"
            ),
            Figure(name="restart until steady", value=restart.seconds, unit="s", bar=BAR_RESTART_SECONDS),
            Figure(name="CPU of it", value=restart.cpu_seconds, unit="CPU-s", bar=BAR_RESTART_CPU),
            Figure(name="renders of it", value=restart.renders, unit="", bar=0.0),
            Figure(
                name="writes of it",
                value=restart.writes,
                unit="",
                bar=0.0,
                note="to Applications and to clusters",
            ),
            Figure(
                name="idle", value=restart.idle, unit="% of a core", bar=BAR_IDLE, note="after the restart"
            ),
            Figure(
                name="idle after the first start",
                value=idle,
                unit="% of a core",
                note="Kubernetes Events of the first start are still written",
            ),
            Figure(
                name="a commit to one of them, live",
                value=median([item[0] for item in commits]),
                unit="s",
                bar=BAR_COMMIT_SECONDS,
                note="from its render's event",
            ),
            Figure(
                name="CPU of it",
                value=median([item[1] for item in commits]),
                unit="CPU-s",
                note=f"until {REST_SECONDS:g} s later",
            ),
            Figure(name="looks slower than a second", value=looks[1], unit="", note=f"of {looks[0]:.0f}"),
            Figure(name="first start until all Synced and Healthy", value=settled - began, unit="s"),
            Figure(name="first start until steady", value=first, unit="s", note=f"{spent:.1f} CPU-s"),
            Figure(name="memory after the restart, PSS", value=restart.mebibytes, unit="MiB"),
        ),
    )


class _Restart(msgspec.Struct, frozen=True, kw_only=True):
    """What a restart took. `writes` are those to Applications and to clusters."""

    seconds: float
    cpu_seconds: float
    renders: int
    writes: int
    mebibytes: float
    idle: float


async def _restart(world: World, patience: float) -> _Restart:
    await world.process.stop()
    renders, writes = world.renders.requested, await world.played.writes()
    versions = {key: app.metadata.resource_version for key, app in world.applications.known.items()}
    began = await world.start()
    await world.until_read(patience)
    seconds, cpu_seconds = await world.steady(began, seconds=patience)
    changed = sum(
        versions.get(key) != app.metadata.resource_version for key, app in world.applications.known.items()
    )
    return _Restart(
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        renders=world.renders.requested - renders,
        writes=changed + await world.played.writes() - writes,
        mebibytes=world.memory().pss,
        idle=await world.idle(),
    )


async def _commit(world: World, name: str) -> tuple[float, float]:
    """Seconds until it is live and in the status, and CPU seconds."""
    before, began = world.cpu_seconds(), time.monotonic()
    writes = await world.played.writes()
    revision = await world.renders.commit(name, f"changed-at={began}\n")
    done = await world.applications.until(
        [(NAMESPACE, name)],
        lambda app: app.revision == revision and app.is_settled,
        seconds=SETTLE_SECONDS,
        what=f"{revision} live",
    )
    await asyncio.sleep(REST_SECONDS)
    assert await world.played.writes() > writes, "the commit was not applied"
    return done - began, world.cpu_seconds() - before
