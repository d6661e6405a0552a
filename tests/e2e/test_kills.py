"""Any process may be killed at any moment: it ends in the state Git asks for, without a person.

The number of kills is FAIRLEAD_KILLS; the seed of their choice is printed, and FAIRLEAD_SEED repeats it.
"""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

from fairlead.local.suite import SERVICES
from tests.e2e.world import World, config_map

KILLS = int(os.environ.get("FAIRLEAD_KILLS", "10"))
SEED = int(os.environ.get("FAIRLEAD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
OBJECTS = 12
VICTIMS = (*SERVICES, "nats", "redis", "render-engine")


async def test_a_kill_at_any_moment_of_a_sync_ends_as_git_says(world: World) -> None:
    sys.stdout.write(f"FAIRLEAD_SEED={SEED}\n")
    chance = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    repo = await world.repository(_files(0))
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace)
    await world.settled(name)
    for number in range(1, KILLS + 1):
        victim = VICTIMS[number % len(VICTIMS)]
        head = await repo.publish(_files(number), f"change {number}")
        await asyncio.sleep(chance.uniform(0, 0.3))
        await _kill(world, victim)
        await _until_up(world)
        await world.settled(name, head)
        for index in range(OBJECTS):
            wanted = None if _is_left_out(number, index) else {"n": str(number)}
            await world.until_data(namespace, f"item-{index}", wanted)


def _files(number: int) -> dict[str, str | bytes | None]:
    """Every change rewrites all objects and leaves one out, so that each prunes and creates."""
    names = [f"item-{index}" for index in range(OBJECTS)]
    return {
        f"app/{name}.yaml": None if _is_left_out(number, index) else config_map(name, n=str(number))
        for index, name in enumerate(names)
    }


def _is_left_out(number: int, index: int) -> bool:
    return number > 0 and index == number % OBJECTS


async def _kill(world: World, victim: str) -> None:
    if victim in {"nats", "redis"}:
        await (world.suite.nats if victim == "nats" else world.suite.redis).kill()
        return
    for pid in _pids(world, victim):
        os.kill(pid, signal.SIGKILL)


def _pids(world: World, victim: str) -> list[int]:
    if victim != "render-engine":
        return [world.suite.services[victim].pid]
    parent = world.suite.services["repo-server"].pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    return [pid for pid in map(int, children.split()) if _command(pid).endswith("render-engine")][:1]


def _command(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/exe").readlink())
    except OSError:
        return ""


async def _until_up(world: World) -> None:
    await asyncio.sleep(0.5)
    await world.suite.until_ready()
