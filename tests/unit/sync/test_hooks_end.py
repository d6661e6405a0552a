"""No operation that ends leaves a hook held, and none waits for a hook that may not be removed."""

from __future__ import annotations

from typing import Any

from fairlead.manifest.fields import annotation_of
from fairlead.model.sync import HookPhase, Operation, ResultCode, SyncOperation
from fairlead.sync.advance import advance, settle
from fairlead.sync.hooks import OPERATION
from fairlead.sync.plan import Plan, Wanted, build_plan
from fairlead.sync.step import Step
from fairlead.sync.task import Results
from tests.unit.sync.cluster import STARTED, Cluster, desired, job, thing


def plan_of(
    *objects: dict[str, Any], cluster: Cluster | None = None, attempt: int = 0, **wanted: Any
) -> Plan:
    return build_plan(
        Wanted(
            operation=Operation(sync=SyncOperation()),
            desired=desired(*objects),
            live=cluster.objects if cluster is not None else {},
            revision="0123456789abcdef",
            started_at=STARTED,
            attempt=attempt,
            destination_namespace="shop",
            **wanted,
        )
    )


def test_a_running_hook_is_freed_when_another_of_its_wave_is_refused() -> None:
    cluster = Cluster(refuses={"settings": "denied"})
    plan = plan_of(job("migrate", "PreSync"), thing("ConfigMap", "settings", hook="PreSync"))
    step = advance(plan, Results(), cluster.objects)
    end = settle(plan, step, [cluster.apply(task) for task in step.apply], cluster.objects)
    assert end.phase == "Failed"
    assert "migrate" in [key.name for key in end.release]


def test_an_old_hook_that_may_not_be_deleted_fails_the_sync() -> None:
    cluster = Cluster()
    first = plan_of(job("migrate", "PreSync"))
    for task in advance(first, Results(), cluster.objects).apply:
        cluster.apply(task)
    cluster.finish_all()
    plan = plan_of(job("migrate", "PreSync"), thing("ConfigMap", "settings"), cluster=cluster, attempt=1)
    step = advance(plan, Results(), cluster.objects)
    assert [key.name for key in step.delete_hooks] == ["migrate"]
    task = next(task for task in plan.tasks if task.is_hook)
    stuck = task.result(ResultCode.SYNC_FAILED, HookPhase.ERROR, "failed to delete resource: jobs stay")
    end = settle(plan, step, [stuck], cluster.objects)
    assert end.phase == "Failed"
    assert "jobs stay" in end.message


def test_a_hook_of_an_earlier_attempt_is_not_taken_for_this_one() -> None:
    cluster = Cluster()
    first = plan_of(job("migrate", "PreSync"))
    for task in advance(first, Results(), cluster.objects).apply:
        cluster.apply(task)
    again = advance(plan_of(job("migrate", "PreSync"), cluster=cluster), Results(), cluster.objects)
    assert again.message.startswith("waiting for completion of hook")
    later = advance(
        plan_of(job("migrate", "PreSync"), cluster=cluster, attempt=1), Results(), cluster.objects
    )
    assert [key.name for key in later.delete_hooks] == ["migrate"]


def test_a_hook_names_its_operation_by_no_clock_but_its_own() -> None:
    cluster = Cluster()
    for task in advance(plan_of(job("migrate", "PreSync")), Results(), {}).apply:
        cluster.apply(task)
    (made,) = cluster.objects.values()
    assert annotation_of(made, OPERATION) == f"{STARTED}-0-presync"


def test_a_stranger_under_a_hooks_name_is_refused() -> None:
    cluster = Cluster()
    for task in advance(plan_of(job("migrate", "PreSync")), Results(), {}).apply:
        cluster.apply(task)
    plan = plan_of(job("migrate", "PreSync"), cluster=cluster, owns=lambda _: False)
    assert ["an object of this name is there" in problem.message for problem in plan.problems] == [True]
    assert isinstance(advance(plan, Results(), cluster.objects), Step)
