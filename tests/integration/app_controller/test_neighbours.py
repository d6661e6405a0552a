"""Applications on a cluster that does not answer cost those on a cluster that does next to nothing.

`NEIGHBOURS=400,100` in the environment sets how many there are of each; what was measured is printed.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable

from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from tests.integration.app_controller.lab import Lab, automated, config_map, is_synced
from tests.integration.app_controller.test_clusters import black_hole, cluster_secret

LOST, WELL = (int(text) for text in os.environ.get("NEIGHBOURS", "80,20").split(","))
ALLOWED = 1.2
NOISE = 3.0
"""Seconds by which a loaded machine may be slower at any time."""
PATIENCE = 120.0


def name_of(number: int) -> str:
    return f"well-{number}"


def repo_of(lab: Lab, number: int) -> str:
    return f"{lab.repo}/{number}"


async def all_live(lab: Lab, wanted: Callable[[dict[str, str]], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        for number in range(WELL):
            while True:
                live = await lab.get(CONFIG_MAPS, name_of(number))
                if live is not None and wanted(live["data"]):
                    break
                await asyncio.sleep(0.02)


async def commit_and_heal(lab: Lab, colour: str) -> tuple[float, float]:
    """Seconds until a commit to each is live, and until an edit by hand of each is undone."""
    start = time.monotonic()
    for number in range(WELL):
        await lab.renderer.commit(repo_of(lab, number), [config_map(name_of(number), colour=colour)])
    await all_live(lab, lambda data: data["colour"] == colour)
    deployed = time.monotonic() - start
    for number in range(WELL):
        await lab.until(is_synced, name_of(number), patience=PATIENCE)
    start = time.monotonic()
    for number in range(WELL):
        await lab.client.merge_patch(
            CONFIG_MAPS, name_of(number), {"data": {"by": "hand", "colour": "red"}}, lab.workloads
        )
    await all_live(lab, lambda data: data["colour"] == colour)
    return deployed, time.monotonic() - start


async def test_they_deploy_and_heal_beside_many_on_a_black_hole_as_fast_as_alone(lab: Lab) -> None:
    for number in range(WELL):
        lab.renderer.holds(repo_of(lab, number), [config_map(name_of(number), colour="white")])
        source = {"repoURL": repo_of(lab, number), "path": "."}
        await lab.create_app(name_of(number), source=source, **automated())
    for number in range(WELL):
        await lab.until(is_synced, name_of(number), patience=PATIENCE)
    alone = await commit_and_heal(lab, "blue")
    async with black_hole() as (server, _):
        await lab.client.create(SECRETS, cluster_secret(lab, name="hole", server=server), lab.namespace)
        destination = {"name": "hole", "namespace": lab.workloads}
        for number in range(LOST):
            await lab.create_app(f"lost-{number}", destination=destination, **automated())
        beside = await commit_and_heal(lab, "green")
        sys.stdout.write(f"alone {alone}, beside {beside}: seconds to deploy and to heal\n")
        for before, after in zip(alone, beside, strict=True):
            assert after <= before * ALLOWED + NOISE
