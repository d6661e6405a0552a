"""Says what of an application's prunes waits for a person: its condition, and to the world.

Invariant: the condition of one list is one text, so that it keeps its time and is told once.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.reporting.conditions import refreshed
from fairlead.app_controller.reporting.tell import Teller
from fairlead.events import PublicEventType
from fairlead.events.story import PruneHeldData, ResourceName
from fairlead.model.status import ApplicationStatus, ConditionType
from fairlead.sync.guard import Held, is_same_list

TYPE = ConditionType.PRUNE_GUARD_WARNING


def shown_of(status: ApplicationStatus) -> str:
    """The condition that tells of what waits, or ""."""
    return next((item.message for item in status.conditions if item.type == TYPE), "")


def with_held(status: ApplicationStatus, held: Held | None) -> ApplicationStatus:
    """The status with the one condition there is, or without any."""
    shown = shown_of(status)
    if held is None and not shown:
        return status
    if held is not None and is_same_list(held, shown):
        return status
    found = [Remark(TYPE, held.condition)] if held is not None else []
    return msgspec.structs.replace(status, conditions=refreshed(status.conditions, found, (TYPE,)))


async def tell_held(teller: Teller, record: Record, held: Held, revisions: tuple[str, ...]) -> None:
    """A list of objects waits that was not told of before."""
    teller.note(record, "PruneHeld", held.condition, warning=True)
    names = tuple(
        ResourceName(group=key.group, kind=key.kind, namespace=key.namespace, name=key.name)
        for key in held.named
    )
    data = PruneHeldData(
        revisions=revisions, count=len(held.keys), objects=held.going + held.staying, resources=names
    )
    await teller.public(record, PublicEventType.APP_PRUNE_HELD, data)
