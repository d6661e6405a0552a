"""The story made of public events, in the order in which they happened.

The invariant: the same events make the same story, however often it is told; an event that belongs to nothing
known makes an item of its own or none, never a wrong one.
"""

from datetime import datetime
from typing import Any

import msgspec

from fairlead.api_server.operations.chronicle.told import ChangedObject, Step, StepName, StoryItem

HEALTHY = "Healthy"
MAX_OBJECTS = 20
"""Objects that are told of one item."""
SETTLING = 30_000.0
"""Milliseconds after an apply in which the health of a healthy application may still change because of it."""
MAX_WORDS = 500
"""Characters of a message."""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One event: its type without what all begin with, its trace, and what it says."""

    id: str
    kind: str
    time: str
    trace: str
    data: dict[str, Any]


class Writer:
    """Takes events one after the other. `healthy` is whether the application was before the first."""

    def __init__(self, *, healthy: bool) -> None:
        self.items: list[StoryItem] = []
        self._ways: dict[str, StoryItem] = {}
        self._detected: dict[str, list[Happened]] = {}
        self._last_way: StoryItem | None = None
        self._drift: StoryItem | None = None
        self._operation: StoryItem | None = None
        self._healthy = healthy

    def take(self, event: Happened) -> None:
        """The next event."""
        if event.kind == "commit.detected":
            self._detected.setdefault(event.trace, []).append(event)
        elif event.kind.startswith("app.health."):
            self._health(event)
        else:
            handler = getattr(self, _HANDLERS.get(event.kind, ""), None)
            if handler is not None:
                handler(event)

    def _rendered(self, event: Happened) -> None:
        way = self._item(event, "commit", f"{event.trace}-{len(self.items)}", status="running")
        way.revisions = tuple(event.data.get("revisions") or ())
        way.cause = str(event.data.get("cause", ""))
        detected = self._of(event.trace, way.revisions)
        if detected is not None:
            way.cause = str(detected.data.get("cause", way.cause))
            way.ref = str(detected.data.get("ref", ""))
            if detected.data.get("pushedAt"):
                _step(way, "pushed", str(detected.data["pushedAt"]))
            _step(way, "detected", detected.time)
            way.at = way.steps[0].at
        _step(way, "rendered", event.time)
        if self._last_way is not None and self._last_way.status == "running":
            self._last_way.status = "done"
        self._ways[event.trace] = self._last_way = way

    def _of(self, trace: str, revisions: tuple[str, ...]) -> Happened | None:
        found = self._detected.get(trace, [])
        return next((one for one in found if one.data.get("new") in revisions), found[-1] if found else None)

    def _render_failed(self, event: Happened) -> None:
        item = self._item(event, "render-failed", event.id, status="failed")
        item.revisions = tuple(event.data.get("revisions") or ())
        item.words = str(event.data.get("message", ""))[:MAX_WORDS]

    def _out_of_sync(self, event: Happened) -> None:
        way = self._way(event)
        if way is not None and not _has(way, "compared"):
            _step(way, "compared", event.time)
            way.objects = _objects(event.data.get("resources"))

    def _synced(self, event: Happened) -> None:
        drift = self._drift
        if drift is not None and drift.status == "running":
            drift.status = "done"
            drift.milliseconds = _milliseconds(drift.at, event.time)
        way = self._way(event)
        if way is None or _has(way, "applied"):
            return
        if not _has(way, "compared"):
            _step(way, "compared", event.time)
        if not _has(way, "started"):
            self._end(way)

    def _started(self, event: Happened) -> None:
        way = self._way(event)
        if way is None or _has(way, "started"):
            drift = self._drift
            if drift is not None and event.data.get("automated") and drift.status == "running":
                self._operation = None
                return
            way = self._item(event, "operation", event.id, status="running")
            way.revisions = tuple(event.data.get("revisions") or ())
        elif not _has(way, "compared"):
            _step(way, "compared", event.time)
        way.automated = bool(event.data.get("automated"))
        way.by = str(event.data.get("initiatedBy", ""))
        _step(way, "started", event.time)
        self._operation = way

    def _succeeded(self, event: Happened) -> None:
        item, self._operation = self._operation, None
        if item is None:
            return
        _step(item, "applied", event.time)
        item.words = str(event.data.get("message", ""))[:MAX_WORDS]
        if self._healthy:
            _step(item, "healthy", event.time)
            self._end(item)

    def _failed(self, event: Happened) -> None:
        item, self._operation = self._operation, None
        if item is not None:
            item.words = str(event.data.get("message", ""))[:MAX_WORDS]
            self._end(item, "failed", event.time)

    def _drifted(self, event: Happened) -> None:
        item = self._item(event, "drift", event.id, status="running")
        item.objects = _objects(event.data.get("fields")) or _objects(event.data.get("resources"))
        item.by = next((one.manager for one in item.objects if one.manager), "")
        self._drift = item

    def _healed(self, event: Happened) -> None:
        drift, self._drift = self._drift, None
        if drift is None:
            drift = self._item(event, "drift", event.id)
            drift.objects = _objects(event.data.get("resources"))
        drift.status = "done"
        drift.attempts = int(event.data.get("attempt", 1))
        drift.milliseconds = round(1000 * float(event.data.get("seconds", 0.0)), 1)

    def _prune_held(self, event: Happened) -> None:
        item = self._item(event, "prune-held", event.id)
        item.objects = _objects(event.data.get("resources"))
        item.words = f"{event.data.get('count', 0)} of {event.data.get('objects', 0)} objects would go"

    def _deleted(self, event: Happened) -> None:
        self._item(event, "deleted", event.id)

    def _health(self, event: Happened) -> None:
        status = str(event.data.get("status", ""))
        self._healthy = status == HEALTHY
        item = self._settling(event)
        if item is None:
            item = self._item(event, "health", event.id)
        elif self._healthy and _has(item, "applied"):
            _step(item, "healthy", event.time)
            self._end(item)
        elif not self._healthy:
            item.steps = [step for step in item.steps if step.name != "healthy"]
            item.status = "running"
        item.health = status
        item.words = str(event.data.get("message", ""))[:MAX_WORDS] or item.words

    def _settling(self, event: Happened) -> StoryItem | None:
        """What was begun last, if the health may still be its doing: it is not at its end, or was called
        healthy in the moment in which it was applied, not long ago."""
        item = next((one for one in reversed(self.items) if one.kind in ("commit", "operation")), None)
        if item is None or item.status == "failed" or not _has(item, "started"):
            return None
        ends = {step.name: step.at for step in item.steps}
        is_near = _milliseconds(item.steps[-1].at, event.time) <= SETTLING
        is_at_once = ends.get("applied") == ends.get("healthy")
        return item if item.status == "running" or (is_at_once and is_near) else None

    def _way(self, event: Happened) -> StoryItem | None:
        """The way that an event is a step of: that of its trace, or the newest if it leads to the same."""
        way = self._ways.get(event.trace) or self._last_way
        revisions = tuple(event.data.get("revisions") or ())
        return way if way is not None and (not revisions or way.revisions == revisions) else None

    def _item(self, event: Happened, kind: Any, name: str, *, status: Any = "done") -> StoryItem:
        item = StoryItem(id=name, kind=kind, at=event.time, status=status)
        self.items.append(item)
        return item

    def _end(self, item: StoryItem, status: Any = "done", at: str = "") -> None:
        item.status = status
        if item.steps:
            item.milliseconds = _milliseconds(item.steps[0].at, at or item.steps[-1].at)


_HANDLERS = {
    "app.rendered": "_rendered",
    "app.render-failed": "_render_failed",
    "app.out-of-sync": "_out_of_sync",
    "app.synced": "_synced",
    "app.sync.started": "_started",
    "app.sync.succeeded": "_succeeded",
    "app.sync.failed": "_failed",
    "app.drifted": "_drifted",
    "app.healed": "_healed",
    "app.prune-held": "_prune_held",
    "app.deleted": "_deleted",
}


def _step(item: StoryItem, name: StepName, at: str) -> None:
    before = item.steps[-1].at if item.steps else at
    item.steps = [*item.steps, Step(name=name, at=at, milliseconds=max(0.0, _milliseconds(before, at)))]


def _has(item: StoryItem, name: StepName) -> bool:
    return any(step.name == name for step in item.steps)


def _milliseconds(before: str, after: str) -> float:
    try:
        gone = datetime.fromisoformat(after) - datetime.fromisoformat(before)
    except (ValueError, TypeError):
        return 0.0
    return round(1000 * gone.total_seconds(), 1)


def _objects(found: Any) -> list[ChangedObject]:
    told = []
    for each in found[:MAX_OBJECTS] if isinstance(found, list) else ():
        try:
            told.append(msgspec.convert(each, ChangedObject))
        except msgspec.ValidationError:
            continue
    return told
