"""Puts the facts of an operation before the guard of prunes, and what it holds back into the plan.

Invariant: nothing is deleted of what waits; the rest of the plan is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from fairlead.app_controller.comparing.grounds import Terms
from fairlead.app_controller.comparing.item import Comparison
from fairlead.app_controller.reporting.guard import shown_of
from fairlead.app_controller.syncing.run import APPROVED, Attempt
from fairlead.app_controller.times import parsed, stamp
from fairlead.manifest.identity import ResourceKey
from fairlead.model.appproject import AppProject
from fairlead.model.metadata import Time
from fairlead.sync.guard import (
    KINDS,
    OBJECTS,
    SHARE,
    GuardPolicy,
    Prune,
    listed,
    read_policy,
    unless_confirmed,
)
from fairlead.sync.observe import is_leaving
from fairlead.sync.options import Removal, is_guarded, prune_rule
from fairlead.sync.plan import Plan

ANNOTATION = "fairlead.dev/prune-guard-"
"""Of an AppProject, with `share`, `objects` or `kinds` behind it."""


def guarded(attempt: Attempt, comparison: Comparison, plan: Plan) -> Plan:
    """The plan with the prunes that wait for a person; what was found stays with the execution."""
    attempt.execution.held, attempt.execution.is_guarded = None, True
    prunes = list(_prunes(plan)) if _is_watched(plan) else []
    if not prunes:
        return plan
    record, execution = attempt.record, attempt.execution
    started, moment = datetime.fromtimestamp(plan.started_at, UTC), datetime.now(UTC)
    held = listed(
        policy_of(attempt.context.subject.terms),
        prunes,
        app=record.instance.replace("_", "/", 1),
        staying=_staying(comparison, {one.key for one in prunes}, stamp(started)),
        may_empty=_may_empty(attempt, comparison),
        started=started,
        shown=shown_of(attempt.status),
        moment=moment,
        confirmed=execution.confirmed,
    )
    if held is None:
        return plan
    said = record.app.metadata.annotations.get(APPROVED, "")
    is_spent = record.confirmed is not None and _is_of_another(record.confirmed, said, execution.started_at)
    execution.held = unless_confirmed(held, None if is_spent else parsed(said), moment)
    if execution.held is not None:
        return msgspec.structs.replace(plan, held=execution.held)
    execution.confirmed |= held.keys
    record.confirmed = (said, execution.started_at)
    return plan


def _is_of_another(confirmed: tuple[str, Time], said: str, started: Time) -> bool:
    """Whether a confirmation was another operation's: by a clock that is ahead it would be this one's too."""
    return confirmed[0] == said and confirmed[1] != started


def policy_of(terms: Terms) -> GuardPolicy:
    """The thresholds of the application's project, over those of the system."""
    return read_policy(_said_by(terms.permitted.project), terms.settings.prune_guard)[0]


def threshold_problems(terms: Terms) -> Iterator[str]:
    """What of the project's thresholds cannot be understood."""
    project = terms.permitted.project
    for problem in read_policy(_said_by(project), terms.settings.prune_guard)[1]:
        name = project.metadata.name if project is not None else ""
        yield f"project {name}: annotation {ANNOTATION}{problem}"


def _said_by(project: AppProject | None) -> dict[str, str]:
    annotations = project.metadata.annotations if project is not None else {}
    return {name: text for name in (SHARE, OBJECTS, KINDS) if (text := annotations.get(ANNOTATION + name))}


def _is_watched(plan: Plan) -> bool:
    """Not what deletes nothing, and not what a person names object by object."""
    initiator = plan.operation.initiated_by
    is_automated = initiator is not None and initiator.automated
    is_by_name = bool(plan.sync.resources) and not is_automated
    return plan.sync.prune and not plan.sync.dry_run and plan.options.guard_prune and not is_by_name


def _prunes(plan: Plan) -> Iterator[Prune]:
    """What would be deleted, but for what is on its way out already."""
    for task in plan.tasks:
        if not task.is_prune or task.live is None or not plan.decisions[task.key].allowed:
            continue
        if is_guarded(task.live) and not is_leaving(task.live):
            yield Prune(key=task.key, is_asked=prune_rule(plan.options, task.live) is Removal.CONFIRM)


def _staying(comparison: Comparison, going: set[ResourceKey], started: str) -> int:
    """How many others there were as the operation began: what it makes itself is no comfort, nor is what is
    on its way out already."""
    return sum(
        item.takes_part
        and item.live is not None
        and not item.live.is_being_deleted
        and item.key not in going
        and (item.live.creation_timestamp or "") <= started
        for item in comparison.items
    )


def _may_empty(attempt: Attempt, comparison: Comparison) -> bool:
    """Whether nothing is desired any more, and that is said to be meant."""
    policy = attempt.record.app.spec.sync_policy
    automated = policy.automated if policy is not None else None
    if automated is None or not automated.allow_empty:
        return False
    return not any(item.takes_part and item.is_wanted for item in comparison.items)
