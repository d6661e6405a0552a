"""Many clusters with many objects each, and some applications in every one of them."""

import asyncio
import time

from tests.bench.report import Figure, Measured
from tests.bench.scale.world import World
from tests.fakes.clusters.__main__ import State

OF_EACH = 4
"""Applications in each cluster."""
TOUCHED, TOUCHES = 50, 20_000
"""Clusters in which things happen that are of no application, and how many things in all of them."""
TOUCH_SECONDS = 5.0
BAR_MIB = 2048.0
BAR_CONNECTIONS = 4.0
BAR_EVENT = 50.0
KEPT_OPEN_SECONDS = 160.0
"""What a client's connection without a request is kept at most, and a little."""
SETTLE_SECONDS, SECONDS_FOR_EACH = 240.0, 1.5


async def measure(world: World) -> Measured:
    """Raises BenchError when not all applications become Synced and Healthy."""
    clusters = len(world.played.states)
    objects = clusters * len(world.played.population)
    await world.register()
    keys = await world.create(clusters * OF_EACH)
    began = await world.start()
    settled = await world.applications.until(
        keys,
        lambda app: app.is_settled,
        seconds=SETTLE_SECONDS + SECONDS_FOR_EACH * clusters,
        what="Synced and Healthy",
    )
    steady, spent = await world.steady(began, seconds=SETTLE_SECONDS + SECONDS_FOR_EACH * clusters)
    stalled, memory, members = world.longest, world.memory(), world.members()
    starting = await slow_looks(world)
    states = await world.played.look()
    world.longest = 0.0
    idle = await world.idle()
    touched = await _touched(world, idle)
    looks = await slow_looks(world)
    slow = looks[1] - starting[1]
    opened = [state.connections for state in await _rested(world)]
    return Measured(
        title=f"{clusters} clusters of {len(world.played.population)} objects, {len(keys)} applications",
        figures=(
            Figure(
                name="memory of all processes, PSS",
                value=memory.pss,
                unit="MiB",
                bar=BAR_MIB,
                note=f"{members} processes, {memory.pss * 2**20 / objects:.0f} bytes an object, all in all",
            ),
            Figure(
                name="open connections of a cluster, most",
                value=max(opened),
                unit="",
                bar=BAR_CONNECTIONS,
                note=f"{sum(opened) / clusters:.1f} on average;"
                f" at most {max(state.most_connections for state in states)} at a time",
            ),
            Figure(
                name="looks slower than a second, once all were read",
                value=slow,
                unit="",
                bar=0.0,
                note=f"of {looks[0] - starting[0]:.0f}; before, {starting[1]:.0f} of {starting[0]:.0f}",
            ),
            Figure(name="longest that the loop was held up", value=stalled, unit="s", note="while starting"),
            Figure(name="start until all Synced and Healthy", value=settled - began, unit="s"),
            Figure(name="start until steady", value=steady, unit="s", note=f"{spent:.1f} CPU-s"),
            Figure(name="idle", value=idle, unit="% of a core", note="bookmarks are most of it"),
            Figure(
                name="an event on an object of nobody",
                value=touched,
                unit="CPU-µs",
                bar=BAR_EVENT,
                note=f"{TOUCHES} of them, from the socket on; what is taken while idle left out",
            ),
        ),
        details={"states": states[:3]},
    )


async def _rested(world: World) -> list[State]:
    """The clusters once the connections that lists left open were given up, or after a wait in vain."""
    until = time.monotonic() + KEPT_OPEN_SECONDS
    while max(one.connections for one in await world.played.look()) > BAR_CONNECTIONS:
        if time.monotonic() > until:
            break
        await asyncio.sleep(5)
    return world.played.states


async def slow_looks(world: World) -> tuple[float, float]:
    """How many looks there were at applications, and how many took longer than a second."""
    counted = await world.metrics()
    name = "argocd_app_reconcile"
    all_, quick = (
        sum(value for line, value in counted.items() if line.startswith(f"{name}_{part}") and text in line)
        for part, text in (("count", ""), ("bucket", 'le="1.0"'))
    )
    return all_, all_ - quick


async def _touched(world: World, idle: float) -> float:
    """CPU microseconds of an event; `idle` is what is spent anyhow, in percent of a core."""
    count = min(TOUCHED, len(world.played.states))
    world.is_watched = False
    before, at = world.cpu_seconds(), time.monotonic()
    for number in range(count):
        await world.played.touch(number, TOUCHES // count)
    await asyncio.sleep(TOUCH_SECONDS)
    busy = world.cpu_seconds() - before - idle / 100 * (time.monotonic() - at)
    return 1e6 * max(0.0, busy) / TOUCHES
