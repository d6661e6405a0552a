"""What is live and what Applications say, by looks straight at the API server, and when all is at rest."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from tests.bench.observer import Metadata, Observer
from tests.chaos import invariants
from tests.chaos.history import Content, History, State
from tests.chaos.place import Place
from tests.chaos.sets import OBJECT, SET_PREFIX
from tests.chaos.story import Story
from tests.chaos.workload import CONTROL, NAMESPACE_PREFIX, App
from tests.e2e.world import APPLICATIONS, CONFIG_MAPS

REST_SECONDS = 150.0
"""Within which everything must be as Git says once nothing fails any more."""


ITEM = "item-"
"""Begins the names of the objects whose content is judged."""
Change = tuple[float, str, Content]
"""When an object of a namespace was seen with which content, None when it was gone."""


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """From before a push until what it changed of an application was live, by the monotonic clock."""

    app: str
    commit: str
    pushed: float
    live: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.live - self.pushed


class ConfigMap(msgspec.Struct, frozen=True, kw_only=True):
    """What is observed of a live ConfigMap."""

    metadata: Metadata
    data: dict[str, str] = {}


Look = Callable[[list[dict[str, Any]]], Awaitable[list[str]]]
"""What else is not at rest, told all Applications as they are."""


async def until_rest(story: Story, seen: "Seen", *looks: Look) -> list[str]:
    """What is not as Git says after REST_SECONDS; nothing as soon as all is."""
    ends = time.monotonic() + REST_SECONDS
    problems = ["not looked at"]
    while problems and time.monotonic() < ends:
        await asyncio.sleep(0.2)
        found = await seen.applications()
        problems = invariants.unfinished(story.apps, story.histories, statuses_of(found), seen.live())
        for look in looks:
            problems += await look(found)
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

    def deployed(self) -> dict[str, Content]:
        """The ConfigMap that each Application of a set deployed, by its namespace."""
        return {
            namespace: thing.data.get("state")
            for (namespace, name), thing in self._observer.known.items()
            if namespace.startswith(SET_PREFIX) and name == OBJECT
        }

    async def applications(self) -> list[dict[str, Any]]:
        """All of them as they are."""
        return [
            msgspec.json.decode(raw)
            async for page in self._place.client.pages(APPLICATIONS, CONTROL)
            for raw in page.items or ()
        ]

    def latencies(self, story: Story) -> list[Latency]:
        """For each state and application it changed: until it, or a later state, was live."""
        found = []
        for app in story.apps.values():
            history = story.histories[app.repo]
            found += latencies_of(app, history, self._observer.history.get(app.namespace, []))
        return found


def statuses_of(apps: Iterable[dict[str, Any]]) -> dict[str, dict[str, object]]:
    """Of each Application what counts at rest."""
    found = {}
    for app in apps:
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


class _Timed(Observer[ConfigMap]):
    """Remembers, by namespace, when which content was seen."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.history: dict[str, list[Change]] = {}

    def _take(self, thing: ConfigMap, at: float) -> tuple[str, str]:
        key = super()._take(thing, at)
        self._note(key, thing.data.get("state"), at)
        return key

    def _forget(self, key: tuple[str, str], at: float) -> None:
        super()._forget(key, at)
        self._note(key, None, at)

    def _note(self, key: tuple[str, str], content: Content, at: float) -> None:
        namespace, name = key
        if namespace.startswith(NAMESPACE_PREFIX) and name.startswith(ITEM):
            self.history.setdefault(namespace, []).append((at, name, content))


def latencies_of(app: App, history: History, changes: list[Change]) -> list[Latency]:
    """Until each state that changed an application, or a later one, was live: all its objects at one moment.

    A state that is live already when it is pushed, as a revert of what was never deployed, took no time.
    """
    came: list[tuple[float, State]] = []
    live: dict[str, str] = {}
    seen = 0
    for index, state in enumerate(history.states):
        while seen < len(changes) and changes[seen][0] < state.before:
            _change(live, changes[seen])
            seen += 1
        if index and history.live_after(index, app.name):
            came.append((_came(state, app.name, dict(live), changes[seen:]), state))
    found, best = [], float("inf")
    for at, state in reversed(came):
        best = min(best, at)
        if best < float("inf"):
            found.append(Latency(app=app.name, commit=state.commit, pushed=state.before, live=best))
    return found


def _came(state: State, app: str, live: dict[str, str], changes: Iterable[Change]) -> float:
    wanted = dict(state.apps.get(app, {}))
    if live == wanted:
        return state.before
    for change in changes:
        _change(live, change)
        if live == wanted:
            return change[0]
    return float("inf")


def _change(live: dict[str, str], change: Change) -> None:
    _, name, content = change
    if content is None:
        live.pop(name, None)
    else:
        live[name] = content
