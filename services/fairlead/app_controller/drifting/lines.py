"""Changes as they are kept: made of what was found, and judged by what the object is now.

Invariant: pure; what nobody knows is not said.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.comparing.item import Item
from fairlead.app_controller.drifting.changes import Steps, is_ours, place_of, reach
from fairlead.app_controller.drifting.journal import shortened
from fairlead.diff.fieldset import MISSING
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.secret import SECRET
from fairlead.model.drift import DriftEnd, DriftEntry
from fairlead.model.explanation import Explanation
from fairlead.model.status import SyncCode
from fairlead.rpc.drift import KeptLine


def entry_of(key: ResourceKey, *, at: str, seen: str, late: bool = False) -> DriftEntry:
    """The deletion of an object."""
    return DriftEntry(
        group=key.group,
        kind=key.kind,
        namespace=key.namespace,
        name=key.name,
        at=at,
        seen=seen,
        late=late,
    )


def told_entry(key: ResourceKey, told: Explanation, *, seen: str, late: bool = False) -> DriftEntry:
    """The change of a field."""
    return msgspec.structs.replace(
        entry_of(key, at=told.since or seen, seen=seen, late=late),
        field=told.path,
        old=told.desired,
        new=told.live,
        manager=told.manager,
        operation=told.operation,
        subresource=told.subresource,
    )


def line_of(item: Item, entry: DriftEntry, place: Steps = ()) -> KeptLine:
    """A change as it is kept."""
    return KeptLine(entry=entry, place=place, wanted=_digest(item))


def is_synced(item: Item) -> bool:
    """Whether an object is as Git says."""
    return item.outcome is not None and item.outcome.status is SyncCode.SYNCED


def _digest(item: Item) -> str:
    return item.desired.digest if item.desired is not None else ""


def end_of(line: KeptLine, item: Item | None, live: LiveObject | None) -> DriftEnd:
    """What became of a change; OPEN while the object is not as Git says, or nobody knows."""
    if item is None or not item.is_wanted:
        return DriftEnd.GONE if line.entry.field else DriftEnd.ACCEPTED
    if not is_synced(item) or live is None:
        return DriftEnd.OPEN
    if not line.entry.field:
        return DriftEnd.HEALED
    if not line.place or item.key.group_kind == SECRET or not live.is_whole:
        is_other = item.desired is not None and item.desired.digest != line.wanted
        return DriftEnd.ACCEPTED if is_other else DriftEnd.HEALED
    found, place = live.decoded(), place_of(line.place)
    value = reach(found, place)
    if _text(value) == line.entry.new:
        return DriftEnd.ACCEPTED
    return DriftEnd.HEALED if is_ours(found, place) or value is MISSING else DriftEnd.REVERTED


def _text(value: object) -> str:
    return "" if value is MISSING else shortened(msgspec.json.encode(value).decode())
