"""When an application is looked at, or rendered anew, although nothing was heard of it."""

from datetime import UTC, datetime, timedelta

import msgspec

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.resync import SELDOM, SELDOM_JITTER, ask_when_due, resync_after
from fairlead.events import RenderLevel
from fairlead.model.application import Application, ApplicationSpec
from fairlead.model.metadata import ObjectMeta
from fairlead.model.status import Condition, HealthCode, HealthStatus, SyncCode, SyncStatus
from fairlead.model.times import stamp
from fairlead.settings import ControllerSettings


def record(*, refreshed_ago: float) -> Record:
    app = Application(metadata=ObjectMeta(name="a", namespace="argocd"), spec=ApplicationSpec(project="p"))
    when = stamp(datetime.now(UTC) - timedelta(seconds=refreshed_ago))
    status = msgspec.structs.replace(app.status, reconciled_at=when)
    return Book("argocd").open(msgspec.structs.replace(app, status=status))


def test_the_interval_is_that_of_the_settings_and_zero_leaves_the_search_for_what_was_lost() -> None:
    settings = ControllerSettings(reconciliation=300, reconciliation_jitter=10)
    wait = resync_after(settings, record(refreshed_ago=0))
    assert 300 <= wait <= 310
    seldom = resync_after(ControllerSettings(reconciliation=0), record(refreshed_ago=0))
    assert SELDOM <= seldom <= SELDOM + SELDOM_JITTER


def test_what_is_settled_is_looked_at_seldom() -> None:
    settings = ControllerSettings(reconciliation=300, reconciliation_jitter=10)
    known = record(refreshed_ago=0)
    synced = SyncStatus(status=SyncCode.SYNCED)
    status = msgspec.structs.replace(
        known.app.status, sync=synced, health=HealthStatus(status=HealthCode.HEALTHY)
    )
    known.app = msgspec.structs.replace(known.app, status=status)
    assert SELDOM <= resync_after(settings, known) <= SELDOM + SELDOM_JITTER
    warned = msgspec.structs.replace(
        status, conditions=(Condition(type="OrphanedResourceWarning", message="one"),)
    )
    known.app = msgspec.structs.replace(known.app, status=warned)
    assert 300 <= resync_after(settings, known) <= 310


def test_everything_is_rendered_anew_once_the_hard_interval_has_passed() -> None:
    settings = ControllerSettings(reconciliation=0, hard_reconciliation=600)
    fresh, old = record(refreshed_ago=10), record(refreshed_ago=700)
    wait = resync_after(settings, fresh)
    assert 580 <= wait <= 590
    for one in (fresh, old):
        ask_when_due(settings, one)
    assert (fresh.wanted.level, old.wanted.level) == (0, RenderLevel.HARD)
