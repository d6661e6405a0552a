"""Says what an application waits for of those it depends on, and what is wrong with what it says of them.

Invariant: the same findings are the same conditions, so that they keep their times.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.reporting.conditions import refreshed
from fairlead.model.status import ApplicationStatus, ConditionType

TYPES = (ConditionType.DEPENDENCY_WARNING, ConditionType.DEPENDENCY_INFO)


def waits_text(text: str) -> str:
    """What is waited for, as people read it."""
    return f"waiting for what it depends on: {text}"


def with_dependencies(status: ApplicationStatus, remarks: Iterable[Remark], text: str) -> ApplicationStatus:
    """The status with what is wrong, and with what is waited for ("" for nothing)."""
    found = [*remarks, *([Remark(ConditionType.DEPENDENCY_INFO, waits_text(text))] if text else ())]
    if not found and not any(item.type in TYPES for item in status.conditions):
        return status
    conditions = refreshed(status.conditions, found, TYPES)
    return (
        status if conditions == status.conditions else msgspec.structs.replace(status, conditions=conditions)
    )


def waits_shown(status: ApplicationStatus) -> str:
    """What a status says that is waited for, or ""."""
    return next(
        (item.message for item in status.conditions if item.type == ConditionType.DEPENDENCY_INFO), ""
    )
