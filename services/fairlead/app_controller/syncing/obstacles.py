"""Finds out what keeps the objects that a sync waits for from getting on, down to their pods.

Invariant: reads only, at most `MOST_ASKED` requests at a time; what cannot be found out is not said. A hook
is at work while one of its pods is, whatever keeps the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import structlog

from fairlead.app_controller.destination.cluster import Cluster
from fairlead.kube.errors import KubeError
from fairlead.kube.events import EVENTS
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import Manifest, list_at, text_at, value_at
from fairlead.manifest.identity import GroupKind
from fairlead.sync.obstacle import Obstacle, is_at_work, is_being_prepared, obstacle_in, obstacle_of
from fairlead.sync.step import Step
from fairlead.sync.task import Task, TaskId

log = structlog.get_logger(__name__)

MOST_TASKS = 5
"""Tasks of those waited for that are looked into; the message names the first of them."""
MOST_OBJECTS = 200
DEPTH = 5
"""How many objects below one are looked at, and how far down."""
MOST_ASKED = 3
"""Lists of events read for one evaluation."""
POD = GroupKind("", "Pod")
_NONE: Final[Mapping[TaskId, Obstacle]] = {}


class Obstacles(NamedTuple):
    """What stands in the way, "" when nothing is known to, of which hooks nothing runs meanwhile, and what
    keeps each of the tasks that were looked into."""

    text: str = ""
    stuck: frozenset[TaskId] = frozenset()
    of: Mapping[TaskId, Obstacle] = _NONE


async def obstacles(cluster: Cluster, step: Step, *, may_ask: bool = True) -> Obstacles:
    """What keeps the tasks that a step waits for; without `may_ask` by what is known, with no request."""
    if step.awaits_person:
        return Obstacles()
    search = _Search(cluster, MOST_ASKED if may_ask else 0)
    hooks_first = sorted(step.awaits, key=lambda task: not task.is_hook)
    known: dict[TaskId, Obstacle] = {}
    for task in hooks_first[:MOST_TASKS]:
        found = await search.of(task, is_running=step.results.is_running(task))
        if found is not None:
            known[task.id] = found
    stuck = frozenset(name for name, found in known.items() if found.stops_work)
    return Obstacles(next((found.text for found in known.values()), ""), stuck, known)


class _Search:
    def __init__(self, cluster: Cluster, questions: int) -> None:
        self._cluster = cluster
        self._questions = questions

    async def of(self, task: Task, *, is_running: bool) -> Obstacle | None:
        live = self._cluster.live.get(task.key)
        if live is None:
            return None
        obj = live.brief()
        if live.is_being_deleted or not is_running:
            return _held(obj)
        if live.group_kind == POD:
            return await self._of_pod(live)
        below = list(self._below(live))
        pods = sorted((item for item in below if item.group_kind == POD), key=lambda item: item.key.name)
        if pods:
            found = [await self._of_pod(pod) for pod in pods]
            first = next((item for item in found if item is not None), None)
            works = len(below) >= MOST_OBJECTS or any(is_at_work(pod.brief()) for pod in pods)
            return msgspec.structs.replace(first, stops_work=False) if first is not None and works else first
        return await self._without_pods([live, *below]) if below else await self._own(live, obj)

    def _below(self, live: LiveObject) -> Iterator[LiveObject]:
        """Those that an object owns, its owned ones' too."""
        level, seen = [live], {live.uid}
        for _ in range(DEPTH):
            level = [
                child
                for item in level
                for child in self._cluster.live.children_of(item.uid)
                if child.uid not in seen
            ]
            for child in level:
                if len(seen) > MOST_OBJECTS:
                    return
                seen.add(child.uid)
                yield child

    async def _of_pod(self, pod: LiveObject) -> Obstacle | None:
        if pod.is_being_deleted:
            return None
        obj = pod.brief()
        found = obstacle_of(obj)
        return await self._told(pod, obj) if found is None and is_being_prepared(obj) else found

    async def _without_pods(self, owners: Sequence[LiveObject]) -> Obstacle | None:
        """No pod was made: whoever was to make one is asked why, the nearest to it first."""
        for owner in reversed(owners):
            found = await self._told(owner, owner.brief())
            if found is not None:
                return found
        return None

    async def _own(self, live: LiveObject, obj: Manifest) -> Obstacle | None:
        """An object with nothing below it: what its events tell, else what its health does."""
        told = await self._told(live, obj)
        if told is not None:
            return told
        health = self._cluster.health.of(obj)
        if health is None or not health.message:
            return None
        return Obstacle(text=health.message, kind=live.key.kind, name=live.key.name, words=health.message)

    async def _told(self, live: LiveObject, obj: Manifest) -> Obstacle | None:
        if self._questions <= 0 or not live.uid:
            return None
        self._questions -= 1
        try:
            raw = await self._cluster.client.list_all(
                EVENTS,
                live.key.namespace or "default",
                field_selector=f"involvedObject.uid={live.uid},type=Warning",
            )
        except KubeError as error:
            log.info("sync.events.unread", object=str(live.key), reason=error.message[:200])
            return None
        return obstacle_in((msgspec.json.decode(item) for item in raw), obj)


def _held(obj: Manifest) -> Obstacle | None:
    """What keeps an object that is to go."""
    names = [str(name) for name in list_at(obj, "metadata", "finalizers")]
    if not names or not value_at(obj, "metadata", "deletionTimestamp"):
        return None
    return Obstacle(
        text=f"held by finalizers {', '.join(names)}",
        stops_work=True,
        kind=text_at(obj, "kind"),
        name=text_at(obj, "metadata", "name"),
        reason="finalizers",
        words=", ".join(names),
    )
