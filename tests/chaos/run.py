"""One run: begin, let people and faults loose, heal, wait for rest, judge."""

import asyncio
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog

from tests.chaos import invariants, post, post_judge, set_judge
from tests.chaos.bait import FAILING, Bait
from tests.chaos.bounds import most, unbounded
from tests.chaos.evidence import Evidence
from tests.chaos.faults import WEIGHTS, Faults
from tests.chaos.leaks import Listener
from tests.chaos.place import SECOND_CLUSTER, Place
from tests.chaos.seen import Latency, Look, Seen, until_rest
from tests.chaos.set_seen import SetSeen
from tests.chaos.set_story import SetStory
from tests.chaos.sets import some_sets
from tests.chaos.story import Story
from tests.chaos.vitals import Vitals
from tests.chaos.workload import CONTROL, fleet
from tests.e2e.world import APPLICATIONS

log = structlog.get_logger(__name__)

TWO_WRITERS_SECONDS = 5.0
HARD_REFRESH = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}}
REFRESHED_SECONDS = 120.0
"""Within which a refresh of every application is done."""
SLOWEST = 20
"""Commits of which the verdict says what failed while they were on their way."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is; everything that is chosen comes from `seed`."""

    seed: int
    seconds: float
    replicas: int = 2
    repos: int = 3
    apps_each: int = 4
    folders: int = 3
    """Of each ApplicationSet, at first."""
    pause: float = 1.0
    fault_pause: float = 5.0
    weights: Mapping[str, int] = msgspec.field(default_factory=lambda: dict(WEIGHTS))


class Verdict(msgspec.Struct, kw_only=True):
    """What a run showed. `live_*`: seconds from before a push until what it changed of an application was.

    `messages`: how many single ones on NATS met what. `slowest`: the commits that took longest, in words.
    `most`: the largest that was seen of what each process takes.
    """

    seed: int
    seconds: float
    replicas: int
    commits: int = 0
    deeds: dict[str, int] = {}
    set_deeds: dict[str, int] = {}
    told: int = 0
    """Messages that arrived somewhere."""
    faults: dict[str, int] = {}
    messages: dict[str, int] = {}
    writes: int = 0
    live_p50: float = 0.0
    live_p99: float = 0.0
    live_max: float = 0.0
    slowest: list[str] = []
    rest_seconds: float = 0.0
    memory_mib: dict[str, int] = {}
    most: dict[str, dict[str, int]] = {}
    violations: list[str] = []


class Run:
    """A place, its people, its faults and its judge."""

    def __init__(self, options: Options, folder: Path) -> None:
        self.options = options
        chance = random.Random(options.seed)  # noqa: S311 - repeatable on purpose
        self.place = Place(folder, chance=random.Random(chance.random()), replicas=options.replicas)  # noqa: S311
        self._story_chance = random.Random(chance.random())  # noqa: S311
        self._fault_chance = random.Random(chance.random())  # noqa: S311
        self._set_chance = random.Random(chance.random())  # noqa: S311
        self._bait = Bait(self.place)
        self._listener = Listener(self._bait.canaries)
        self._vitals = Vitals(self.place)

    async def judged(self) -> Verdict:
        """Run, and judge what was recorded."""
        self.place.suite.listen(self._listener.hear)
        async with self.place as place:
            edge = place.suite.kube_edges[SECOND_CLUSTER]
            apps = fleet(self.options.repos, self.options.apps_each, edge.url, secret=self._bait.manifest)
            wanted = some_sets(self.options.repos, first=self.options.folders)
            story = Story(place, apps, self._story_chance, self._bait, wanted)
            sets = SetStory(story, wanted, self._set_chance)
            faults = Faults(place, self._fault_chance, self.options.weights)
            async with Seen(place) as seen, SetSeen(place, story, sets, seen) as set_seen:
                looks: list[Look] = [set_seen.look, self._told]
                await story.second_cluster(edge.url, *self._controller_credentials())
                await story.begin()
                await sets.begin()
                if problems := await until_rest(story, seen, *looks):
                    raise RuntimeError(f"not at rest before anything failed: {problems}")
                log.info("chaos.begun", applications=len(apps), seed=self.options.seed)
                await self._loose(story, sets, faults)
                healed = time.monotonic()
                problems = await until_rest(story, seen, *looks)
                self._save(story, faults, seen, set_seen)
                verdict = self._verdict(story, faults, seen, problems)
                verdict.set_deeds = dict(sets.done)
                verdict.rest_seconds = round(time.monotonic() - healed, 1)
                verdict.violations += await self._without_cache(story, seen, looks)
                verdict.violations += await Evidence(
                    place, self._bait, self._listener, [app.name for app in apps]
                ).violations()
                verdict.violations += await self._taken_down(story, seen)
                verdict.violations += await set_seen.taken_down()
                verdict.violations += set_seen.violations(faults, within=TWO_WRITERS_SECONDS)
                verdict.violations += self._of_messages(story, faults)
                verdict.told = len(place.post.arrivals)
        return verdict

    async def _loose(self, story: Story, sets: SetStory, faults: Faults) -> None:
        seconds = self.options.seconds
        watching = asyncio.create_task(self._vitals.watch())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(story.run(seconds, pause=self.options.pause))
                group.create_task(sets.run(seconds, pause=2 * self.options.pause))
                group.create_task(faults.run(seconds, pause=self.options.fault_pause))
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _told(self, apps: list[dict[str, Any]]) -> list[str]:
        return post_judge.untold(apps, self.place.post.arrivals)

    def _of_messages(self, story: Story, faults: Faults) -> list[str]:
        arrivals = self.place.post.arrivals
        wanted = {f"{app.name}": {(app.subscriber, "deployed")} for app in story.apps.values()}
        wanted |= {"rolling-": {("third", "deployed")}, FAILING: {("first", "failed")}}
        return [
            *post_judge.told_again(arrivals, faults.disturbed(post.SERVICE)),
            *post_judge.out_of_order(arrivals),
            *post_judge.misdirected(arrivals, wanted),
        ]

    def _save(self, story: Story, faults: Faults, seen: Seen, set_seen: SetSeen) -> None:
        """What was recorded, for whoever looks into a violation."""
        kept = {
            "writes": self.place.recording.writes,
            "states": {repo: history.states for repo, history in story.histories.items()},
            "renewals": story.renewals,
            "kills": faults.kills,
            "faults": faults.told,
            "latencies": seen.latencies(story),
            "samples": self._vitals.samples,
            "sets": set_seen.evidence(),
            "arrivals": self.place.post.arrivals,
        }
        (self.place.folder / "recording.json").write_bytes(msgspec.json.encode(kept))

    def _verdict(self, story: Story, faults: Faults, seen: Seen, problems: list[str]) -> Verdict:
        writes = list(self.place.recording.effects())
        latencies = sorted(seen.latencies(story), key=lambda latency: latency.seconds)
        seconds = [latency.seconds for latency in latencies]
        self._vitals.look()
        return Verdict(
            seed=self.options.seed,
            seconds=self.options.seconds,
            replicas=self.options.replicas,
            commits=sum(len(history.states) for history in story.histories.values()),
            deeds=dict(story.done),
            faults=dict(faults.done),
            messages=faults.messages,
            writes=len(writes),
            live_p50=_share(seconds, 0.5),
            live_p99=_share(seconds, 0.99),
            live_max=_share(seconds, 1.0),
            slowest=[_told(latency, faults) for latency in reversed(latencies[-SLOWEST:])],
            memory_mib={sample.instance: sample.rss_mib for sample in self._vitals.samples},
            most=most(self._vitals.samples),
            violations=[
                *problems,
                *invariants.stale_writes(story.apps, story.histories, writes, story.renewals),
                *invariants.repeated_hooks(writes),
                *invariants.two_writers(writes, faults.kills, within=TWO_WRITERS_SECONDS),
                *unbounded(self._vitals.samples),
            ],
        )

    async def _without_cache(self, story: Story, seen: Seen, looks: list[Look]) -> list[str]:
        """I10: at rest, with an empty Redis, every application is rendered anew, and nothing is written."""
        emptied = time.monotonic()
        await self.place.suite.redis.restart()
        for app in story.apps:
            await self.place.client.merge_patch(APPLICATIONS, app, HARD_REFRESH, CONTROL)
        try:
            async with asyncio.timeout(REFRESHED_SECONDS):
                while await self._refreshing(story):
                    await asyncio.sleep(0.2)
        except TimeoutError:
            return [f"I10: without a cache {app} is not refreshed" for app in await self._refreshing(story)]
        rest = await until_rest(story, seen, *looks)
        effects = list(self.place.recording.effects())
        return [
            *(f"I10: without a cache, {problem}" for problem in rest),
            *invariants.written_since(effects, emptied),
            *set_judge.restless(effects, emptied),
        ]

    async def _refreshing(self, story: Story) -> list[str]:
        found = []
        for name in story.apps:
            raw = await self.place.client.get(APPLICATIONS, name, CONTROL)
            annotations = msgspec.json.decode(raw)["metadata"].get("annotations") or {}
            if "argocd.argoproj.io/refresh" in annotations:
                found.append(name)
        return found

    async def _taken_down(self, story: Story, seen: Seen) -> list[str]:
        """Delete every application: all that is theirs goes, nothing of others."""
        ends = [asyncio.create_task(story.delete(app)) for app in story.apps.values()]
        results = await asyncio.gather(*ends, return_exceptions=True)
        stuck = [
            name for name, result in zip(story.apps, results, strict=True) if isinstance(result, Exception)
        ]
        if stuck:
            return [f"I12: {name} could not be deleted" for name in stuck]
        await asyncio.sleep(1)
        return invariants.left_over(story.apps.values(), seen.live())

    def _controller_credentials(self) -> tuple[str, str]:
        plane = self.place.suite.control_plane
        assert plane is not None
        file = self.place.suite.config.data_dir / "identities" / "app-controller.token"
        token = file.read_text(encoding="ascii")
        self._bait.canaries.add("token of the controller", token)
        return token, plane.ca_pem


def _told(latency: Latency, faults: Faults) -> str:
    meanwhile = ", ".join(
        f"{fault.name} {fault.target} {fault.at - latency.pushed:+.0f}…{fault.until - latency.pushed:+.0f}"
        for fault in faults.during(latency.pushed, latency.live)
    )
    return f"{latency.seconds:.1f} s {latency.app} {latency.commit[:8]}: {meanwhile or 'nothing failed'}"


def _share(values: list[float], share: float) -> float:
    if not values:
        return 0.0
    return round(values[min(len(values) - 1, int(share * len(values)))], 3)
