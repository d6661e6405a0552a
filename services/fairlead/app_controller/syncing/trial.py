"""What a sync tries by dry run: all of it when it asks for no more, else before the first change (ADR 9).

Invariant: a trial changes nothing in the cluster. Written of an operation that asks for no more: its start,
before anything is tried; what came of it, by who evaluates.
"""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.app_controller.syncing.operation import Progress
from fairlead.app_controller.syncing.progress import Chronicle
from fairlead.app_controller.syncing.run import Run
from fairlead.model.sync import OperationPhase
from fairlead.sync import messages
from fairlead.sync.advance import begun
from fairlead.sync.plan import Plan, must_apply
from fairlead.sync.step import Begin
from fairlead.sync.task import Results, Task


async def only_tried(run: Run, chronicle: Chronicle, revisions: tuple[str, ...]) -> Progress:
    """An operation that asks for a dry run."""
    plan, carrier, attempt = run.plan, run.carrier, run.attempt
    await chronicle.write_start(attempt.record, attempt.status, attempt.state, revisions)
    namespace = await carrier.try_namespace(plan.namespace) if plan.namespace is not None else None
    outcomes = await carrier.try_out(task for task in plan.tasks if not task.skip_dry_run)
    step = begun(plan, namespace=namespace, dry_run=outcomes)
    if step is None:
        return await attempt.end(OperationPhase.SUCCEEDED, messages.NO_MORE_TASKS, Results(outcomes))
    return await attempt.end(step.phase, step.message, step.results)


async def refused_by_trial(run: Run, beginning: Begin) -> Progress | None:
    """The end of a sync of which something would be refused, before anything is changed, or None."""
    changing = [task for task in beginning.dry_run if not task.in_sync]
    if not needs_trial(run.plan, changing):
        return None
    outcomes = await run.carrier.try_out(task for task in changing if is_triable(run.plan, task))
    step = begun(run.plan, namespace=None, dry_run=outcomes)
    return None if step is None else await run.attempt.end(step.phase, step.message, step.results)


def needs_trial(plan: Plan, changing: Sequence[Task]) -> bool:
    """Whether everything is tried by dry run first: where something that was refused would leave a half.

    One object is tried by applying it, and where nothing of the application lives yet, nothing can be left
    half changed.
    """
    if not is_plain(plan):
        return bool(changing)
    return len(changing) > 1 and any(task.live is not None for task in plan.tasks)


def is_triable(plan: Plan, task: Task) -> bool:
    """Whether a dry run tells anything: not of what is to be made anew or replaced by an option."""
    if task.desired is None or task.live is None:
        return True
    return not task.is_hook and not must_apply(
        plan.operation, plan.options, task.desired.marks.outline, task.live
    )


def is_plain(plan: Plan) -> bool:
    """Whether a sync is one wave of ordinary objects, so that its order in time does not matter."""
    return not plan.is_stepwise and plan.namespace is None and not any(task.is_hook for task in plan.tasks)
