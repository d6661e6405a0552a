"""What an operation waits for in fields, as it is found while the operation is evaluated.

Invariant: the same wait is the same value, evaluation after evaluation, so that nobody is told of it twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from fairlead.model.sync import OperationState
from fairlead.model.times import parsed, stamp
from fairlead.rpc.waiting import MAX_AWAITED, Awaited, Hindrance, Waiting
from fairlead.sync.deadlines import Deadlines
from fairlead.sync.obstacle import Obstacle
from fairlead.sync.phases import rank_of
from fairlead.sync.step import Step
from fairlead.sync.task import Task, TaskId

What = Literal["health", "completion", "deletion", "confirmation"]


def waits_of(
    step: Step,
    state: OperationState,
    *,
    waited: Mapping[TaskId, float],
    kept_by: Mapping[TaskId, Obstacle],
    deadlines: Deadlines,
    before: Waiting | None,
) -> Waiting | None:
    """What a step waits for, None where it waits for nothing.

    `waited` are the seconds that each task was waited for; `before` is what was found the last time, whose
    moments stay. A person is asked for what the guard and the plan know.
    """
    if not step.awaits:
        return None
    first = min(step.awaits, key=lambda task: (rank_of(task.phase), task.wave))
    found = Waiting(
        reason="person" if step.awaits_person else "objects",
        started_at=state.started_at,
        phase=first.phase.value,
        wave=first.wave,
        attempt=state.retry_count,
    )
    if step.awaits_person:
        return found
    moments = _moments(before)
    hooks_first = sorted(step.awaits, key=lambda task: not task.is_hook)
    objects = []
    for task in hooks_first[:MAX_AWAITED]:
        one = _awaited(task, step)
        began = datetime.now(UTC) - timedelta(seconds=waited.get(task.id, 0.0))
        since = moments.get(_name(one)) or stamp(began)
        limit, obstacle = deadlines.of(task, step.results), kept_by.get(task.id)
        end = (parsed(since) or began) + timedelta(seconds=limit)
        objects.append(
            msgspec.structs.replace(
                one,
                since=since,
                until=stamp(end) if limit > 0 else "",
                by=None if obstacle is None else hindrance_of(obstacle),
            )
        )
    return msgspec.structs.replace(found, objects=tuple(objects), more=len(step.awaits) - len(objects))


def _moments(before: Waiting | None) -> dict[tuple[str, ...], str]:
    return {_name(one): one.since for one in before.objects} if before is not None else {}


def _name(one: Awaited) -> tuple[str, ...]:
    return (one.group, one.kind, one.namespace, one.name, one.phase, one.what)


def _awaited(task: Task, step: Step) -> Awaited:
    return Awaited(
        group=task.key.group,
        kind=task.key.kind,
        namespace=task.key.namespace,
        name=task.key.name,
        what=_what(task, step),
        hook=task.is_hook,
        phase=task.phase.value,
        wave=task.wave,
    )


def _what(task: Task, step: Step) -> What:
    if task.is_prune or not step.results.is_running(task):
        return "deletion"
    return "completion" if task.is_hook else "health"


def hindrance_of(obstacle: Obstacle) -> Hindrance:
    """What keeps an object, in fields."""
    return Hindrance(
        kind=obstacle.kind,
        name=obstacle.name,
        container=obstacle.container,
        reason=obstacle.reason,
        message=obstacle.words or ("" if obstacle.reason else obstacle.text),
    )
