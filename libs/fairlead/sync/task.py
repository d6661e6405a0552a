"""One thing a sync does to one object in one phase, and the record of what came of it.

Invariant: a task is named by key and phase; its record in ``syncResult.resources`` has the same name, which
is how a restarted controller finds out what it had already done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from fairlead.manifest.fields import Manifest
from fairlead.manifest.identity import GroupVersionKind, ResourceKey
from fairlead.manifest.prepare import Desired
from fairlead.model.sync import HookPhase, HookType, ResourceResult, ResultCode, SyncPhase

DONE = frozenset({HookPhase.SUCCEEDED, HookPhase.FAILED, HookPhase.ERROR})


class TaskId(NamedTuple):
    """Which task: one object may be worked on in several phases."""

    key: ResourceKey
    phase: SyncPhase


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Apply ``desired``, or prune ``live`` when there is nothing desired.

    ``in_sync`` means that applying would change nothing, so no request is needed.
    """

    key: ResourceKey
    gvk: GroupVersionKind
    phase: SyncPhase
    wave: int = 0
    desired: Desired | None = None
    live: Manifest | None = None
    hook_type: HookType = HookType.UNSET
    in_sync: bool = False
    skip_dry_run: bool = False

    @property
    def id(self) -> TaskId:
        """The task's name."""
        return TaskId(self.key, self.phase)

    @property
    def is_hook(self) -> bool:
        """Whether the object is a hook."""
        return bool(self.hook_type)

    @property
    def is_prune(self) -> bool:
        """Whether the object is to be removed."""
        return self.desired is None

    def result(self, status: ResultCode, hook_phase: HookPhase, message: str = "") -> ResourceResult:
        """The record of this task."""
        return ResourceResult(
            group=self.gvk.group,
            version=self.gvk.version,
            kind=self.gvk.kind,
            namespace=self.key.namespace,
            name=self.key.name,
            status=status,
            message=message,
            hook_type=self.hook_type,
            hook_phase=hook_phase,
            sync_phase=self.phase,
        )

    def applied(self, message: str) -> ResourceResult:
        """The record of an apply that worked; whether it gets healthy is open."""
        return self.result(ResultCode.SYNCED, HookPhase.RUNNING, message)

    def pruned(self, message: str) -> ResourceResult:
        """The record of a deletion that was asked for."""
        return self.result(ResultCode.PRUNED, HookPhase.SUCCEEDED, message)

    def failed(self, message: str) -> ResourceResult:
        """The record of a request that was refused."""
        return self.result(ResultCode.SYNC_FAILED, HookPhase.FAILED, message)


class Results:
    """``syncResult.resources`` by task, in the order of execution."""

    def __init__(self, resources: Iterable[ResourceResult] = ()) -> None:
        self._by_id = {_id_of(result): result for result in resources}

    def __iter__(self) -> Iterator[ResourceResult]:
        """The records in the order of execution."""
        return iter(self._by_id.values())

    def __bool__(self) -> bool:
        """Whether anything was done yet."""
        return bool(self._by_id)

    def of(self, task: Task) -> ResourceResult | None:
        """A task's record, if it was begun."""
        return self._by_id.get(task.id)

    def phase_of(self, task: Task) -> HookPhase:
        """How far a task is; unset before it began."""
        found = self._by_id.get(task.id)
        return HookPhase.UNSET if found is None else found.hook_phase

    def is_pending(self, task: Task) -> bool:
        """Whether a task has not begun."""
        return self.phase_of(task) is HookPhase.UNSET

    def is_running(self, task: Task) -> bool:
        """Whether a task has begun and its outcome is open."""
        return self.phase_of(task) in (HookPhase.RUNNING, HookPhase.TERMINATING)

    def has_failed(self, task: Task) -> bool:
        """Whether a task ended badly."""
        return self.phase_of(task) in (HookPhase.FAILED, HookPhase.ERROR)

    def plus(self, changes: Iterable[ResourceResult]) -> Results:
        """These records with changes merged in; where one has no message or images, the older stay."""
        merged = Results()
        merged._by_id = dict(self._by_id)
        for change in changes:
            before = merged._by_id.get(_id_of(change))
            merged._by_id[_id_of(change)] = change if before is None else _laid_over(before, change)
        return merged

    @property
    def resources(self) -> tuple[ResourceResult, ...]:
        """The records as ``syncResult`` keeps them."""
        return tuple(self._by_id.values())


def _laid_over(before: ResourceResult, change: ResourceResult) -> ResourceResult:
    message, images = change.message or before.message, change.images or before.images
    return msgspec.structs.replace(change, message=message, images=images)


def _id_of(result: ResourceResult) -> TaskId:
    key = ResourceKey(result.group, result.kind, result.namespace, result.name)
    return TaskId(key, result.sync_phase)
