"""The conditions of an application: what is the case now, sorted, each with the time since it is.

Invariant: an entry whose type and message are unchanged keeps its time, so what did not move is not
written.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.app_controller.comparing.item import Remark
from fairlead.model.status import Condition, ConditionType
from fairlead.model.times import stamp

REFRESHED_TYPES = frozenset(
    {
        ConditionType.INVALID_SPEC_ERROR,
        ConditionType.COMPARISON_ERROR,
        ConditionType.UNKNOWN_ERROR,
        ConditionType.SHARED_RESOURCE_WARNING,
        ConditionType.REPEATED_RESOURCE_WARNING,
        ConditionType.EXCLUDED_RESOURCE_WARNING,
        ConditionType.ORPHANED_RESOURCE_WARNING,
        ConditionType.COPIED_RESOURCE_WARNING,
        ConditionType.UNHEEDED_WARNING,
    }
)
"""Those that every comparison decides anew; the others belong to automated sync and to deletion."""


def refreshed(
    before: tuple[Condition, ...], found: Iterable[Remark], types: Iterable[str] = REFRESHED_TYPES
) -> tuple[Condition, ...]:
    """The conditions after one stage that decides about `types`."""
    decided = set(types)
    kept = {(item.type, item.message): item for item in before if item.type not in decided}
    times = {(item.type, item.message): item.last_transition_time for item in before}
    for remark in found:
        name = (str(remark.type), remark.message)
        kept[name] = Condition(type=name[0], message=name[1], last_transition_time=times.get(name) or stamp())
    return tuple(kept[name] for name in sorted(kept))
