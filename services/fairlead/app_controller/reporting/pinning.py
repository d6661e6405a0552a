"""Says of an application that it is pinned, and to the world, when that begins and ends.

Invariant: the condition of the status is what was told last: it is told first, and written then.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.reporting.conditions import refreshed
from fairlead.app_controller.reporting.tell import Teller
from fairlead.events import PublicEventType
from fairlead.events.story import PinData
from fairlead.matching.pins import words
from fairlead.model.status import ApplicationStatus, ConditionType
from fairlead.rpc.waiting import Pinned

TYPE = ConditionType.PINNED_WARNING


def pinned_words(pin: Pinned | None) -> str:
    """What a condition says of a pin, "" for none."""
    return (
        ""
        if pin is None or pin.problem
        else f"{words(pin)}. It is healed to that, and follows nothing newer."
    )


def with_pin(status: ApplicationStatus, pin: Pinned | None) -> ApplicationStatus:
    """The status with the one condition there is, or without any."""
    text = pinned_words(pin)
    if text == _shown(status):
        return status
    found = [Remark(TYPE, text)] if text else []
    return msgspec.structs.replace(status, conditions=refreshed(status.conditions, found, (TYPE,)))


async def tell_pin(teller: Teller, record: Record, pin: Pinned | None) -> None:
    """What began or ended since the status was written."""
    before, text = _shown(record.app.status), pinned_words(pin)
    if text == before:
        return
    if pin is not None and text:
        teller.note(record, "Pinned", text)
        data = PinData(message=text, revisions=pin.revisions, until=pin.until, by=pin.by, reason=pin.reason)
        await teller.public(record, PublicEventType.APP_PINNED, data)
        return
    teller.note(record, "Unpinned", f"no longer {before}")
    revisions = record.render.revisions if record.render is not None else ()
    await teller.public(record, PublicEventType.APP_UNPINNED, PinData(message=before, revisions=revisions))


def _shown(status: ApplicationStatus) -> str:
    return next((item.message for item in status.conditions if item.type == TYPE), "")
