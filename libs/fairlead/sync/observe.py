"""What the cluster shows about the tasks of a running sync.

Invariant: an object is judged by a state that is at least as new as what was applied to it; an older one says
nothing about the apply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import TypeAlias

from fairlead.health import Code, Health
from fairlead.health.assess import HOOK_FINALIZER
from fairlead.manifest.fields import Manifest, annotation_of, list_at, text_at, value_at
from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import HookPhase, ResourceResult, ResultCode
from fairlead.sync import messages
from fairlead.sync.hooks import OPERATION, hook_mark
from fairlead.sync.plan import Plan
from fairlead.sync.task import Results, Task

Live: TypeAlias = Mapping[ResourceKey, Manifest]
AssessHealth: TypeAlias = Callable[[Manifest], Health | None]


class View:
    """What the watch shows now.

    ``unseen`` are objects this operation applied that the watch may not have shown yet; ``versions`` are the
    resource versions its applies returned.
    """

    __slots__ = ("health", "live", "unseen", "versions")

    def __init__(
        self,
        live: Live,
        health: AssessHealth,
        unseen: Set[ResourceKey],
        versions: Mapping[ResourceKey, str],
    ) -> None:
        self.live = live
        self.health = health
        self.unseen = unseen
        self.versions = versions

    def is_behind(self, key: ResourceKey) -> bool:
        """Whether the watch has not shown yet what was applied."""
        obj, applied = self.live.get(key), self.versions.get(key, "")
        if obj is None:
            return key in self.unseen
        shown = text_at(obj, "metadata", "resourceVersion")
        return shown.isdecimal() and applied.isdecimal() and int(shown) < int(applied)


def adopted(plan: Plan, results: Results, live: Live) -> Results:
    """Take over hooks that this attempt made but whose record was lost with the controller."""
    found = [
        task.result(ResultCode.SYNCED, HookPhase.RUNNING, messages.resource_text(task.key, "created"))
        for task in plan.tasks
        if task.is_hook and results.is_pending(task) and _was_made_for(task, plan, live.get(task.key))
    ]
    return results.plus(found) if found else results


def observed(plan: Plan, results: Results, view: View) -> list[ResourceResult]:
    """New records of running tasks, from what is live."""
    changes = []
    for task in plan.tasks:
        if task.is_prune or not results.is_running(task):
            continue
        obj = view.live.get(task.key)
        if view.is_behind(task.key):
            continue
        if obj is None:
            text = messages.is_missing(task.key)
            changes.append(task.result(ResultCode.SYNC_FAILED, HookPhase.ERROR, text))
            continue
        change = _judged(task, view.health(obj), status_of(task, results))
        if change is not None and task.is_hook and is_leaving(obj) and change.hook_phase is HookPhase.RUNNING:
            change = task.result(ResultCode.SYNC_FAILED, HookPhase.ERROR, messages.is_missing(task.key))
        if change is not None:
            changes.append(change)
    return changes


def _judged(task: Task, found: Health | None, status: ResultCode) -> ResourceResult | None:
    if found is None:
        text = f"{task.key.name} created" if task.is_hook else ""
        return task.result(status, HookPhase.SUCCEEDED, text)
    phase = (_HOOK_PHASES if task.is_hook else _OBJECT_PHASES).get(found.status)
    if phase is None:
        return None
    return task.result(status, phase, found.message)


_OBJECT_PHASES = {Code.HEALTHY: HookPhase.SUCCEEDED, Code.DEGRADED: HookPhase.FAILED}
_HOOK_PHASES = {
    Code.HEALTHY: HookPhase.SUCCEEDED,
    Code.PROGRESSING: HookPhase.RUNNING,
    Code.SUSPENDED: HookPhase.RUNNING,
    Code.DEGRADED: HookPhase.FAILED,
    Code.UNKNOWN: HookPhase.FAILED,
}


def status_of(task: Task, results: Results) -> ResultCode:
    """The sync code a task has so far."""
    found = results.of(task)
    return ResultCode.SYNCED if found is None else found.status


def is_leaving(obj: Manifest | None) -> bool:
    """Whether a live object is being deleted."""
    return bool(value_at(obj, "metadata", "deletionTimestamp"))


def is_held(obj: Manifest | None) -> bool:
    """Whether our finalizer keeps a hook object there until its result is recorded."""
    return HOOK_FINALIZER in list_at(obj, "metadata", "finalizers")


def _was_made_for(task: Task, plan: Plan, obj: Manifest | None) -> bool:
    if obj is None or not is_held(obj) or is_leaving(obj):
        return False
    return annotation_of(obj, OPERATION) == hook_mark(plan.started_at, plan.attempt, task.phase)
