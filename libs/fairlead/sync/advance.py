"""What to do next in a running sync, and what came of it.

The controller's loop: ``refuse``, ``begin`` once, then ``advance`` → carry the step out → ``settle`` →
write the status, until the step is final. After a step that applied or pruned, ``advance`` again (a
wave's pause later); after any other, wait until a live object changes. Every call gets all state as
arguments, so the loop may stop and go on anywhere.

Invariant: a phase or wave never starts before the one before it is done, and a hook is created at most once
an operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Final

import msgspec

from fairlead.health import assess
from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import HookPhase, OperationPhase, ResourceResult, ResultCode, SyncPhase
from fairlead.sync import messages
from fairlead.sync.endings import (
    fail,
    give_up,
    is_done,
    must_go_first,
    remove_old_hooks,
    succeed,
    to_release,
)
from fairlead.sync.observe import AssessHealth, Live, View, adopted, is_leaving, observed
from fairlead.sync.options import Removal, prune_rule
from fairlead.sync.phases import rank_of
from fairlead.sync.plan import Plan
from fairlead.sync.prune import Refusal
from fairlead.sync.step import Begin, Step
from fairlead.sync.task import Results, Task, TaskId

_NONE: Final[Mapping[ResourceKey, str]] = {}
_NONE_LATE: Final[Mapping[TaskId, str]] = {}


def begin(plan: Plan, results: Results) -> Begin | None:
    """What to do first, or None when this operation has been begun before."""
    if results:
        return None
    return Begin(
        namespace=plan.namespace, dry_run=tuple(task for task in plan.tasks if not task.skip_dry_run)
    )


def refuse(plan: Plan, results: Results) -> Step | None:
    """The end of a sync that may not run at all, or None when it may."""
    if plan.operation.sync is None:
        return Step(phase=OperationPhase.ERROR, message=messages.INVALID_OPERATION, results=results)
    if not plan.problems:
        return None
    message = messages.invalid_tasks(problem.message for problem in plan.problems)
    return Step(phase=OperationPhase.FAILED, message=message, results=results.plus(plan.problems))


def begun(plan: Plan, *, namespace: ResourceResult | None, dry_run: Iterable[ResourceResult]) -> Step | None:
    """What came of the beginning: the end of a failed or of a dry-run operation, or None to go on.

    The namespace's record is to be put into the results in any case.
    """
    first = [namespace] if namespace is not None else []
    if namespace is not None and namespace.status is ResultCode.SYNC_FAILED:
        message = messages.with_reasons(messages.NAMESPACE_FAILED, first)
        return Step(phase=OperationPhase.FAILED, message=message, results=Results(first))
    tried = list(dry_run)
    failed = [result for result in tried if result.status is ResultCode.SYNC_FAILED]
    if failed:
        results = Results([*first, *tried])
        return Step(phase=OperationPhase.FAILED, message=messages.FAILED_DRY_RUN, results=results)
    if plan.sync.dry_run:
        done = [msgspec.structs.replace(result, hook_phase=HookPhase.SUCCEEDED) for result in tried]
        results = Results([*first, *done])
        return Step(phase=OperationPhase.SUCCEEDED, message=messages.NO_MORE_TASKS, results=results)
    return None


def advance(
    plan: Plan,
    results: Results,
    live: Live,
    *,
    approved_at: datetime | None = None,
    unseen: Set[ResourceKey] = frozenset(),
    versions: Mapping[ResourceKey, str] = _NONE,
    late: Mapping[TaskId, str] = _NONE_LATE,
    health: AssessHealth = assess,
) -> Step:
    """The next step.

    ``live`` is what the watch shows now. ``unseen`` are objects this operation applied that the watch may not
    have shown yet, so that they are not taken for deleted; ``versions`` are the resource versions its applies
    returned, so that nothing is judged by an older state. ``approved_at`` is the approval's time. ``late``
    are tasks that were waited for too long, with what to say of each: those that still are have failed.
    """
    view = View(live, health, unseen, versions)
    results = adopted(plan, results, live)
    while True:
        results = results.plus(observed(plan, results, view))
        step = _next(plan, results, live, approved_at)
        given_up = [task for task in step.awaits if task.id in late and not step.awaits_person]
        if given_up:
            return give_up(plan, results, live, given_up, late)
        if step.changes_objects or step.is_final or step.results.resources == results.resources:
            return step
        results = step.results  # a wave of which nothing is left to do


def _next(plan: Plan, results: Results, live: Live, approved_at: datetime | None) -> Step:
    waiting = _waiting(plan, results, live)
    if waiting is not None:
        return waiting
    ordinary = [task for task in plan.tasks if task.phase is not SyncPhase.SYNC_FAIL]
    if any(results.has_failed(task) for task in ordinary):
        return fail(plan, results, live, messages.COMPLETED_UNSUCCESSFULLY)
    pending = [task for task in ordinary if results.is_pending(task)]
    if not pending:
        return succeed(plan, results, live, messages.NO_MORE_TASKS)
    ready = [task for task in pending if not plan.is_held(task)]
    if plan.held is not None and not ready:
        return Step(message=plan.held.message, results=results, awaits=tuple(pending), awaits_person=True)
    return _run_wave(plan, results, live, ready, approved_at, is_all=len(ready) == len(pending))


def settle(plan: Plan, step: Step, outcomes: Iterable[ResourceResult], live: Live) -> Step:
    """What a step that was carried out amounts to: the end, or what is waited for now.

    ``outcomes`` are the records of its prunes and applies, and of hooks that could not be freed or removed;
    ``live`` may be as old as the step. What comes back may itself have work (SyncFail hooks to run, hooks to
    free or remove) and is carried out like any other step.
    """
    made = list(outcomes)
    results = step.results.plus(made)
    if step.is_final:
        return msgspec.structs.replace(step, results=results)
    tasks = (*step.apply, *step.prune)
    if any(task.phase is SyncPhase.SYNC_FAIL for task in tasks):
        return Step(message=messages.waiting_to_finish(tasks), results=results, awaits=tuple(tasks))
    if any(record.hook_phase in (HookPhase.FAILED, HookPhase.ERROR) for record in made):
        return fail(plan, results, live, messages.FAILED_TO_APPLY)
    if not tasks:
        return msgspec.structs.replace(step, results=results)
    hooks = [task for task in step.apply if task.is_hook]
    if step.is_last_wave and not hooks:
        return succeed(plan, results, live, messages.ALL_TASKS_RUN)
    remaining = [t for t in plan.tasks if t.phase is not SyncPhase.SYNC_FAIL and not is_done(t, results)]
    text = messages.waiting_to_finish(remaining) if remaining else messages.TASKS_RUNNING
    awaits = tuple(task for task in remaining if results.is_running(task))
    return Step(message=text, results=results, awaits=awaits)


def _waiting(plan: Plan, results: Results, live: Live) -> Step | None:
    """What has to come to an end before anything new may start."""
    stepwise = plan.is_stepwise
    running = [t for t in plan.tasks if (stepwise or t.is_hook) and not t.is_prune and results.is_running(t)]
    if running:
        text = messages.waiting_to_finish(running)
        return Step(
            message=text,
            results=results,
            release=to_release(plan, results, live),
            awaits=tuple(running),
        )
    leaving = [
        task
        for task in plan.tasks
        if task.is_prune and not results.is_pending(task) and is_leaving(live.get(task.key))
    ]
    if leaving:
        text = messages.waiting_for_deletion(leaving)
        return Step(message=text, results=results, awaits=tuple(leaving))
    return None


def _run_wave(
    plan: Plan,
    results: Results,
    live: Live,
    pending: list[Task],
    approved_at: datetime | None,
    *,
    is_all: bool,
) -> Step:
    first = min(pending, key=lambda task: (rank_of(task.phase), task.wave))
    wave = [task for task in pending if (task.phase, task.wave) == (first.phase, first.wave)]
    prunes = [task for task in wave if task.is_prune]
    unconfirmed = [task for task in prunes if _lacks_approval(plan, task, approved_at)]
    if unconfirmed:
        text = messages.waiting_for(messages.PRUNING_CONFIRMATION, unconfirmed)
        return Step(message=text, results=results, awaits=tuple(unconfirmed), awaits_person=True)
    old = [task for task in wave if must_go_first(task, live)]
    if old:
        return remove_old_hooks(old, results, live)
    known = {task.id: record for task in wave if (record := _without_request(plan, task, live)) is not None}
    results = results.plus(known.values())
    todo = [task for task in wave if task.id not in known]
    is_last = is_all and len(wave) == len(pending)
    if is_last and not todo:
        return succeed(plan, results, live, messages.ALL_TASKS_RUN)
    return Step(
        message=messages.TASKS_RUNNING,
        results=results,
        release=to_release(plan, results, live),
        prune=tuple(task for task in todo if task.is_prune),
        apply=tuple(task for task in todo if not task.is_prune),
        is_last_wave=is_last,
    )


def _without_request(plan: Plan, task: Task, live: Live) -> ResourceResult | None:
    """The record of a task that needs no request, or None when it needs one."""
    if not task.is_prune:
        return task.applied(messages.resource_text(task.key, "unchanged")) if task.in_sync else None
    known = kept(plan, task)
    if known is None and (task.key not in live or is_leaving(live[task.key])):
        return task.pruned(messages.PRUNED)
    return known


def _lacks_approval(plan: Plan, task: Task, approved_at: datetime | None) -> bool:
    if task.live is None or prune_rule(plan.options, task.live) is not Removal.CONFIRM:
        return False
    return approved_at is None or approved_at.timestamp() < plan.started_at


def kept(plan: Plan, task: Task) -> ResourceResult | None:
    """The record of an object that is not pruned, or None when it is."""
    if not plan.sync.prune:
        text = messages.REQUIRES_PRUNING
    elif not (decision := plan.decisions[task.key]).allowed:
        told = decision.reason is Refusal.NEVER
        text = messages.NO_PRUNE if told else f"{messages.NO_PRUNE}: {decision.reason}"
    else:
        return None
    return task.result(ResultCode.PRUNE_SKIPPED, HookPhase.SUCCEEDED, text)
