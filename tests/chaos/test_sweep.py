"""Services are killed at each of their effects: a deployment of waves, a hook and a prune, a deletion,
a message, folders of a set that come and go, a rollout in steps.

Some of these moments are tried by default, all of them with FAIRLEAD_SWEEP_STEP=1.
"""

import asyncio
import itertools
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.chaos import invariants, post, post_judge
from tests.chaos.caller import Caller
from tests.chaos.faults import Faults
from tests.chaos.place import Place
from tests.chaos.seen import REST_SECONDS, Look, Seen, until_rest
from tests.chaos.set_seen import SetSeen
from tests.chaos.set_story import SetStory
from tests.chaos.sets import Set
from tests.chaos.story import Story
from tests.chaos.sweep import Point, Trap, points_of
from tests.chaos.workload import CONTROL, App
from tests.e2e.world import APPLICATIONS

log = structlog.get_logger(__name__)

STEP = int(os.environ.get("FAIRLEAD_SWEEP_STEP", "3"))
WIDE = STEP if STEP == 1 else 4 * STEP + 1
"""The step between moments of all services' effects; odd, so that both sides of effects are met."""
RARE = STEP if STEP == 1 else 3 * WIDE
"""The step between moments of what others sweep in part."""
FURTHEST = 60
"""Writes of one deployment at most; the sweep ends by itself at the first that is not made."""
FEWEST = 12
"""Writes that the deployment makes at least: a sweep that ended sooner tried nothing."""

FLAGS = {"app-controller": ("--wave-delay=0.05",)}
"""Waves follow each other within one second, as whole operations do: no clock of seconds tells them apart."""
IS_WHOLE = STEP == 1
SETS = [Set(name="dirs", kind="dirs", repo="repo-0", pool=("a", "b", "c"), first=2)]
STEPWISE = [Set(name="rolling", kind="rolling", repo="repo-0", pool=("one-a", "two-a"), first=2)]
"""A rollout takes a while; it is swept with everything else only."""

Deed = Callable[[], Awaitable[None]]


@pytest.mark.deadline(1500)
async def test_a_kill_at_any_write_of_a_deployment_ends_as_git_says(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311
    async with Place(tmp_path, chance=chance, replicas=1, flags=FLAGS) as place, Seen(place) as seen:
        apps = [App(name="swept", repo="repo-0", in_waves=True, has_hooks=True)]
        story, faults = Story(place, apps, chance), Faults(place, chance, {})
        await story.begin()
        assert await until_rest(story, seen) == []
        trap = Trap(place, faults, "app-controller")
        moments = itertools.product(range(1, FURTHEST), ("before", "after"))
        for number, stage in itertools.islice(moments, 0, None, STEP):
            trap.arm(Point("kube", number, stage))
            await story.publish("repo-0", apps)
            rest = await until_rest(story, seen)
            log.info("chaos.swept", number=number, stage=stage, effect=trap.sprung)
            assert rest == [], f"killed {stage} write {number}: {trap.sprung}"
            if trap.sprung is None:
                break
        assert number > FEWEST
        assert _judged(place, story) == []


@pytest.mark.deadline(3000)
async def test_a_kill_at_any_effect_of_any_service_ends_as_git_says(tmp_path: Path) -> None:
    chance = random.Random(6)  # noqa: S311
    async with (
        Place(tmp_path, chance=chance, replicas=1, flags=FLAGS) as place,
        Seen(place) as seen,
        Caller(place) as caller,
    ):
        apps = [
            App(name="swept", repo="repo-0", in_waves=True, has_hooks=True),
            App(name="beside", repo="repo-0", subscriber="first"),
            App(name="leaving", repo="repo-0", ends_with_hooks=True),
        ]
        some = [*SETS, *(STEPWISE if IS_WHOLE else ())]
        story, faults = Story(place, apps, chance, sets=some), Faults(place, chance, {})
        sets = SetStory(story, some, chance)
        await place.post.begin(place.client, "token")
        await story.begin()
        await sets.begin()

        async def pushed() -> None:
            await story.publish("repo-0", apps)

        async def called() -> None:
            await story.publish("repo-0", apps[:1])
            await _call(caller, place, apps[1])

        async def renewed() -> None:
            await story.delete(apps[2])
            async with asyncio.timeout(REST_SECONDS):
                while invariants.left_over(apps[2:], seen.live()):
                    await asyncio.sleep(0.2)
            await story.create(apps[2])

        async def came_and_went() -> None:
            """A folder comes, another goes, a third changes; and the set is edited."""
            before, (_, *kept) = sets.folders(SETS[0]), sorted(sets.folders(SETS[0]))
            (new,) = set(SETS[0].pool) - before.keys()
            await sets.change(SETS[0], dict.fromkeys((new, *kept), sets.number()))
            await sets.give_edition(SETS[0])

        async def rolled() -> None:
            await sets.change(STEPWISE[0], dict.fromkeys(STEPWISE[0].pool, sets.number()))

        async def told() -> None:
            await story.publish("repo-0", apps[1:2])

        async with SetSeen(place, story, sets, seen) as set_seen:
            looks = (set_seen.look, _untold(place))
            assert await until_rest(story, seen, *looks) == []
            swept = 0
            for service, deed, step in (
                ("repo-server", pushed, WIDE),
                ("app-controller", pushed, WIDE),
                ("app-controller", renewed, RARE),
                ("api-server", called, WIDE),
                ("applicationset-controller", came_and_went, RARE),
                *([("applicationset-controller", rolled, 1)] if IS_WHOLE else ()),
                ("notifications", told, RARE),
            ):
                trap = Trap(place, faults, service)
                points = await _points(trap, deed, story, seen, *looks)
                log.info("chaos.sweeping", service=service, deed=deed.__name__, points=len(points))
                for point in points[::step]:
                    trap.arm(point)
                    await deed()
                    rest = await until_rest(story, seen, *looks)
                    log.info("chaos.swept", service=service, point=point, was_reached=trap.sprung is not None)
                    assert rest == [], f"{service} killed at {point}"
                    swept += trap.sprung is not None
                trap.arm(None)
            assert swept >= FEWEST // STEP
            assert _judged(place, story) == []
            assert set_seen.violations(faults, within=0) == []
            assert _judged_messages(place, faults) == []


async def _points(trap: Trap, deed: Deed, story: Story, seen: Seen, *looks: Look) -> list[Point]:
    """What there is to be swept: the effects of a deed that nothing disturbs, seen twice."""
    found: Counter[str] = Counter()
    for _ in range(2):
        trap.arm(None)
        await deed()
        assert await until_rest(story, seen, *looks) == []
        found |= trap.seen
    return points_of(found)


def _untold(place: Place) -> Look:
    async def look(apps: list[dict[str, Any]]) -> list[str]:
        return post_judge.untold(apps, place.post.arrivals)

    return look


def _judged_messages(place: Place, faults: Faults) -> list[str]:
    """A kill of who sends repeats one message of one receiver at most."""
    arrivals = place.post.arrivals
    again = Counter((one.uid, one.key) for one in arrivals)
    kills = [kill for kill in faults.kills if kill[1] == post.SERVICE]
    repeated = sum(again.values()) - len(again)
    return [
        *post_judge.told_again(arrivals, faults.disturbed(post.SERVICE)),
        *post_judge.out_of_order(arrivals),
        *([f"{repeated} messages came again by {len(kills)} kills"] if repeated > len(kills) else []),
    ]


async def _call(caller: Caller, place: Place, app: App) -> None:
    """Make, sync and delete through the API: what was accepted stands, whoever dies next."""
    made = app.manifest(place.git.repo_url(app.repo))
    made["metadata"] = {"name": "called", "namespace": CONTROL}
    made["spec"] = {**made["spec"], "syncPolicy": None}
    await caller.call("POST", "/api/v1/applications?upsert=true", made)
    assert await place.client.find(APPLICATIONS, "called", CONTROL) is not None
    await caller.call("POST", f"/api/v1/applications/{app.name}/sync", {"prune": True}, but=(400, 409))
    await caller.call("GET", f"/api/v1/applications/{app.name}?refresh=normal")
    await caller.call("DELETE", "/api/v1/applications/called?cascade=false", but=(403, 404))
    assert await place.client.find(APPLICATIONS, "called", CONTROL) is None


def _judged(place: Place, story: Story) -> list[str]:
    writes = list(place.recording.effects())
    return [
        *invariants.stale_writes(story.apps, story.histories, writes, story.renewals),
        *invariants.repeated_hooks(writes),
        *invariants.failed_operations(writes),
    ]
