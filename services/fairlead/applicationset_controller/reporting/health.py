"""The health of a set, from its conditions (contract 4, set health; the first match counts)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fairlead.model.applicationset import ApplicationSetCondition, ConditionStatus
from fairlead.model.applicationset import ApplicationSetConditionType as Kind
from fairlead.model.status import HealthCode, HealthStatus
from fairlead.model.times import stamp

_ORDER = (
    (Kind.ERROR_OCCURRED, HealthCode.DEGRADED),
    (Kind.ROLLOUT_PROGRESSING, HealthCode.PROGRESSING),
    (Kind.RESOURCES_UP_TO_DATE, HealthCode.HEALTHY),
)


def health(conditions: Iterable[ApplicationSetCondition]) -> HealthStatus:
    """Health without a time."""
    found = {item.type: item for item in conditions}
    if not found:
        return HealthStatus(
            status=HealthCode.UNKNOWN, message="No status conditions found for ApplicationSet"
        )
    for kind, code in _ORDER:
        item = found.get(kind)
        if item is not None and item.status is ConditionStatus.TRUE:
            return HealthStatus(status=code, message=item.message)
    return HealthStatus(status=HealthCode.UNKNOWN, message="Waiting for health status to be determined")


def since(before: HealthStatus, now: HealthStatus) -> HealthStatus:
    """The health of now; its time is that of the last change of the code."""
    kept = before.last_transition_time if before.status is now.status else None
    return msgspec.structs.replace(now, last_transition_time=kept or stamp())
