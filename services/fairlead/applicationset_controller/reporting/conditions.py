"""The conditions of a set (contract 4).

Invariant: a condition that says what it said keeps its time, so nothing is written where nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from fairlead.model.applicationset import ApplicationSetCondition, ConditionStatus
from fairlead.model.applicationset import ApplicationSetConditionType as Kind
from fairlead.model.metadata import Time
from fairlead.model.times import stamp

UP_TO_DATE: Final = "ApplicationSetUpToDate"
ALL_GENERATED: Final = "All applications have been generated successfully"
GENERATED: Final = "ParametersGenerated"
ALL_PARAMETERS: Final = "All parameters have been generated successfully"
ERROR: Final = "ErrorOccurred"
VALIDATION: Final = "ApplicationValidationError"
CREATING: Final = "CreateApplicationError"
UPDATING: Final = "UpdateApplicationError"
DELETING: Final = "DeleteApplicationError"
REFRESHING: Final = "RefreshApplicationError"
KUBERNETES: Final = "KubernetesError"
"""Our own reason: the API server refused what a look needs."""
HELD: Final = "DeletionHeld"
"""The type and reason of the condition that tells which deletions wait for a person; our own."""
MOST_TEXT: Final = 4096
"""Characters of a message."""

TRUE, FALSE = ConditionStatus.TRUE, ConditionStatus.FALSE


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a set is not as it is to be."""

    reason: str
    message: str


def condition(kind: str, status: ConditionStatus, reason: str, message: str) -> ApplicationSetCondition:
    """A condition without a time."""
    return ApplicationSetCondition(
        type=kind, status=status, reason=reason, message=message[:MOST_TEXT].rstrip()
    )


def outcome(failure: Failure | None, *, generated: bool) -> list[ApplicationSetCondition]:
    """The three that every set has; `generated` tells whether its parameters are complete."""
    if failure is None:
        return [
            condition(Kind.ERROR_OCCURRED, FALSE, UP_TO_DATE, ALL_GENERATED),
            condition(Kind.PARAMETERS_GENERATED, TRUE, GENERATED, ALL_PARAMETERS),
            condition(Kind.RESOURCES_UP_TO_DATE, TRUE, UP_TO_DATE, ALL_GENERATED),
        ]
    parameters = (
        condition(Kind.PARAMETERS_GENERATED, TRUE, GENERATED, ALL_PARAMETERS)
        if generated
        else condition(Kind.PARAMETERS_GENERATED, FALSE, ERROR, failure.message)
    )
    return [
        condition(Kind.ERROR_OCCURRED, TRUE, failure.reason, failure.message),
        parameters,
        condition(Kind.RESOURCES_UP_TO_DATE, FALSE, ERROR, failure.message),
    ]


def troubled(before: Iterable[ApplicationSetCondition], failure: Failure) -> list[ApplicationSetCondition]:
    """What a set says whose look did not end: what that did not come to is as it was."""
    told = [
        condition(Kind.ERROR_OCCURRED, TRUE, failure.reason, failure.message),
        condition(Kind.RESOURCES_UP_TO_DATE, FALSE, ERROR, failure.message),
    ]
    kinds = {item.type for item in told}
    return [*told, *(item for item in before if item.type not in kinds)]


def refreshed(
    before: Iterable[ApplicationSetCondition], now: Iterable[ApplicationSetCondition]
) -> tuple[ApplicationSetCondition, ...]:
    """The conditions of now with the times of those that say what they said; those of others stay."""
    known = {item.type: item for item in before}
    moment = stamp()
    found = tuple(_timed(known.get(item.type), item, moment) for item in now)
    ours = {item.type for item in found} | OWN
    return (*found, *(item for kind, item in known.items() if kind not in ours))


OWN: Final = frozenset({*Kind, HELD})
"""The types that are ours to say, or to take away."""


def _timed(
    before: ApplicationSetCondition | None, item: ApplicationSetCondition, moment: Time
) -> ApplicationSetCondition:
    if before is not None and (before.status, before.reason, before.message) == (
        item.status,
        item.reason,
        item.message,
    ):
        return before
    return msgspec.structs.replace(item, last_transition_time=moment)
