"""When an application is looked at although nothing was heard of it, and when all of it is rendered anew.

Why: `timeout.reconciliation` and `timeout.hard.reconciliation`. Looks in between cost no request. Invariant:
an interval of 0 switches its timer off, and a change of either takes effect with the next look; that a lost
message is found in the end can be switched off by nobody.
"""

from __future__ import annotations

import random

from fairlead.app_controller.book import Record
from fairlead.events import Cause, RenderLevel
from fairlead.model.application import Application
from fairlead.model.status import HealthCode, SyncCode
from fairlead.model.times import seconds_since
from fairlead.settings import ControllerSettings

SELDOM, SELDOM_JITTER = 600.0, 300.0
"""Seconds until a look behind which no timer stands: it asks again for what may have been lost."""


def resync_after(settings: ControllerSettings, record: Record) -> float:
    """Seconds until the next look. The random part spreads the load."""
    waits = [SELDOM + random.uniform(0, SELDOM_JITTER)]  # noqa: S311
    if settings.reconciliation > 0 and not is_settled(record.app):
        waits.append(settings.reconciliation + random.uniform(0, settings.reconciliation_jitter))  # noqa: S311
    if settings.hard_reconciliation > 0:
        passed = seconds_since(record.app.status.reconciled_at) or 0.0
        waits.append(max(1.0, settings.hard_reconciliation - passed))
    return min(waits)


def is_settled(app: Application) -> bool:
    """Whether nothing is open that time alone could bring on: what is Synced and Healthy waits for no window,
    no retry and no answer, and is looked at seldom. Ten thousand such are 66 looks a second otherwise."""
    status = app.status
    return (
        status.sync.status is SyncCode.SYNCED
        and status.health.status is HealthCode.HEALTHY
        and not status.conditions
        and app.operation is None
    )


def ask_when_due(settings: ControllerSettings, record: Record) -> None:
    """Want everything rendered anew once the hard interval has passed since the last refresh."""
    passed = seconds_since(record.app.status.reconciled_at)
    if settings.hard_reconciliation <= 0 or passed is None or record.wanted.level >= RenderLevel.HARD:
        return
    if passed >= settings.hard_reconciliation:
        record.wanted.ask(RenderLevel.HARD, Cause.RESYNC)
