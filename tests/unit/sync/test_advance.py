"""The life of a sync, phase by phase and wave by wave."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import (
    HookPhase,
    OperationPhase,
    ResultCode,
    SyncOperation,
    SyncOperationResource,
    SyncPhase,
    SyncStrategy,
    SyncStrategyApply,
)
from fairlead.sync.advance import advance
from fairlead.sync.endings import terminate
from fairlead.sync.prune import PruneDecision, Refusal
from fairlead.sync.task import Results

from .cluster import BEFORE, STARTED, Cluster, Controller, KilledError, job, thing

OK = PruneDecision(allowed=True)
OLD = ResourceKey("", "ConfigMap", "shop", "old")


def old(cluster: Cluster, **annotations: str) -> None:
    cluster.put(
        OLD, {**thing("ConfigMap", "old", **annotations), "metadata": {"name": "old", "namespace": "shop"}}
    )


def test_a_plain_sync_applies_in_kind_order_and_succeeds_at_once() -> None:
    cluster = Cluster()
    controller = Controller(
        cluster,
        [
            thing("Service", "b"),
            thing("ConfigMap", "z"),
            thing("ConfigMap", "a"),
            thing("Odd", "o", api="x.io/v1"),
        ],
    )
    step = controller.evaluate()
    assert (step.phase, step.message) == (OperationPhase.SUCCEEDED, "successfully synced (all tasks run)")
    assert cluster.created == ["a", "z", "b", "o"]
    assert next((r.status, r.hook_phase, r.message) for r in step.results) == (
        ResultCode.SYNCED,
        HookPhase.RUNNING,
        "configmap/a serverside-applied",
    )


def test_nothing_to_do_succeeds() -> None:
    step = Controller(Cluster(), []).evaluate()
    assert (step.phase, step.message) == (OperationPhase.SUCCEEDED, "successfully synced (no more tasks)")


def test_what_is_in_sync_is_reported_without_a_request() -> None:
    cluster = Cluster()
    key = ResourceKey("", "ConfigMap", "shop", "a")
    step = Controller(cluster, [thing("ConfigMap", "a")], in_sync={key}).evaluate()
    assert step.phase is OperationPhase.SUCCEEDED
    assert cluster.created == []
    assert [r.message for r in step.results] == ["configmap/a unchanged"]


def test_a_wave_waits_for_the_health_of_the_one_before() -> None:
    cluster = Cluster()
    controller = Controller(
        cluster,
        [thing("PersistentVolumeClaim", "one"), thing("ConfigMap", "two", wave="1")],
    )
    key = ResourceKey("", "PersistentVolumeClaim", "shop", "one")
    first = controller.evaluate()
    assert first.phase is OperationPhase.RUNNING
    cluster.objects[key]["status"] = {"phase": "Pending"}
    assert controller.evaluate().message == "waiting for healthy state of /PersistentVolumeClaim/one"
    assert cluster.created == ["one"]
    cluster.objects[key]["status"] = {"phase": "Bound"}
    assert controller.evaluate().phase is OperationPhase.SUCCEEDED
    assert cluster.created == ["one", "two"]


def test_a_degraded_object_of_an_earlier_wave_ends_the_sync() -> None:
    cluster = Cluster()
    controller = Controller(
        cluster, [thing("PersistentVolumeClaim", "one"), thing("ConfigMap", "two", wave="1")]
    )
    controller.evaluate()
    cluster.objects[ResourceKey("", "PersistentVolumeClaim", "shop", "one")]["status"] = {"phase": "Lost"}
    step = controller.evaluate()
    assert step.phase is OperationPhase.FAILED
    assert step.message == "one or more synchronization tasks completed unsuccessfully"
    assert cluster.created == ["one"]


@pytest.mark.parametrize("status", ["", "Missing", "Degraded", "Progressing", "Suspended", "Unknown"])
def test_a_wave_does_not_wait_for_the_health_of_an_application(status: str) -> None:
    cluster = Cluster()
    child = thing("Application", "child", api="argoproj.io/v1alpha1")
    controller = Controller(cluster, [child, thing("ConfigMap", "late", wave="1")])
    controller.evaluate()
    key = ResourceKey("argoproj.io", "Application", "shop", "child")
    cluster.objects[key]["status"] = {"health": {"status": status}} if status else {}
    step = controller.evaluate()
    assert (step.phase, cluster.created) == (OperationPhase.SUCCEEDED, ["child", "late"])


def test_waves_that_are_in_sync_are_passed_through_in_one_evaluation() -> None:
    cluster = Cluster()
    objects = [thing("ConfigMap", f"c{n}", wave=str(n)) for n in range(5)]
    keys = {ResourceKey("", "ConfigMap", "shop", f"c{n}") for n in range(5)}
    for key in keys:
        cluster.put(
            key,
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": key.name, "namespace": "shop"}},
        )
    step = Controller(cluster, objects, in_sync=keys).evaluate()
    assert step.message == "successfully synced (all tasks run)"


def test_hooks_run_around_the_sync_and_successful_ones_are_removed_at_the_end() -> None:
    cluster = Cluster()
    controller = Controller(
        cluster,
        [
            job("after", "PostSync"),
            thing("ConfigMap", "a"),
            job("before", "PreSync", delete_policy="HookSucceeded"),
        ],
    )
    assert controller.evaluate().message == "waiting for completion of hook batch/Job/before"
    assert cluster.created == ["before"]
    assert controller.evaluate().message == "waiting for completion of hook batch/Job/before"
    cluster.finish("before")
    controller.evaluate()
    assert cluster.created == ["before", "a", "after"]
    assert "before" not in cluster.deleted
    cluster.finish("after")
    step = controller.evaluate()
    assert (step.phase, step.message) == (OperationPhase.SUCCEEDED, "successfully synced (no more tasks)")
    assert cluster.deleted == ["before"]
    assert [(r.name, r.hook_phase, r.message) for r in step.results] == [
        ("before", HookPhase.SUCCEEDED, "before ended"),
        ("a", HookPhase.SUCCEEDED, "configmap/a serverside-applied"),
        ("after", HookPhase.SUCCEEDED, "after ended"),
    ]


def test_a_failed_hook_starts_the_sync_fail_hooks_and_then_the_operation_fails() -> None:
    cluster = Cluster()
    controller = Controller(
        cluster,
        [
            job("before", "PreSync", delete_policy="HookFailed"),
            thing("ConfigMap", "a"),
            job("rescue", "SyncFail"),
        ],
    )
    controller.evaluate()
    cluster.finish("before", failed=True)
    step = controller.evaluate()
    assert step.message == "waiting for completion of hook batch/Job/rescue"
    cluster.finish("rescue")
    step = controller.evaluate()
    assert (step.phase, step.message) == (
        OperationPhase.FAILED,
        "one or more synchronization tasks completed unsuccessfully",
    )
    assert cluster.created == ["before", "rescue"]
    assert cluster.deleted == ["before"]


def test_failed_sync_fail_hooks_are_told_of() -> None:
    cluster = Cluster(refuses={"a": "no such field"})
    controller = Controller(cluster, [thing("ConfigMap", "a"), job("rescue", "SyncFail")])
    controller.evaluate()
    cluster.finish("rescue", failed=True)
    assert controller.evaluate().message == (
        "one or more synchronization tasks completed unsuccessfully, reason: no such field\n"
        "one or more SyncFail hooks failed, reason: rescue ended"
    )


def test_later_kinds_are_applied_after_a_failure_and_the_reasons_are_named() -> None:
    cluster = Cluster(refuses={"a": "no such field"})
    step = Controller(cluster, [thing("ConfigMap", "a"), thing("Service", "b")]).evaluate()
    assert step.phase is OperationPhase.FAILED
    assert step.message == "one or more objects failed to apply, reason: no such field"
    assert cluster.created == ["b"]


def test_an_old_hook_object_vanishes_before_the_new_one_is_made() -> None:
    cluster = Cluster()
    key = ResourceKey("batch", "Job", "shop", "before")
    cluster.put(
        key, {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "before", "namespace": "shop"}}
    )
    cluster.lingers = frozenset({"before"})
    controller = Controller(cluster, [job("before", "PreSync"), thing("ConfigMap", "a")])
    assert controller.evaluate().message == "waiting for deletion of hook batch/Job/before"
    assert controller.evaluate().message == "waiting for deletion of hook batch/Job/before"
    assert (cluster.created, cluster.deleted) == ([], ["before"])
    del cluster.objects[key]
    cluster.lingers = frozenset()
    assert controller.run().phase is OperationPhase.SUCCEEDED


def test_a_hook_without_name_gets_the_same_one_throughout_the_operation() -> None:
    cluster = Cluster()
    hook = job("x", "PreSync")
    hook["metadata"] = {"generateName": "migrate-", "annotations": hook["metadata"]["annotations"]}
    controller = Controller(cluster, [hook])
    controller.evaluate()
    assert cluster.created == [f"migrate-0123456-presync-{STARTED}"]
    (obj,) = cluster.objects.values()
    assert obj["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"].endswith(
        f"shop/{cluster.created[0]}"
    )
    assert controller.run().phase is OperationPhase.SUCCEEDED
    assert len(cluster.created) == 1


def test_a_vanished_object_of_a_running_task_is_an_error() -> None:
    cluster = Cluster()
    controller = Controller(cluster, [job("before", "PreSync")])
    controller.evaluate()
    cluster.objects.clear()
    step = controller.evaluate()
    assert step.phase is OperationPhase.FAILED
    (result,) = step.results
    assert result.hook_phase is HookPhase.ERROR
    assert result.message == "Resource batch/Job/before is missing, it might have been deleted"


def test_an_object_the_watch_has_not_shown_yet_is_not_missing() -> None:
    controller = Controller(Cluster(), [job("before", "PreSync")])
    controller.evaluate()
    plan, results = controller.plan(), Results(controller.status)
    unseen = {plan.tasks[0].key}
    assert advance(plan, results, {}, unseen=unseen).phase is OperationPhase.RUNNING


def test_an_object_is_not_judged_by_a_state_older_than_what_was_applied() -> None:
    cluster = Cluster()
    objects = [thing("PersistentVolumeClaim", "one"), thing("ConfigMap", "two", wave="1")]
    controller = Controller(cluster, objects)
    controller.evaluate()
    key = ResourceKey("", "PersistentVolumeClaim", "shop", "one")
    cluster.objects[key]["status"] = {"phase": "Bound"}
    cluster.objects[key]["metadata"]["resourceVersion"] = "9"
    plan, results = controller.plan(), Results(controller.status)
    stale = advance(plan, results, cluster.objects, versions={key: "10"})
    assert stale.message == "waiting for healthy state of /PersistentVolumeClaim/one"
    assert advance(plan, results, cluster.objects, versions={key: "9"}).changes_objects


def test_a_hook_without_health_is_done_once_it_is_there() -> None:
    controller = Controller(Cluster(), [thing("ConfigMap", "note", hook="PreSync"), thing("ConfigMap", "a")])
    step = controller.evaluate()
    assert step.phase is OperationPhase.SUCCEEDED
    first = step.results.resources[0]
    assert (first.name, first.hook_phase, first.message) == ("note", HookPhase.SUCCEEDED, "note created")


def test_prunes_follow_the_request_and_the_decision() -> None:
    cluster = Cluster()
    old(cluster)
    step = Controller(cluster, [thing("ConfigMap", "a")], extras={OLD: OK}).evaluate()
    assert cluster.deleted == ["old"]
    assert ("old", ResultCode.PRUNED, "pruned") in [(r.name, r.status, r.message) for r in step.results]


@pytest.mark.parametrize(
    ("prune", "decision", "message"),
    [
        (False, OK, "ignored (requires pruning)"),
        (True, PruneDecision(allowed=False, reason=Refusal.NEVER), "ignored (no prune)"),
        (
            True,
            PruneDecision(allowed=False, reason=Refusal.RENDER_NOT_VERIFIED),
            "ignored (no prune): the render was not verified as whole",
        ),
    ],
)
def test_a_skipped_prune_is_recorded_and_the_sync_succeeds(
    prune: bool, decision: PruneDecision, message: str
) -> None:
    cluster = Cluster()
    old(cluster)
    controller = Controller(cluster, [], operation=SyncOperation(prune=prune), extras={OLD: decision})
    step = controller.evaluate()
    assert step.phase is OperationPhase.SUCCEEDED
    assert [(r.status, r.message) for r in step.results] == [(ResultCode.PRUNE_SKIPPED, message)]
    assert cluster.deleted == []


def test_a_prune_that_needs_confirmation_waits_for_an_approval_newer_than_the_operation() -> None:
    cluster = Cluster()
    obj = thing("ConfigMap", "old", options="Prune=confirm")
    obj["metadata"]["namespace"] = "shop"
    cluster.put(OLD, obj)
    controller = Controller(cluster, [], extras={OLD: PruneDecision(allowed=True, needs_confirmation=True)})
    assert controller.evaluate().message == "waiting for pruning confirmation of /ConfigMap/old"
    plan, results = controller.plan(), Results(controller.status)
    early, late = (datetime.fromtimestamp(STARTED + seconds, UTC) for seconds in (-1, 0))
    assert not advance(plan, results, cluster.objects, approved_at=early).prune
    assert advance(plan, results, cluster.objects, approved_at=late).prune


def test_an_object_that_is_leaving_is_not_deleted_again() -> None:
    cluster = Cluster(lingers=["old"])
    old(cluster)
    controller = Controller(cluster, [thing("ConfigMap", "later", wave="5")], extras={OLD: OK})
    assert controller.evaluate().message == "waiting for deletion of /ConfigMap/old"
    assert controller.evaluate().message == "waiting for deletion of /ConfigMap/old"
    assert cluster.deleted == ["old"]
    del cluster.objects[OLD]
    assert controller.evaluate().phase is OperationPhase.SUCCEEDED


def test_the_namespace_is_made_first_when_the_option_asks_for_it() -> None:
    cluster = Cluster()
    controller = Controller(
        cluster,
        [thing("ConfigMap", "a")],
        operation=SyncOperation(sync_options=("CreateNamespace=true",)),
        namespace_exists=False,
    )
    step = controller.evaluate()
    assert cluster.created == ["shop", "a"]
    first = step.results.resources[0]
    assert (first.kind, first.sync_phase) == ("Namespace", SyncPhase.PRE_SYNC)


def test_a_namespace_that_cannot_be_made_ends_the_sync() -> None:
    cluster = Cluster(refuses={"shop": "forbidden"})
    controller = Controller(
        cluster,
        [thing("ConfigMap", "a")],
        operation=SyncOperation(sync_options=("CreateNamespace=true",)),
        namespace_exists=False,
    )
    step = controller.evaluate()
    assert (step.phase, step.message) == (
        OperationPhase.FAILED,
        "the namespace failed to apply, reason: forbidden",
    )
    assert cluster.created == []


def test_nothing_is_applied_when_the_dry_run_fails() -> None:
    cluster = Cluster(refuses={"dry/b": "bad"})
    step = Controller(cluster, [thing("ConfigMap", "a"), thing("ConfigMap", "b")]).evaluate()
    assert (step.phase, step.message) == (
        OperationPhase.FAILED,
        "one or more objects failed to apply (dry run)",
    )
    assert cluster.created == []


def test_a_dry_run_operation_ends_after_the_dry_run() -> None:
    cluster = Cluster()
    step = Controller(cluster, [thing("ConfigMap", "a")], operation=SyncOperation(dry_run=True)).evaluate()
    assert (step.phase, step.message) == (OperationPhase.SUCCEEDED, "successfully synced (no more tasks)")
    assert [(r.hook_phase, r.message) for r in step.results] == [
        (HookPhase.SUCCEEDED, "configmap/a created (dry run)")
    ]
    assert cluster.created == []


def test_what_is_not_permitted_or_not_served_ends_the_sync_before_it_starts() -> None:
    cluster = Cluster()
    controller = Controller(
        cluster,
        [thing("Secret", "s"), thing("ConfigMap", "a"), thing("Odd", "o", api="x.io/v1")],
        permit=lambda key, _: (
            "resource :Secret is not permitted in project p" if key.kind == "Secret" else ""
        ),
        discover=lambda key, _: "no such kind" if key.kind == "Odd" else "",
    )
    step = controller.evaluate()
    assert step.message == (
        "one or more synchronization tasks are not valid: "
        "no such kind; resource :Secret is not permitted in project p"
    )
    assert cluster.created == []


def test_a_kind_whose_definition_comes_along_is_awaited() -> None:
    crd = thing("CustomResourceDefinition", "odds.x.io", api="apiextensions.k8s.io/v1", wave="3")
    crd["spec"] = {"group": "x.io", "names": {"kind": "Odd"}}
    cluster = Cluster()
    controller = Controller(
        cluster,
        [thing("Odd", "o", api="x.io/v1"), crd],
        discover=lambda key, _: "no such kind" if key.kind == "Odd" else "",
    )
    assert controller.evaluate().phase is OperationPhase.SUCCEEDED
    assert cluster.created == ["odds.x.io", "o"]


def test_a_selective_sync_leaves_hooks_and_others_alone() -> None:
    cluster = Cluster()
    wanted = SyncOperationResource(kind="ConfigMap", name="a")
    controller = Controller(
        cluster,
        [job("before", "PreSync"), thing("ConfigMap", "a"), thing("ConfigMap", "b")],
        operation=SyncOperation(resources=(wanted,)),
    )
    assert controller.evaluate().phase is OperationPhase.SUCCEEDED
    assert cluster.created == ["a"]


def test_the_apply_strategy_leaves_hooks_out() -> None:
    cluster = Cluster()
    strategy = SyncStrategy(apply=SyncStrategyApply())
    controller = Controller(
        cluster,
        [job("before", "PreSync"), thing("ConfigMap", "a")],
        operation=SyncOperation(sync_strategy=strategy),
    )
    assert controller.evaluate().phase is OperationPhase.SUCCEEDED
    assert cluster.created == ["a"]


def test_termination_stops_running_hooks() -> None:
    cluster = Cluster()
    controller = Controller(cluster, [job("before", "PreSync"), thing("ConfigMap", "a")])
    controller.evaluate()
    step = terminate(controller.plan(), Results(controller.status), cluster.objects)
    assert (step.phase, step.message) == (OperationPhase.FAILED, "Operation terminated")
    assert [key.name for key in step.delete_hooks] == ["before"]
    assert [key.name for key in step.release] == ["before"]
    assert [(r.hook_phase, r.message) for r in step.results] == [(HookPhase.FAILED, "Terminated")]


def test_an_operation_without_sync_is_an_error() -> None:
    controller = Controller(Cluster(), [])
    controller.operation = type(controller.operation)()
    assert controller.evaluate().phase is OperationPhase.ERROR


STORY = [
    job("pre", "PreSync", wave="-1"),
    job("pre2", "PreSync", delete_policy="HookSucceeded"),
    thing("ConfigMap", "a"),
    thing("Service", "b", wave="1"),
    thing("ConfigMap", "c", wave="2"),
    job("mid", "Sync", wave="1"),
    job("post", "PostSync"),
]


@pytest.mark.parametrize("seed", range(60))
def test_a_controller_killed_anywhere_ends_where_git_says_and_runs_each_hook_once(seed: int) -> None:
    """At every await between two effects the process may die; only status and cluster survive."""
    chance = random.Random(seed)  # noqa: S311
    cluster = Cluster()
    old(cluster)

    def alive() -> None:
        if chance.random() < 0.12:
            raise KilledError

    controller = Controller(cluster, STORY, extras={OLD: OK}, alive=alive)
    for _ in range(300):
        try:
            step = controller.evaluate()
        except KilledError:
            continue
        if step.is_final:
            break
        cluster.finish_all()
    assert step.phase is OperationPhase.SUCCEEDED
    assert cluster.created == ["pre", "pre2", "a", "b", "mid", "c", "post"]
    assert cluster.deleted.count("old") == 1
    assert OLD not in cluster.objects
    assert BEFORE not in {obj["metadata"]["creationTimestamp"] for obj in cluster.objects.values()}
