"""Whether a sync may run now, by its project's sync windows.

Invariant: a window that cannot be read denies; an application no window selects is always allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from fairlead.matching.cron import fires_between
from fairlead.matching.errors import CronError
from fairlead.matching.globs import denies, matches
from fairlead.model.appproject import SyncWindow
from fairlead.model.duration import DurationError, parse_duration

ALLOW, DENY = "allow", "deny"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What windows select by: the application's name and where it goes."""

    application: str
    namespace: str
    server: str = ""
    cluster_name: str = ""


class WindowDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Allowed or not; ``error`` says which window could not be read."""

    allowed: bool
    error: str = ""


def may_sync(
    windows: Sequence[SyncWindow],
    target: Target,
    *,
    manual: bool,
    now: datetime,
    started_at: datetime | None = None,
) -> WindowDecision:
    """The decision for a new operation, or with ``started_at`` for one that is running."""
    mine = [window for window in windows if selects(window, target)]
    try:
        allowed = _decide(mine, manual, now, started_at)
    except (CronError, DurationError) as error:
        return WindowDecision(allowed=False, error=str(error))
    return WindowDecision(allowed=allowed)


def selects(window: SyncWindow, target: Target) -> bool:
    """Whether a window is about an application: any of its selectors matches, or all with ``andOperator``.

    A selector of a deny window that cannot be read is about everything.
    """
    found = []
    fits = denies if window.kind == DENY else matches
    if window.applications:
        found.append(any(fits(glob, target.application) for glob in window.applications))
    if window.clusters:
        names = [name for name in (target.server, target.cluster_name) if name]
        found.append(any(fits(glob, name) for glob in window.clusters for name in names))
    if window.namespaces:
        found.append(any(fits(glob, target.namespace) for glob in window.namespaces))
    return bool(found) and (all(found) if window.and_operator else any(found))


def is_active(window: SyncWindow, now: datetime) -> bool:
    """Whether a window is open. Raises CronError or DurationError when it cannot be read."""
    start = now - timedelta(seconds=parse_duration(window.duration))
    return fires_between(window.schedule, start, now, window.time_zone)


def _decide(windows: list[SyncWindow], manual: bool, now: datetime, started_at: datetime | None) -> bool:
    active = [window for window in windows if is_active(window, now)]
    denies = [window for window in active if window.kind == DENY]
    allows = [window for window in windows if window.kind == ALLOW]
    if denies:
        return _excused(denies, windows, manual, started_at)
    if not allows or any(window.kind == ALLOW for window in active):
        return True
    return _excused(allows, windows, manual, started_at)


def _excused(
    against: list[SyncWindow], windows: list[SyncWindow], manual: bool, started_at: datetime | None
) -> bool:
    """Whether every window that stands against a sync lets it pass: by hand, or because it had begun."""
    if manual and all(window.manual_sync for window in against):
        return True
    if started_at is None or not all(window.sync_overrun for window in against):
        return False
    return _decide(windows, manual, started_at, None)
