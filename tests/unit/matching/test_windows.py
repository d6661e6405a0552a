"""Sync windows, and the schedules they follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fairlead.matching.cron import fires_between, parse_cron
from fairlead.matching.errors import CronError
from fairlead.matching.windows import Target, WindowDecision, is_active, may_sync, selects
from fairlead.model.appproject import SyncWindow

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
APP = Target(application="web", namespace="shop", server="https://k", cluster_name="prod")


def window(kind: str, schedule: str = "0 11 * * *", duration: str = "2h", **more: Any) -> SyncWindow:
    return SyncWindow(
        **{"kind": kind, "schedule": schedule, "duration": duration, "applications": ("*",), **more}
    )


OPEN = {"schedule": "0 11 * * *"}
SHUT = {"schedule": "0 20 * * *"}


def allowed(*windows: SyncWindow, manual: bool = False, started_at: datetime | None = None) -> bool:
    return may_sync(windows, APP, manual=manual, now=NOON, started_at=started_at).allowed


def test_without_a_window_everything_is_allowed() -> None:
    assert allowed()
    assert allowed(window("deny", applications=("other",)))


def test_a_deny_window_whose_selector_cannot_be_read_is_about_everything() -> None:
    for selector in ("applications", "clusters", "namespaces"):
        unreadable = {"applications": (), selector: ("{web",)}
        assert not allowed(window("deny", **OPEN, **unreadable))
    assert allowed(window("deny", applications=("{web",), **SHUT))


def test_an_open_deny_window_denies_and_a_closed_one_does_not() -> None:
    assert not allowed(window("deny", **OPEN))
    assert allowed(window("deny", **SHUT))
    assert not allowed(window("deny", **OPEN), window("allow", **OPEN))


def test_a_manual_sync_passes_when_every_window_in_its_way_says_so() -> None:
    assert allowed(window("deny", manual_sync=True), manual=True)
    assert not allowed(window("deny", manual_sync=True))
    assert not allowed(window("deny", manual_sync=True), window("deny"), manual=True)


def test_allow_windows_deny_while_none_is_open() -> None:
    assert allowed(window("allow", **OPEN), window("allow", **SHUT))
    assert not allowed(window("allow", **SHUT))
    assert allowed(window("allow", manual_sync=True, **SHUT), manual=True)


def test_an_operation_may_overrun_a_window_it_began_before() -> None:
    before, within = datetime(2026, 3, 10, 10, 59, tzinfo=UTC), datetime(2026, 3, 10, 11, 30, tzinfo=UTC)
    overrun = window("deny", sync_overrun=True)
    assert allowed(overrun, started_at=before)
    assert not allowed(overrun, started_at=within)
    assert not allowed(window("deny"), started_at=before)


def test_a_window_that_cannot_be_read_denies_and_says_why() -> None:
    assert may_sync([window("allow", "x")], APP, manual=True, now=NOON) == WindowDecision(
        allowed=False, error='expected exactly 5 fields, found 1: "x"'
    )
    assert not allowed(window("allow", duration="soon"))


def test_selectors_match_any_or_all() -> None:
    some: dict[str, Any] = {"applications": ("web",), "namespaces": ("other",), "clusters": ("pr*",)}
    assert selects(window("deny", **some), APP)
    assert not selects(window("deny", and_operator=True, **some), APP)
    assert selects(window("deny", and_operator=True, **{**some, "namespaces": ("shop",)}), APP)


def test_a_window_is_open_from_its_start_to_its_end() -> None:
    at = {"schedule": "0 12 * * *", "duration": "1h"}
    assert not is_active(window("deny", **at), NOON)
    assert is_active(window("deny", **at), NOON.replace(minute=1))
    assert is_active(window("deny", **at), NOON.replace(minute=59))
    assert not is_active(window("deny", **at), NOON.replace(hour=13))


def test_time_zones_count_and_unknown_ones_are_utc() -> None:
    assert is_active(
        window("deny", "0 7 * * *", "1h", time_zone="America/New_York"), NOON.replace(hour=11, minute=30)
    )
    assert is_active(window("deny", time_zone="Nowhere/Land"), NOON)


def test_a_time_the_clock_jumps_over_does_not_fire() -> None:
    start, end = datetime(2026, 3, 29, 0, 0, tzinfo=UTC), datetime(2026, 3, 29, 3, 0, tzinfo=UTC)
    assert not fires_between("30 2 * * *", start, end, "Europe/Berlin")
    assert fires_between("30 3 * * *", start, end, "Europe/Berlin")


@pytest.mark.parametrize(
    ("schedule", "fires"),
    [
        ("0 12 * * *", True),
        ("*/15 * * * *", True),
        ("0 12 10 3 *", True),
        ("0 12 * mar tue", True),
        ("0 12 1 * tue", True),
        ("0 12 1 * wed", False),
        ("0 12 ? * 1-5", True),
        ("0 12 * * 7,2", True),
        ("0 8-16/4 * * *", True),
        ("@hourly", True),
        ("@daily", False),
    ],
)
def test_schedules(schedule: str, fires: bool) -> None:
    start, end = NOON.replace(hour=11, minute=59), NOON.replace(minute=1)
    assert fires_between(schedule, start, end) is fires


@pytest.mark.parametrize(
    "text", ["", "* * * *", "60 * * * *", "* 5-2 * * *", "*/0 * * * *", "a * * * *", "* * * * 8"]
)
def test_a_schedule_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(CronError):
        parse_cron(text)
