"""How long to wait before an application is looked at again; None is: until something happens."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from fairlead.app_controller.comparing.desired import UnopenedError
from fairlead.app_controller.comparing.item import Comparison
from fairlead.bus import BusUnavailableError
from fairlead.kube.errors import ConflictError, NotFoundError, TransientError
from fairlead.kube.fence import WriteFencedError
from fairlead.model.application import AppId
from fairlead.model.status import Condition, ConditionType
from fairlead.model.times import seconds_since

log = structlog.get_logger(__name__)

SOON = 0.05
DOUBT_PAUSE = 1.0
FENCED_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds; pauses that grow double up to this."""


def pause_after(error: BaseException, app_id: AppId, missed: int) -> float | None:
    """What a failed look means: again soon, later, or not at all; `missed` are those in a row before it.

    Raises what nobody expected.
    """
    match error:
        case ConflictError():
            log.debug("look.repeated", app=app_id.qualified, reason=str(error)[:200])
            return growing(missed)
        case WriteFencedError():
            log.info("look.fenced", app=app_id.qualified, reason=str(error)[:200])
            return FENCED_PAUSE
        case UnopenedError():
            return SOON  # an object changed while the look began: the next one opens what is desired
        case NotFoundError():
            return growing(missed)
        case TransientError():
            log.info("look.postponed", app=app_id.qualified, reason=str(error)[:200])
            return min(error.retry_after or 2.0, 30.0)
        case BusUnavailableError():
            log.info("look.postponed", app=app_id.qualified, reason=str(error)[:200])
            return 2.0
    raise error


def growing(missed: int) -> float:
    """Soon at first, later with each look before in a row that was missed too."""
    return min(SOON * float(2 ** min(missed, 16)), LONGEST_PAUSE)


def first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first failure inside a group, however deep."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


def soonest(*waits: float | None) -> float | None:
    """The shortest of those waits that are any."""
    return min((wait for wait in waits if wait is not None), default=None)


def doubt_pause(comparison: Comparison, known: Iterable[Condition]) -> float | None:
    """Seconds until an object in doubt is looked at again: half as long as the doubt has lasted, bounded.

    `known` are the conditions of the status, which say since when.
    """
    if not any(item.in_doubt for item in comparison.items):
        return None
    errors = (item for item in known if item.type == ConditionType.COMPARISON_ERROR)
    lasted = max((seconds_since(item.last_transition_time) or 0.0 for item in errors), default=0.0)
    return min(max(lasted / 2, DOUBT_PAUSE), LONGEST_PAUSE)
