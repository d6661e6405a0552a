"""The ends of a sync: success, failure with its SyncFail hooks, and the ends before the end.

Invariant: an end leaves no hook held that was begun, and a hook that works is stopped only when the end was
asked for or its time is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

import msgspec

from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import HookPhase, OperationPhase, ResultCode, SyncPhase
from fairlead.sync import messages
from fairlead.sync.hooks import DeletePolicy, delete_policies
from fairlead.sync.observe import Live, adopted, is_held, is_leaving, status_of
from fairlead.sync.plan import Plan
from fairlead.sync.step import Step
from fairlead.sync.task import Results, Task, TaskId


def terminate(plan: Plan, results: Results, live: Live, *, by_timeout: bool = False) -> Step:
    """The end on request, or when the time of the whole operation is over."""
    text = messages.TERMINATED + (messages.BY_TIMEOUT if by_timeout else "")
    return stop(plan, results, live, text)


def may_stop(plan: Plan, step: Step, stuck: Set[TaskId] = frozenset()) -> bool:
    """Whether a sync may stop instead of taking ``step``, for a commit that makes it pointless.

    Not where it ends by itself, and never while a hook works; ``stuck`` are hooks that cannot begin to.
    """
    results = step.results
    if step.is_final or any(results.has_failed(task) for task in plan.tasks):
        return False
    return not any(task.is_hook and results.is_running(task) and task.id not in stuck for task in plan.tasks)


def stop(plan: Plan, results: Results, live: Live, text: str) -> Step:
    """The end before the end: running hooks are released and deleted, unrecorded ones too."""
    results = adopted(plan, results, live)
    stopped = [task for task in plan.tasks if task.is_hook and results.is_running(task)]
    keys = tuple(task.key for task in stopped if task.key in live)
    records = [
        task.result(status_of(task, results), HookPhase.FAILED, messages.HOOK_TERMINATED) for task in stopped
    ]
    return Step(
        phase=OperationPhase.FAILED,
        message=text,
        results=results.plus(records),
        release=_all_hooks(plan, results),
        delete_hooks=keys,
    )


def give_up(
    plan: Plan, results: Results, live: Live, given_up: list[Task], late: Mapping[TaskId, str]
) -> Step:
    """The failure of tasks that were waited for too long; hooks among them are not left running."""
    failed = [task.result(ResultCode.SYNC_FAILED, HookPhase.FAILED, late[task.id]) for task in given_up]
    running = [task.key for task in given_up if task.is_hook and results.is_running(task)]
    step = fail(plan, results.plus(failed), live, messages.COMPLETED_UNSUCCESSFULLY)
    held = (key for key in running if is_held(live.get(key)))
    ended = (key for key in running if key in live and not is_leaving(live[key]))
    return msgspec.structs.replace(
        step,
        release=tuple(dict.fromkeys((*step.release, *held))),
        delete_hooks=tuple(dict.fromkeys((*step.delete_hooks, *ended))),
    )


def succeed(plan: Plan, results: Results, live: Live, message: str) -> Step:
    return Step(
        phase=OperationPhase.SUCCEEDED,
        message=message,
        results=results,
        release=_all_hooks(plan, results),
        delete_hooks=_hooks_with(DeletePolicy.SUCCEEDED, plan, results, live),
    )


def fail(plan: Plan, results: Results, live: Live, message: str) -> Step:
    """Run the SyncFail hooks, or end when there are none or they are done."""
    text = messages.with_reasons(message, [r for r in results if r.status is ResultCode.SYNC_FAILED])
    rescue = [task for task in plan.tasks if task.phase is SyncPhase.SYNC_FAIL]
    pending = [task for task in rescue if results.is_pending(task)]
    if pending:
        return _rescue(plan, results, live, pending)
    failed = [record for task in rescue if results.has_failed(task) and (record := results.of(task))]
    return Step(
        phase=OperationPhase.FAILED,
        message=messages.with_failed_hooks(text, failed) if failed else text,
        results=results,
        release=_all_hooks(plan, results),
        delete_hooks=_hooks_with(DeletePolicy.FAILED, plan, results, live),
    )


def _rescue(plan: Plan, results: Results, live: Live, pending: list[Task]) -> Step:
    old = [task for task in pending if must_go_first(task, live)]
    if old:
        return remove_old_hooks(old, results, live)
    return Step(
        message=messages.TASKS_RUNNING,
        results=results,
        release=to_release(plan, results, live),
        apply=tuple(pending),
    )


def _hooks_with(policy: DeletePolicy, plan: Plan, results: Results, live: Live) -> tuple[ResourceKey, ...]:
    keys = [
        task.key
        for task in plan.tasks
        if task.is_hook
        and task.desired is not None
        and is_done(task, results)
        and task.key in live
        and policy in delete_policies(task.desired.marks.outline)
    ]
    return tuple(dict.fromkeys(keys))


def to_release(plan: Plan, results: Results, live: Live) -> tuple[ResourceKey, ...]:
    """Hooks that are done and still held by our finalizer."""
    busy = {task.key for task in plan.tasks if results.is_running(task)}
    keys = [
        task.key
        for task in plan.tasks
        if task.is_hook and task.key not in busy and is_done(task, results) and is_held(live.get(task.key))
    ]
    return tuple(dict.fromkeys(keys))


def _all_hooks(plan: Plan, results: Results) -> tuple[ResourceKey, ...]:
    """Every hook that was begun: an operation that ends leaves none of them held, running ones included."""
    begun_ones = [task.key for task in plan.tasks if task.is_hook and not results.is_pending(task)]
    return tuple(dict.fromkeys(begun_ones))


def is_done(task: Task, results: Results) -> bool:
    return not results.is_pending(task) and not results.is_running(task)


def must_go_first(task: Task, live: Live) -> bool:
    """Whether an old hook object has to vanish before the new one is made."""
    obj = live.get(task.key)
    if obj is None or not task.is_hook or task.desired is None:
        return False
    return is_leaving(obj) or DeletePolicy.BEFORE_CREATION in delete_policies(task.desired.marks.outline)


def remove_old_hooks(old: list[Task], results: Results, live: Live) -> Step:
    return Step(
        message=messages.waiting_for_deletion(old),
        results=results,
        awaits=tuple(old),
        release=tuple(task.key for task in old if is_held(live[task.key])),
        delete_hooks=tuple(task.key for task in old if not is_leaving(live[task.key])),
    )
