"""Tells why an application that nobody syncs is not as Git says, field by field.

Invariant: it is told once for what differs as it is; nobody is asked for it, and no value of a Secret told.
"""

from __future__ import annotations

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.explain import explanations
from fairlead.app_controller.comparing.item import Comparison, Item, Subject
from fairlead.app_controller.reporting.tell import Teller
from fairlead.events import PublicEventType
from fairlead.events.story import ExplainedData, ExplainedResource
from fairlead.manifest.digest import digest
from fairlead.model.status import SyncCode

MAX_OBJECTS = 20
"""Objects of one event."""
MAX_FIELDS = 10
"""Fields of one object."""


def unexplained(comparison: Comparison, waits_for: str = "") -> str:
    """A name for what differs as it is now, and for what is waited for; "" for nothing."""
    if comparison.code is not SyncCode.OUT_OF_SYNC:
        return ""
    return digest([waits_for, *(_version(item) for item in comparison.items if _differs(item))])


async def tell_explained(
    teller: Teller,
    record: Record,
    subject: Subject,
    comparison: Comparison,
    hidden: tuple[str, ...],
    *,
    waits_for: str = "",
) -> None:
    """Which objects, and which fields of them; `waits_for` says what keeps it from being synced."""
    differing = [item for item in comparison.items if _differs(item)]
    told = [await _told(subject, item, hidden) for item in differing[:MAX_OBJECTS]]
    data = ExplainedData(
        revisions=record.render.revisions if record.render is not None else (),
        objects=tuple(told),
        more=max(0, len(differing) - MAX_OBJECTS),
        waits_for=waits_for,
    )
    await teller.public(record, PublicEventType.APP_EXPLAINED, data)


async def _told(subject: Subject, item: Item, hidden: tuple[str, ...]) -> ExplainedResource:
    found = await explanations(subject, item, hidden, may_ask=False)
    return ExplainedResource(
        group=item.key.group,
        kind=item.key.kind,
        namespace=item.key.namespace,
        name=item.key.name,
        reason=item.outcome.reason.value if item.outcome is not None else "",
        fields=found[:MAX_FIELDS],
        more=max(0, len(found) - MAX_FIELDS),
    )


def _differs(item: Item) -> bool:
    return item.outcome is not None and item.outcome.status is SyncCode.OUT_OF_SYNC


def _version(item: Item) -> tuple[str, str, str]:
    desired = item.desired.digest if item.desired is not None else ""
    return str(item.key), desired, item.live.resource_version if item.live is not None else ""
