"""The controller is killed at each of its writes during a deployment of waves, a hook and a prune.

Every third of these moments is tried by default, all of them with FAIRLEAD_SWEEP_STEP=1.
"""

import itertools
import os
import random
from pathlib import Path

import pytest
import structlog

from tests.chaos import invariants
from tests.chaos.faults import Faults
from tests.chaos.place import Place
from tests.chaos.run import Seen, until_rest
from tests.chaos.story import Story
from tests.chaos.sweep import Point, Trap
from tests.chaos.workload import App

log = structlog.get_logger(__name__)

STEP = int(os.environ.get("FAIRLEAD_SWEEP_STEP", "3"))
FURTHEST = 60
"""Writes of one deployment at most; the sweep ends by itself at the first that is not made."""
FEWEST = 12
"""Writes that the deployment makes at least: a sweep that ended sooner tried nothing."""


@pytest.mark.deadline(1500)
async def test_a_kill_at_any_write_of_a_deployment_ends_as_git_says(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311
    async with Place(tmp_path, chance=chance, replicas=1) as place, Seen(place) as seen:
        apps = [App(name="swept", repo="repo-0", in_waves=True, has_hook=True)]
        story, faults = Story(place, apps, chance), Faults(place, chance, {})
        await story.begin()
        assert await until_rest(story, seen) == []
        trap = Trap(place, faults)
        moments = itertools.product(range(1, FURTHEST), ("before", "after"))
        for number, stage in itertools.islice(moments, 0, None, STEP):
            trap.arm(Point(number, stage))
            await story.publish("repo-0", apps)
            rest = await until_rest(story, seen)
            log.info("chaos.swept", number=number, stage=stage, write=trap.sprung and trap.sprung.path)
            assert rest == [], f"killed {stage} write {number}: {trap.sprung}"
            if trap.sprung is None:
                break
        assert number > FEWEST
        writes = list(place.recording.effects())
        assert invariants.stale_writes(story.apps, story.histories, writes, story.renewals) == []
        assert invariants.repeated_hooks(writes) == []
