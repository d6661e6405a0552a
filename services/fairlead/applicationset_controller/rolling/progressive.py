"""Progressive syncs of sets: what is wanted and how Applications are, turned into the next moves.

Invariant: every Application of such a set is written with its own syncs off; its set begins them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from fairlead.applicationset_controller import kept
from fairlead.applicationset_controller.applying.rollout import Beginning, Deletions, Rollout
from fairlead.applicationset_controller.applying.wanted import Wanted
from fairlead.applicationset_controller.following.child import Child
from fairlead.applicationset_controller.reporting.conditions import FALSE, TRUE, condition
from fairlead.applicationset_controller.rolling.advance import App, advance
from fairlead.applicationset_controller.rolling.deletion import next_deletion
from fairlead.applicationset_controller.rolling.facts import Facts, facts
from fairlead.applicationset_controller.rolling.operation import operation
from fairlead.applicationset_controller.rolling.states import HEALTHY, has_begun
from fairlead.applicationset_controller.rolling.steps import config_problem, step_of
from fairlead.model.application import ApplicationSpec
from fairlead.model.applicationset import (
    ApplicationSet,
    ApplicationSetApplicationStatus,
    ApplicationSetCondition,
    RolloutStep,
)
from fairlead.model.applicationset import ApplicationSetConditionType as Kind

REVERSE: Final = "Reverse"
NO_STEPS: Final = "No steps defined for rollout"
NO_STEPS_REASON: Final = "ApplicationSetRolloutError"
SWITCHED_OFF: Final = (
    "strategy RollingSync is not in force, so all Applications are updated at once and sync by themselves: "
    "progressive syncs are switched off (applicationsetcontroller.enable.progressive.syncs)"
)
NOT_IN_ORDER: Final = (
    "deletionOrder Reverse is not in force without strategy RollingSync: when this ApplicationSet is "
    "deleted, all its Applications go at once"
)
INVALID: Final = "ApplicationSetInvalidRolloutConfig"


def asks_for_steps(aset: ApplicationSet) -> bool:
    """Whether a set wants its Applications updated in steps."""
    strategy = aset.spec.strategy
    return strategy is not None and strategy.type == "RollingSync"


def steps_of(aset: ApplicationSet) -> tuple[RolloutStep, ...]:
    """The steps of a set, in their order."""
    strategy = aset.spec.strategy
    rolling = strategy.rolling_sync if strategy is not None else None
    return rolling.steps if rolling is not None else ()


def switched_off(wanted: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """The same Applications, none of which syncs by itself."""
    return tuple(msgspec.structs.replace(app, spec=_by_hand(app)) for app in wanted)


def rollout(
    aset: ApplicationSet,
    wanted: Sequence[Wanted],
    children: Mapping[str, Child],
    now: datetime,
    *,
    differing: Collection[str],
    held: Collection[str],
) -> Rollout:
    """The next moves. The specs of `differing` are about to be written; nothing is begun for those `held`."""
    steps = steps_of(aset)
    apps = {app.name: app for app in wanted}
    moves = advance(
        steps,
        {status.application: status for status in aset.status.application_status},
        (
            App(
                name=name,
                step=step_of(steps, app.labels),
                facts=_facts(children.get(name), name in differing),
                is_held=name in held,
            )
            for name, app in apps.items()
        ),
        now,
    )
    return Rollout(
        statuses=tuple(moves.statuses.values()),
        unbegun=moves.before,
        is_new=bool(differing),
        operations={
            name: Beginning(
                operation=operation(apps[name].spec, status.target_revisions),
                is_due=partial(_is_due, status),
            )
            for name, status in moves.before.items()
        },
        refreshes=moves.refreshes,
        conditions=(
            _progress(steps, moves.statuses.values()),
            _config(config_problem(steps, {name: app.labels for name, app in apps.items()})),
        ),
        again=moves.again,
    )


def order_of_deletion(aset: ApplicationSet, children: Mapping[str, Child], now: datetime) -> Deletions:
    """What goes next of a set that is deleted, the last step first."""
    return next_deletion(steps_of(aset), children, now)


def not_in_force(aset: ApplicationSet) -> tuple[ApplicationSetCondition, ...]:
    """What a set is told that asks for steps while they are switched off, or for an order without steps."""
    if asks_for_steps(aset):
        return (condition(Kind.INVALID_ROLLOUT_CONFIG, TRUE, INVALID, SWITCHED_OFF),)
    if asks_for_order(aset):
        return (condition(Kind.INVALID_ROLLOUT_CONFIG, TRUE, INVALID, NOT_IN_ORDER),)
    return ()


def asks_for_order(aset: ApplicationSet) -> bool:
    """Whether a set wants its Applications deleted the last step first."""
    strategy = aset.spec.strategy
    return strategy is not None and strategy.deletion_order == REVERSE


def _facts(child: Child | None, differs: bool) -> Facts | None:
    return None if child is None else facts(child, differs=differs, refresh=kept.REFRESH)


def _is_due(waiting: ApplicationSetApplicationStatus, child: Child) -> bool:
    """Whether an Application is still to be synced, as it is right now: what is followed may lag."""
    now = facts(child, differs=False, refresh=kept.REFRESH)
    return not now.is_synced and not has_begun(waiting, now) and now.revisions == waiting.target_revisions


def _by_hand(app: Wanted) -> ApplicationSpec:
    policy = app.spec.sync_policy
    if policy is None or policy.automated is None:
        return app.spec
    automated = msgspec.structs.replace(policy.automated, enabled=False)
    return msgspec.structs.replace(app.spec, sync_policy=msgspec.structs.replace(policy, automated=automated))


def _progress(
    steps: Sequence[RolloutStep], statuses: Collection[ApplicationSetApplicationStatus]
) -> ApplicationSetCondition:
    open_steps = {status.step for status in statuses if status.status is not HEALTHY}
    for number in range(1, len(steps) + 1):
        if str(number) in open_steps:
            message = f"ApplicationSet is performing rollout of step {number}"
            return condition(Kind.ROLLOUT_PROGRESSING, TRUE, "ApplicationSetModified", message)
    message = "ApplicationSet Rollout has completed"
    return condition(Kind.ROLLOUT_PROGRESSING, FALSE, "ApplicationSetRolloutComplete", message)


def _config(problem: str) -> ApplicationSetCondition:
    if problem:
        return condition(Kind.INVALID_ROLLOUT_CONFIG, TRUE, INVALID, problem)
    message = "Rolling Sync Configured correctly"
    return condition(Kind.INVALID_ROLLOUT_CONFIG, FALSE, "ApplicationSetValidRolloutConfig", message)
