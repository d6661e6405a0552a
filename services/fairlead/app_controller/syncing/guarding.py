"""Puts the facts of an operation before the guard of prunes, and what it holds back into the plan.

Invariant: nothing is deleted of what waits; the rest of the plan is left as it is. What is let go is known
from the Application alone, so that a controller that starts anew goes on with it, and with nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from fairlead.app_controller.comparing.grounds import Terms
from fairlead.app_controller.comparing.item import Comparison
from fairlead.app_controller.reporting.guard import shown_of
from fairlead.app_controller.syncing.run import Attempt
from fairlead.manifest.identity import ResourceKey
from fairlead.model.appproject import AppProject
from fairlead.model.times import parsed, stamp
from fairlead.sync.along import along_with
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
from fairlead.sync.let_go import APPROVED, approval_of, let_go, read_let_go
from fairlead.sync.observe import is_leaving
from fairlead.sync.options import Removal, is_guarded, prune_rule
from fairlead.sync.plan import Plan

ANNOTATION = "fairlead.dev/prune-guard-"
"""Of an AppProject, with `share`, `objects` or `kinds` behind it."""


def guarded(attempt: Attempt, comparison: Comparison, plan: Plan) -> Plan:
    """The plan with the prunes that wait for a person; what was found stays with the execution, and what is
    let go of now is to be written before any of it is deleted."""
    execution = attempt.execution
    earlier, execution.held = execution.held, None
    execution.is_guarded, execution.let_go = True, None
    along = _Along(attempt)
    prunes = list(_prunes(plan, along)) if _is_watched(plan) else []
    if not prunes:
        return plan
    record, annotations = attempt.record, attempt.record.app.metadata.annotations
    started, moment = datetime.fromtimestamp(plan.started_at, UTC), datetime.now(UTC)
    used = read_let_go(annotations)
    before = used if used is not None and used.operation == execution.started_at else None
    held = listed(
        policy_of(attempt.context.subject.terms),
        prunes,
        app=record.instance.replace("_", "/", 1),
        staying=_staying(comparison, {one.key for one in prunes}, stamp(started), along),
        may_empty=_may_empty(attempt, comparison),
        started=started,
        shown=shown_of(attempt.status),
        moment=moment,
        before=before,
    )
    if held is None:
        return plan
    if earlier is not None and (earlier.mark, earlier.since) == (held.mark, held.since):
        held = msgspec.structs.replace(held, going=earlier.going, staying=earlier.staying)
    approval = approval_of(annotations, parsed(annotations.get(APPROVED)))
    if approval is not None and before is not None and before.covers(held.keys):
        return plan
    execution.held = unless_confirmed(held, approval, moment, used)
    if execution.held is not None:
        return msgspec.structs.replace(plan, held=execution.held)
    assert approval is not None  # noqa: S101 - without one all is held
    execution.let_go = let_go(before, execution.started_at, approval, held.keys)
    return plan


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


class _Along:
    """How many objects go along with one, as the cluster has it."""

    def __init__(self, attempt: Attempt) -> None:
        self._live = attempt.context.subject.cluster.live
        self.is_any = False

    def __call__(self, key: ResourceKey) -> int:
        """Of an Application that deletes what it deployed."""
        count = along_with(key, self._text)
        self.is_any = self.is_any or count > 0
        return count

    def _text(self, key: ResourceKey) -> bytes:
        live = self._live.get(key)
        return live.raw if live is not None and live.is_whole else b""


def _prunes(plan: Plan, along: _Along) -> Iterator[Prune]:
    """What would be deleted, but for what is on its way out already."""
    for task in plan.tasks:
        if not task.is_prune or task.live is None or not plan.decisions[task.key].allowed:
            continue
        if is_guarded(task.live) and not is_leaving(task.live):
            is_asked = prune_rule(plan.options, task.live) is Removal.CONFIRM
            yield Prune(key=task.key, is_asked=is_asked, along=along(task.key))


def _staying(comparison: Comparison, going: set[ResourceKey], started: str, along: _Along) -> int:
    """How many others there were as the operation began: what it makes itself is no comfort, nor is what is
    on its way out already. What would go along with them is counted where it is of what goes."""
    staying = [
        item.key
        for item in comparison.items
        if item.takes_part
        and item.live is not None
        and not item.live.is_being_deleted
        and item.key not in going
        and (item.live.creation_timestamp or "") <= started
    ]
    return len(staying) + (sum(map(along, staying)) if along.is_any else 0)


def _may_empty(attempt: Attempt, comparison: Comparison) -> bool:
    """Whether nothing is desired any more, and that is said to be meant."""
    policy = attempt.record.app.spec.sync_policy
    automated = policy.automated if policy is not None else None
    if automated is None or not automated.allow_empty:
        return False
    return not any(item.takes_part and item.is_wanted for item in comparison.items)
