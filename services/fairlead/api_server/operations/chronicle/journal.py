"""Drifts as the journal has them, which is kept longer than events and has those that no event told.

The invariant: a drift that an event told is not told again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from fairlead.api_server.operations.chronicle.told import ChangedObject, StoryItem
from fairlead.api_server.operations.chronicle.writing import MAX_OBJECTS
from fairlead.model.drift import DriftEnd, DriftEntry

NEAR = 10.0
"""Seconds between the event of a drift and what the journal says of it, at most."""


def drifts(entries: Iterable[DriftEntry], known: Sequence[StoryItem]) -> list[StoryItem]:
    """An item for the changes that were seen in one second, but for those that are known."""
    together: dict[str, list[DriftEntry]] = {}
    for entry in entries:
        together.setdefault(entry.seen[:19], []).append(entry)
    return [_item(some) for some in together.values() if not any(_is_of(item, some) for item in known)]


def _is_of(item: StoryItem, entries: Sequence[DriftEntry]) -> bool:
    if item.kind != "drift" or abs(_seconds(item.at, entries[0].seen)) > NEAR:
        return False
    names = {(one.kind, one.namespace, one.name) for one in item.objects}
    return any((entry.kind, entry.namespace, entry.name) in names for entry in entries)


def _item(entries: Sequence[DriftEntry]) -> StoryItem:
    first = entries[0]
    is_open = any(entry.end is DriftEnd.OPEN for entry in entries)
    ended = max((entry.ended for entry in entries), default="")
    return StoryItem(
        id=f"drift-{first.seen}",
        kind="drift",
        at=first.seen,
        status="running" if is_open else "done",
        by=next((entry.manager for entry in entries if entry.manager), ""),
        words="" if is_open else str(first.end),
        milliseconds=0.0 if is_open else max(0.0, 1000 * _seconds(first.seen, ended)),
        objects=[
            ChangedObject(
                group=entry.group,
                kind=entry.kind,
                namespace=entry.namespace,
                name=entry.name,
                field=entry.field,
                old=entry.old,
                new=entry.new,
                manager=entry.manager,
                operation=entry.operation,
                at=entry.at,
            )
            for entry in entries[:MAX_OBJECTS]
        ],
        attempts=max(entry.count for entry in entries),
    )


def _seconds(before: str, after: str) -> float:
    try:
        return (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
