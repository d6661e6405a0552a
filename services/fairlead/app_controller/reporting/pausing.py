"""Says of an application that it is paused, and until when; and to the world, when that begins and ends.

Invariant: the condition of the status is what was told last: it is told first, and written then, so that who
ends in between tells it again rather than never.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.item import Comparison, Remark
from fairlead.app_controller.reporting.conditions import refreshed
from fairlead.app_controller.reporting.drift import MAX_NAMED, differing
from fairlead.app_controller.reporting.tell import Teller
from fairlead.events import PublicEventType
from fairlead.events.story import PauseData, PausedData, ResumedData
from fairlead.matching.pauses import last_end, words
from fairlead.model.status import ApplicationStatus, ConditionType, SyncCode
from fairlead.rpc.waiting import Paused

TYPE = ConditionType.PAUSED_WARNING


def paused_words(pauses: Sequence[Paused]) -> str:
    """What a condition says of pauses, "" for none."""
    if not pauses:
        return ""
    is_frozen = any(one.frozen for one in pauses)
    what = "nothing is synced or healed" + ("" if is_frozen else " by itself")
    return f"{words(pauses)}. Until then {what}."


def shown_of(status: ApplicationStatus) -> str:
    """What a status says of pauses, or ""."""
    return next((item.message for item in status.conditions if item.type == TYPE), "")


def with_pauses(status: ApplicationStatus, pauses: Sequence[Paused]) -> ApplicationStatus:
    """The status with the one condition there is, or without any."""
    text = paused_words(pauses)
    if text == shown_of(status):
        return status
    found = [Remark(TYPE, text)] if text else []
    return msgspec.structs.replace(status, conditions=refreshed(status.conditions, found, (TYPE,)))


async def tell_pauses(
    teller: Teller, record: Record, comparison: Comparison, pauses: Sequence[Paused], *, reverts: bool
) -> None:
    """What began or ended since the status was written; `reverts`: what differs is synced at once."""
    before, text = shown_of(record.app.status), paused_words(pauses)
    if text == before:
        return
    if text:
        teller.note(record, "Paused", text, warning=False)
        data = PausedData(
            message=text,
            until=last_end(pauses),
            frozen=any(one.frozen for one in pauses),
            pauses=tuple(_said(one) for one in pauses),
        )
        await teller.public(record, PublicEventType.APP_PAUSED, data)
        return
    names = differing(comparison) if comparison.code is SyncCode.OUT_OF_SYNC else ()
    teller.note(record, "Resumed", f"no longer {before}", warning=False)
    ended = ResumedData(message=before, count=len(names), reverted=reverts, resources=names[:MAX_NAMED])
    await teller.public(record, PublicEventType.APP_RESUMED, ended)


def _said(pause: Paused) -> PauseData:
    return PauseData(
        scope=pause.scope,
        name=pause.name,
        until=pause.until,
        by=pause.by,
        reason=pause.reason,
        frozen=pause.frozen,
    )
