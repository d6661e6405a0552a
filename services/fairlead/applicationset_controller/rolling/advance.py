"""What a rolling sync does next: who moves on, who begins, who is to be compared anew.

Invariant: pure; never more of a step are on their way than its maxUpdate allows through what is begun here,
and nothing begins before all of the steps before it are Healthy, as seen after the last change of any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairlead.applicationset_controller.rolling.facts import Facts
from fairlead.applicationset_controller.rolling.states import (
    HEALTHY,
    PENDING,
    PROGRESSING,
    WAITING,
    begun,
    has_begun,
    is_pending_change,
    observed,
)
from fairlead.applicationset_controller.rolling.steps import most_at_once
from fairlead.model.applicationset import ApplicationSetApplicationStatus as Status
from fairlead.model.applicationset import RolloutStep
from fairlead.model.times import parsed

SECOND: Final = 1.0
"""Times are whole seconds: an Application is asked to be compared in a later one than that of the change."""
SLOWLY: Final = 60.0
"""Seconds until a rollout that is under way is looked at although nothing was heard."""


class App(msgspec.Struct, frozen=True, kw_only=True):
    """One Application that is wanted. `facts` is None while it is not there; nothing is begun for one that
    is held."""

    name: str
    step: str
    facts: Facts | None = None
    is_held: bool = False


class Moves(msgspec.Struct, frozen=True, kw_only=True):
    """`statuses` by name as they are to be, `before` those of `begins` until their operations are written."""

    statuses: dict[str, Status]
    before: dict[str, Status] = {}
    refreshes: frozenset[str] = frozenset()
    again: float | None = None

    @property
    def begins(self) -> tuple[str, ...]:
        """Whose operations are to be written."""
        return tuple(self.before)


def advance(
    steps: Sequence[RolloutStep], known: Mapping[str, Status], apps: Iterable[App], now: datetime
) -> Moves:
    """The next moves of a rollout, from what was recorded of Applications and how they are."""
    found = sorted(apps, key=lambda app: app.name)
    statuses = {app.name: _observed(app, known.get(app.name), now) for app in found}
    stale = _stale(found, statuses)
    before: dict[str, Status] = {}
    for number, step in enumerate(steps, 1):
        members = [app for app in found if app.step == str(number)]
        if any(_is_outdated(app, stale) for app in members):
            break
        _begin(step, members, statuses, before, now)
        if not all(_is_done(app, statuses[app.name]) for app in members):
            break
    due = {name for name, (since, _) in stale.items() if since + timedelta(seconds=SECOND) <= now}
    refreshes = frozenset(app.name for app in found if app.name in due and _may_be_asked(app))
    return Moves(
        statuses=statuses,
        before=before,
        refreshes=refreshes,
        again=_again(found, statuses, is_early=len(due) < len(stale)),
    )


def _observed(app: App, before: Status | None, now: datetime) -> Status:
    if app.facts is None:
        is_new = before is None or before.status is not WAITING or before.target_revisions
        return observed(app.name, None if is_new else before, Facts(), app.step, now)
    return observed(app.name, before, app.facts, app.step, now)


def _stale(apps: Sequence[App], statuses: Mapping[str, Status]) -> dict[str, tuple[datetime, bool]]:
    """Those that have to be compared after a moment and were not; true when their step waits for that.

    After a change of any, all are: else a step would begin while those before it look Healthy only because
    they do not know of the change. One that cannot be compared holds back no step before its own.
    """
    times = [
        moment
        for status in statuses.values()
        if is_pending_change(status) and (moment := parsed(status.last_transition_time)) is not None
    ]
    change = max(times, default=None)
    result: dict[str, tuple[datetime, bool]] = {}
    for app in apps:
        facts, status = app.facts, statuses[app.name]
        if facts is None or facts.reconciled_at is None or facts.is_leaving or facts.is_skipped:
            continue
        if facts.has_error:
            continue
        if change is not None and not facts.was_compared_after(change):
            result[app.name] = change, True
        elif status.status is WAITING:
            since = parsed(status.last_transition_time)
            if since is not None and not facts.was_compared_after(since):
                result[app.name] = since, False
    return result


def _begin(
    step: RolloutStep,
    members: Sequence[App],
    statuses: dict[str, Status],
    before: dict[str, Status],
    now: datetime,
) -> None:
    """Begin as many of a step as may be on their way at once."""
    try:
        most = most_at_once(step, len(members))
    except ValueError:
        return
    moving = sum(_is_moving(app, statuses[app.name]) for app in members)
    for app in members:
        status, facts = statuses[app.name], app.facts
        if facts is None or not _may_begin(app, facts, status):
            continue
        if not _is_moving(app, status):
            if moving >= most:
                continue
            moving += 1
        after, is_to_be_written = begun(status, facts, now)
        statuses[app.name] = after
        if is_to_be_written:
            before[app.name] = status


def _may_begin(app: App, facts: Facts, status: Status) -> bool:
    if status.status is not WAITING or app.is_held or facts.is_leaving or facts.is_skipped:
        return False
    if facts.has_error:
        return True
    is_compared = facts.was_compared_after(parsed(status.last_transition_time))
    if has_begun(status, facts):
        return is_compared or not facts.is_asked
    return is_compared and facts.is_out_of_sync and bool(status.target_revisions)


def _is_moving(app: App, status: Status) -> bool:
    is_asked = app.facts is not None and app.facts.is_asked
    return is_asked or status.status in (PENDING, PROGRESSING)


def _is_done(app: App, status: Status) -> bool:
    """Whether later steps may begin: it became Healthy, and is not known to have fallen ill again."""
    facts = app.facts
    if facts is None or status.status is not HEALTHY:
        return False
    return not (facts.is_leaving or facts.is_poor or facts.has_error)


def _is_outdated(app: App, stale: Mapping[str, tuple[datetime, bool]]) -> bool:
    """Whether it may look Healthy only because it was not compared since the last change."""
    return app.name in stale and stale[app.name][1]


def _may_be_asked(app: App) -> bool:
    return app.facts is not None and not app.facts.is_refreshing


def _again(apps: Sequence[App], statuses: Mapping[str, Status], *, is_early: bool) -> float | None:
    if is_early:
        return SECOND
    is_under_way = any(statuses[app.name].status is not HEALTHY for app in apps)
    return SLOWLY if is_under_way else None
