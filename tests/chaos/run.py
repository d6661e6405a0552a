"""One run: begin, let people and faults loose, heal, wait for rest, judge."""

import asyncio
import random
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from tests.bench.observer import Metadata, Observer
from tests.chaos import invariants
from tests.chaos.faults import WEIGHTS, Faults
from tests.chaos.history import Content, State
from tests.chaos.memory import memory_of
from tests.chaos.place import SECOND_CLUSTER, Place
from tests.chaos.story import Story
from tests.chaos.workload import CONTROL, NAMESPACE_PREFIX, App, fleet
from tests.e2e.world import APPLICATIONS, CONFIG_MAPS

log = structlog.get_logger(__name__)

REST_SECONDS = 150.0
"""Within which everything must be as Git says once nothing fails any more."""
LIVE_SECONDS = 120.0
TWO_WRITERS_SECONDS = 5.0


class ConfigMap(msgspec.Struct, frozen=True, kw_only=True):
    """What is observed of a live ConfigMap."""

    metadata: Metadata
    data: dict[str, str] = {}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is; everything that is chosen comes from `seed`."""

    seed: int
    seconds: float
    replicas: int = 2
    repos: int = 3
    apps_each: int = 4
    pause: float = 1.0
    fault_pause: float = 5.0
    weights: Mapping[str, int] = msgspec.field(default_factory=lambda: dict(WEIGHTS))


class Verdict(msgspec.Struct, kw_only=True):
    """What a run showed. `live_*`: seconds from before a push until what it changed of an application was."""

    seed: int
    seconds: float
    replicas: int
    commits: int = 0
    deeds: dict[str, int] = {}
    faults: dict[str, int] = {}
    writes: int = 0
    live_p50: float = 0.0
    live_p99: float = 0.0
    live_max: float = 0.0
    rest_seconds: float = 0.0
    memory_mib: dict[str, int] = {}
    violations: list[str] = []


class Run:
    """A place, its people, its faults and its judge."""

    def __init__(self, options: Options, folder: Path) -> None:
        self.options = options
        chance = random.Random(options.seed)  # noqa: S311 - repeatable on purpose
        self.place = Place(folder, chance=random.Random(chance.random()), replicas=options.replicas)  # noqa: S311
        self._story_chance = random.Random(chance.random())  # noqa: S311
        self._fault_chance = random.Random(chance.random())  # noqa: S311

    async def judged(self) -> Verdict:
        """Run, and judge what was recorded."""
        async with self.place as place:
            edge = place.suite.kube_edges[SECOND_CLUSTER]
            apps = fleet(self.options.repos, self.options.apps_each, edge.url)
            story = Story(place, apps, self._story_chance)
            faults = Faults(place, self._fault_chance, self.options.weights)
            async with Seen(place) as seen:
                await story.second_cluster(edge.url, *_controller_credentials(place))
                await story.begin()
                if problems := await until_rest(story, seen):
                    raise RuntimeError(f"not at rest before anything failed: {problems}")
                log.info("chaos.begun", applications=len(apps), seed=self.options.seed)
                await self._loose(story, faults)
                healed = time.monotonic()
                problems = await until_rest(story, seen)
                self._save(story, faults)
                verdict = self._verdict(story, faults, seen, problems)
                verdict.rest_seconds = round(time.monotonic() - healed, 1)
                verdict.memory_mib = {
                    name: memory_of(service.pid) for name, service in place.suite.services.items()
                }
                verdict.violations += await self._taken_down(story, seen)
        return verdict

    async def _loose(self, story: Story, faults: Faults) -> None:
        seconds = self.options.seconds
        async with asyncio.TaskGroup() as group:
            group.create_task(story.run(seconds, pause=self.options.pause))
            group.create_task(faults.run(seconds, pause=self.options.fault_pause))

    def _save(self, story: Story, faults: Faults) -> None:
        """What was recorded, for whoever looks into a violation."""
        kept = {
            "writes": self.place.recording.writes,
            "states": {repo: history.states for repo, history in story.histories.items()},
            "renewals": story.renewals,
            "kills": faults.kills,
        }
        (self.place.folder / "recording.json").write_bytes(msgspec.json.encode(kept))

    def _verdict(self, story: Story, faults: Faults, seen: "Seen", problems: list[str]) -> Verdict:
        writes = list(self.place.recording.effects())
        latencies = sorted(seen.latencies(story))
        return Verdict(
            seed=self.options.seed,
            seconds=self.options.seconds,
            replicas=self.options.replicas,
            commits=sum(len(history.states) for history in story.histories.values()),
            deeds=dict(story.done),
            faults=dict(faults.done),
            writes=len(writes),
            live_p50=_share(latencies, 0.5),
            live_p99=_share(latencies, 0.99),
            live_max=_share(latencies, 1.0),
            violations=[
                *problems,
                *invariants.stale_writes(story.apps, story.histories, writes, story.renewals),
                *invariants.repeated_hooks(writes),
                *invariants.two_writers(writes, faults.kills, within=TWO_WRITERS_SECONDS),
            ],
        )

    async def _taken_down(self, story: Story, seen: "Seen") -> list[str]:
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


async def until_rest(story: Story, seen: "Seen") -> list[str]:
    """What is not as Git says after REST_SECONDS; nothing as soon as all is."""
    ends = time.monotonic() + REST_SECONDS
    problems = ["not looked at"]
    while problems and time.monotonic() < ends:
        await asyncio.sleep(0.2)
        problems = invariants.unfinished(story.apps, story.histories, await seen.statuses(), seen.live())
    return problems


class Seen:
    """What is live, by a watch straight at the API server, with the time of each change."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._observer = _Timed(place.client, CONFIG_MAPS, ConfigMap)

    async def __aenter__(self) -> "Seen":
        await self._observer.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._observer.__aexit__(*error)

    def live(self) -> dict[tuple[str, str], Content]:
        """Every ConfigMap of the applications' namespaces."""
        return {
            key: thing.data.get("state")
            for key, thing in self._observer.known.items()
            if key[0].startswith(NAMESPACE_PREFIX) and key[1] != "kube-root-ca.crt"
        }

    async def statuses(self) -> dict[str, dict[str, object]]:
        """Of each Application what counts at rest."""
        found = {}
        async for page in self._place.client.pages(APPLICATIONS, CONTROL):
            for raw in page.items or ():
                app = msgspec.json.decode(raw)
                status = app.get("status", {})
                found[app["metadata"]["name"]] = {
                    "sync": status.get("sync", {}).get("status"),
                    "revision": status.get("sync", {}).get("revision"),
                    "health": status.get("health", {}).get("status"),
                    "operation": app.get("operation"),
                    "phase": status.get("operationState", {}).get("phase"),
                    "message": status.get("operationState", {}).get("message"),
                    "conditions": status.get("conditions"),
                }
        return found

    def latencies(self, story: Story) -> list[float]:
        """For each state and application it changed: until it, or a later state, was live."""
        found = []
        for app in story.apps.values():
            states = story.histories[app.repo].states
            came = [
                (self._came(app, index, states[index].before, states), states[index].before)
                for index in range(1, len(states))
                if story.histories[app.repo].live_after(index, app.name)
            ]
            best = float("inf")
            for live, pushed in reversed(came):
                best = min(best, live)
                if best < float("inf"):
                    found.append(best - pushed)
        return found

    def _came(self, app: App, index: int, pushed: float, states: list[State]) -> float:
        wanted = states[index].apps.get(app.name, {})
        last = pushed
        for name, content in wanted.items():
            times = [
                at
                for at, seen in self._observer.history.get((app.namespace, name), ())
                if at >= pushed and seen == content
            ]
            if not times:
                return float("inf")
            last = max(last, times[0])
        return last


class _Timed(Observer[ConfigMap]):
    """Remembers when each content was seen first."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.history: dict[tuple[str, str], list[tuple[float, Content]]] = {}

    def _take(self, thing: ConfigMap, at: float) -> tuple[str, str]:
        key = super()._take(thing, at)
        if key[0].startswith(NAMESPACE_PREFIX):
            self.history.setdefault(key, []).append((at, thing.data.get("state")))
        return key


def _controller_credentials(place: Place) -> tuple[str, str]:
    plane = place.suite.control_plane
    assert plane is not None
    token = place.suite.config.data_dir / "identities" / "app-controller.token"
    return token.read_text(encoding="ascii"), plane.ca_pem


def _share(values: list[float], share: float) -> float:
    if not values:
        return 0.0
    return round(values[min(len(values) - 1, int(share * len(values)))], 3)
