"""What a sync tries by dry run before it changes anything, and what it waits for."""

from __future__ import annotations

from typing import Any

from fairlead.app_controller.syncing.operation import UNSEEN_AT_MOST, Execution
from fairlead.app_controller.syncing.trial import is_triable, needs_trial
from fairlead.manifest.identity import ResourceKey
from fairlead.model.metadata import Time
from fairlead.model.sync import Operation, SyncOperation
from fairlead.sync.plan import Plan, Wanted, build_plan
from tests.unit.sync.cluster import STARTED, desired, job, thing

ONE = ResourceKey("", "ConfigMap", "shop", "one")


def plan_of(*objects: dict[str, Any], live: dict[ResourceKey, dict[str, Any]] | None = None) -> Plan:
    return build_plan(
        Wanted(
            operation=Operation(sync=SyncOperation()),
            desired=desired(*objects),
            live=live or {},
            started_at=STARTED,
        )
    )


def tried(plan: Plan) -> bool:
    return needs_trial(plan, [task for task in plan.tasks if not task.in_sync])


def test_a_first_deployment_of_one_wave_is_applied_at_once() -> None:
    assert not tried(plan_of(thing("ConfigMap", "one"), thing("ConfigMap", "two")))


def test_a_single_object_is_tried_by_applying_it() -> None:
    assert not tried(plan_of(thing("ConfigMap", "one"), live={ONE: thing("ConfigMap", "one")}))


def test_several_changes_of_what_lives_are_tried_first() -> None:
    live = {ONE: thing("ConfigMap", "one")}
    assert tried(plan_of(thing("ConfigMap", "one"), thing("ConfigMap", "two"), live=live))


def test_hooks_and_waves_are_tried_first() -> None:
    assert tried(plan_of(job("migrate", "PreSync"), thing("ConfigMap", "one")))
    assert tried(plan_of(thing("ConfigMap", "one"), thing("ConfigMap", "two", wave="1")))


def test_a_hook_is_not_applied_over_its_old_object() -> None:
    key = ResourceKey("batch", "Job", "shop", "migrate")
    plan = plan_of(job("migrate", "PreSync"), live={key: job("migrate", "PreSync")})
    assert [is_triable(plan, task) for task in plan.tasks] == [False]


def test_an_object_to_be_made_anew_is_not_tried() -> None:
    forced = thing("ConfigMap", "one", options="Force=true")
    plan = plan_of(forced, live={ONE: forced})
    assert [is_triable(plan, task) for task in plan.tasks] == [False]


def test_what_the_watch_does_not_show_in_time_is_gone() -> None:
    execution = Execution(Time("2026-01-01T00:00:00Z"), 0.0)
    execution.unseen = {ONE: 100.0}
    execution.notice({}, 100.0 + UNSEEN_AT_MOST / 2)
    assert ONE in execution.unseen
    execution.notice({}, 101.0 + UNSEEN_AT_MOST)
    assert ONE not in execution.unseen
