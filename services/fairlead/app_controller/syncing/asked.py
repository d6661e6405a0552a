"""What an application waits for, and what a person is asked, as its record says.

Invariant: read only; nothing is found out here, so that it may be asked at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import nsmallest
from typing import Final, Literal

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.syncing.operation import Execution
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION
from fairlead.model.sync import OperationPhase, OperationState
from fairlead.model.times import parsed, stamp
from fairlead.rpc.waiting import MAX_HELD, NOTHING_AWAITED, HeldBack, HeldObject, Outlook, Waiting
from fairlead.sync.errors import DurationError
from fairlead.sync.guard import CLAIM, NAMESPACE
from fairlead.sync.retry import due_at

Takes = Literal["", "contents", "instances", "data"]
_TAKES: Final[dict[GroupKind, Takes]] = {
    NAMESPACE: "contents",
    CUSTOM_RESOURCE_DEFINITION: "instances",
    CLAIM: "data",
}

_NONE: Final[Mapping[ResourceKey, int]] = {}


def outlook_of(record: Record) -> Outlook:
    """What the application waits for now."""
    found = _awaited(record)
    if not record.paused and record.pinned is None:
        return found
    return msgspec.structs.replace(found, paused=record.paused, pinned=record.pinned)


def _awaited(record: Record) -> Outlook:
    if record.app.is_deleting:
        return record.leaving
    execution, state = record.execution, record.app.status.operation_state
    if record.app.operation is None and record.depends is not None:
        return Outlook(waiting=record.depends)
    if execution is None or state is None or state.phase.is_final or record.app.operation is None:
        return NOTHING_AWAITED
    if state.started_at != execution.started_at:
        return NOTHING_AWAITED
    retry = _next_attempt(state)
    if retry is not None:
        return Outlook(waiting=retry)
    return Outlook(waiting=execution.waiting, held=_held(execution))


def held_objects(
    keys: Sequence[ResourceKey], along: Mapping[ResourceKey, int] = _NONE
) -> tuple[tuple[HeldObject, ...], int]:
    """The first of some objects in fields, and how many more there are; how many go `along` with each."""
    found = tuple(
        HeldObject(
            group=key.group,
            kind=key.kind,
            namespace=key.namespace,
            name=key.name,
            takes=_TAKES.get(key.group_kind, ""),
            along=along.get(key, 0),
        )
        for key in keys[:MAX_HELD]
    )
    return found, len(keys) - len(found)


def _next_attempt(state: OperationState) -> Waiting | None:
    """The attempt that was announced, with its time; None while one is under way."""
    finished = parsed(state.finished_at)
    if finished is None or state.phase is not OperationPhase.RUNNING:
        return None
    try:
        due = stamp(due_at(state.operation.retry, state.retry_count, finished))
    except DurationError:
        due = stamp(finished)
    return Waiting(reason="retry", started_at=state.started_at, attempt=state.retry_count, until=due)


def _held(execution: Execution) -> HeldBack | None:
    held, asked = execution.held, execution.unconfirmed
    if held is None:
        if not asked:
            return None
        objects, more = held_objects(asked)
        since = execution.started_at
        return HeldBack(what="prune", by="option", started_at=since, objects=objects, more=more, since=since)
    rest = nsmallest(MAX_HELD, held.keys.difference(held.named), key=str)
    objects, _ = held_objects((*held.named, *rest, *asked), held.along)
    return HeldBack(
        what="prune",
        by="share" if held.by_share else "kinds",
        started_at=execution.started_at,
        objects=objects,
        more=len(held.keys) + len(asked) - len(objects),
        going=held.going,
        living=held.going + held.staying,
        share=held.share,
        since=stamp(held.since),
        list=held.mark,
        refused="" if held.refused is None else stamp(held.refused),
        why=held.reason,
    )
