"""Options, hooks, order, retries, history: the single rules of a sync."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairlead.manifest.identity import ResourceKey
from fairlead.model.duration import DurationError, parse_duration
from fairlead.model.metadata import Time
from fairlead.model.sync import (
    Backoff,
    HookType,
    Operation,
    OperationPhase,
    OperationState,
    RetryStrategy,
    SyncOperation,
    SyncOperationResource,
    SyncPhase,
    SyncResult,
)
from fairlead.sync.history import with_deployment
from fairlead.sync.hooks import (
    DeletePolicy,
    delete_policies,
    hook_name,
    hook_types,
    is_hook,
    is_ignored,
    is_skipped,
)
from fairlead.sync.messages import waiting_for
from fairlead.sync.options import (
    Propagation,
    Removal,
    SyncOptions,
    applies_server_side,
    delete_rule,
    parse_options,
    prune_rule,
    replaces,
)
from fairlead.sync.order import in_order
from fairlead.sync.plan import PruneCandidate, Wanted, build_plan
from fairlead.sync.prune import PruneDecision
from fairlead.sync.retry import after_attempt, due_at, starting_message, superseded_message, wait_before
from fairlead.sync.task import Task
from fairlead.sync.waves import mirrored, wave_of

from .cluster import desired, job, thing

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def annotated(**annotations: str) -> dict[str, Any]:
    return {
        "metadata": {
            "annotations": {key.replace("__", "/").replace("_", "-"): v for key, v in annotations.items()}
        }
    }


def test_options_are_whole_strings_and_the_first_removal_rule_counts() -> None:
    options = parse_options(
        (
            "Prune=confirm",
            "Prune=false",
            "PrunePropagationPolicy=orphan",
            "Validate=false",
            " CreateNamespace=true",
            "X",
        )
    )
    assert (options.prune, options.propagation, options.validate) == (
        Removal.CONFIRM,
        Propagation.ORPHAN,
        False,
    )
    assert not options.create_namespace
    assert parse_options(()) == SyncOptions()


def test_an_objects_own_option_wins_and_is_trimmed() -> None:
    def obj(options: str) -> dict[str, Any]:
        return thing("ConfigMap", "a", options=options)

    assert prune_rule(SyncOptions(), obj("Validate=false , Prune=false")) is Removal.NEVER
    assert prune_rule(SyncOptions(prune=Removal.NEVER), obj("Prune=confirm")) is Removal.CONFIRM
    assert prune_rule(SyncOptions(prune=Removal.NEVER), obj("Prune=true")) is Removal.ALLOWED
    assert not applies_server_side(SyncOptions(server_side_apply=True), obj("ServerSideApply=false"))
    assert replaces(SyncOptions(replace=True), obj("Replace=false"), None)


def test_helms_keep_is_no_deletion_but_no_matter_of_pruning() -> None:
    kept = {"metadata": {"annotations": {"helm.sh/resource-policy": "keep"}}}
    assert delete_rule(SyncOptions(), kept) is Removal.NEVER
    assert prune_rule(SyncOptions(), kept) is Removal.ALLOWED


HOOK, HELM = "argocd.argoproj.io/hook", "helm.sh/hook"


@pytest.mark.parametrize(
    ("annotations", "types"),
    [
        ({HOOK: "PreSync, PostSync"}, (HookType.PRE_SYNC, HookType.POST_SYNC)),
        ({HOOK: "PreSync,PreSync"}, (HookType.PRE_SYNC,)),
        ({HELM: "pre-install,pre-upgrade"}, (HookType.PRE_SYNC,)),
        ({HELM: "post-delete"}, (HookType.POST_DELETE,)),
        ({HOOK: "Sync", HELM: "pre-install"}, (HookType.SYNC,)),
        ({HOOK: "Odd", HELM: "pre-install"}, (HookType.PRE_SYNC,)),
        ({HELM: "test"}, ()),
    ],
)
def test_hook_types(annotations: dict[str, str], types: tuple[HookType, ...]) -> None:
    obj = {"metadata": {"annotations": annotations}}
    assert hook_types(obj) == types
    assert is_hook(obj)
    assert is_ignored(obj) is (not types)


def test_crd_install_is_an_ordinary_object_and_skip_alone_is_no_hook() -> None:
    assert not is_hook({"metadata": {"annotations": {HELM: "crd-install"}}})
    alone = {"metadata": {"annotations": {HOOK: "Skip"}}}
    assert is_skipped(alone)
    assert not is_hook(alone)
    assert not is_skipped({"metadata": {"annotations": {HOOK: "Skip,Sync"}}})


def test_delete_policies_of_both_kinds_add_up() -> None:
    both = {
        "metadata": {
            "annotations": {
                "argocd.argoproj.io/hook-delete-policy": "HookFailed",
                "helm.sh/hook-delete-policy": "hook-succeeded",
            }
        }
    }
    assert delete_policies(both) == {DeletePolicy.FAILED, DeletePolicy.SUCCEEDED}
    assert delete_policies({}) == {DeletePolicy.BEFORE_CREATION}


def test_hook_names_carry_revision_phase_and_start() -> None:
    assert hook_name("x-", "0123456789", SyncPhase.POST_SYNC, 7) == "x-0123456-postsync-7"
    assert hook_name("x-", "1.0", SyncPhase.PRE_SYNC, 7) == "x-1.0-presync-7"


def test_waves_are_integers_and_helm_weights_stand_in() -> None:
    assert wave_of(thing("A", "a", wave="-5")) == -5
    assert wave_of({"metadata": {"annotations": {"helm.sh/hook-weight": "3"}}}) == 3
    assert (
        wave_of(
            {"metadata": {"annotations": {"argocd.argoproj.io/sync-wave": "x", "helm.sh/hook-weight": "3"}}}
        )
        == 3
    )
    assert wave_of({}) == 0
    assert mirrored([1, 5, 5, -2]) == {-2: 5, 1: 1, 5: -2}


def test_a_namespace_moves_ahead_of_what_lives_in_it() -> None:
    (config, namespace) = desired(thing("ConfigMap", "a", wave="-3"), thing("Namespace", "shop", wave="2"))
    tasks = [
        Task(key=d.key, gvk=d.gvk, phase=SyncPhase.SYNC, wave=wave_of(d.object), desired=d)
        for d in (config, namespace)
    ]
    assert [(task.key.kind, task.wave) for task in in_order(tasks)] == [("Namespace", -3), ("ConfigMap", -3)]


def test_a_namespace_needed_by_a_pre_sync_hook_is_made_in_that_phase() -> None:
    plan = build_plan(
        Wanted(
            operation=Operation(sync=SyncOperation()),
            desired=desired(job("j", "PreSync"), thing("Namespace", "shop")),
            live={},
        )
    )
    assert [(task.key.kind, task.phase) for task in plan.tasks] == [
        ("Namespace", SyncPhase.PRE_SYNC),
        ("Job", SyncPhase.PRE_SYNC),
    ]


def prunes(*waves: str, last: bool = False, also: tuple[dict[str, Any], ...] = ()) -> dict[str, int]:
    live = {}
    for wave in waves:
        obj = thing("ConfigMap", f"w{wave}", wave=wave, **({"options": "PruneLast=true"} if last else {}))
        live[ResourceKey("", "ConfigMap", "shop", f"w{wave}")] = obj
    plan = build_plan(
        Wanted(
            operation=Operation(sync=SyncOperation(prune=True)),
            desired=desired(*also),
            live=live,
            candidates=tuple(
                PruneCandidate(key=key, live=obj, decision=PruneDecision(allowed=True))
                for key, obj in live.items()
            ),
        )
    )
    return {task.key.name: task.wave for task in plan.tasks if task.is_prune}


def test_what_was_created_first_is_pruned_last() -> None:
    assert prunes("0", "1", "5") == {"w0": 5, "w1": 1, "w5": 0}


def test_prune_last_comes_after_every_wave() -> None:
    assert prunes("0", last=True, also=(thing("ConfigMap", "a", wave="7"),)) == {"w0": 8}
    assert prunes("0", last=True) == {"w0": 1}


def test_apply_out_of_sync_only_leaves_the_rest_out() -> None:
    objects = desired(thing("ConfigMap", "a"), thing("ConfigMap", "b"))
    operation = Operation(sync=SyncOperation(sync_options=("ApplyOutOfSyncOnly=true",)))
    plan = build_plan(Wanted(operation=operation, desired=objects, live={}, in_sync={objects[0].key}))
    assert [task.key.name for task in plan.tasks] == ["b"]


def test_a_replaced_object_is_applied_even_when_it_is_in_sync() -> None:
    objects = desired(thing("ConfigMap", "a", options="Replace=true"))
    plan = build_plan(
        Wanted(operation=Operation(sync=SyncOperation()), desired=objects, live={}, in_sync={objects[0].key})
    )
    assert not plan.tasks[0].in_sync


def test_a_namespace_is_part_of_a_selection_when_given() -> None:
    objects = desired(thing("ConfigMap", "a"))
    for namespace, count in (("", 1), ("shop", 1), ("other", 0)):
        chosen = SyncOperationResource(kind="ConfigMap", name="a", namespace=namespace)
        operation = Operation(sync=SyncOperation(resources=(chosen,)))
        assert len(build_plan(Wanted(operation=operation, desired=objects, live={})).tasks) == count


def test_waiting_names_the_first_hook_and_counts_the_rest() -> None:
    plan = build_plan(
        Wanted(
            operation=Operation(sync=SyncOperation()),
            desired=desired(thing("Deployment", "web", api="apps/v1"), job("j", "Sync"), job("k", "Sync")),
            live={},
        )
    )
    plain = [task for task in plan.tasks if not task.is_hook]
    hooks = [task for task in plan.tasks if task.is_hook]
    assert waiting_for("healthy state of", plain) == "waiting for healthy state of apps/Deployment/web"
    assert waiting_for("x", plan.tasks) == "waiting for x batch/Job/j and 2 more resources"
    assert waiting_for("x", hooks) == "waiting for x batch/Job/j and 1 more hooks"


@pytest.mark.parametrize(
    ("text", "seconds"), [("5s", 5), ("1h30m", 5400), ("100ms", 0.1), ("10", 10), ("1.5m", 90), ("-1s", -1)]
)
def test_durations_are_gos_or_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5 s", "abc", "1d", "1.5"])
def test_text_that_is_no_duration_is_an_error(text: str) -> None:
    with pytest.raises(DurationError, match="invalid duration"):
        parse_duration(text)


def test_waits_double_up_to_the_longest() -> None:
    assert [wait_before(None, n) for n in range(1, 7)] == [10, 20, 40, 80, 160, 180]
    assert wait_before(Backoff(duration="1s", factor=3, max_duration="0"), 4) == 81
    assert wait_before(Backoff(factor=10, max_duration="0"), 5000) > 0


def test_a_failed_attempt_is_retried_and_the_time_announced() -> None:
    retry = RetryStrategy(limit=2)
    failed = {"phase": OperationPhase.FAILED, "message": "boom", "retry": retry, "finished_at": NOW}
    first = after_attempt(**failed, retry_count=0)  # type: ignore[arg-type]
    assert first.again and first.phase is OperationPhase.RUNNING
    assert first.message == "boom. Retrying attempt #1 at 2026-01-01T00:00:05Z."
    assert superseded_message(first.message, "9fc1e2a77") == "boom (superseded by 9fc1e2a)"
    assert superseded_message(first.message, "sha256:9fc1e2a77") == "boom (superseded by 9fc1e2a)"
    assert superseded_message(first.message, "10.12.345") == "boom (superseded by 10.12.345)"
    assert first.due == NOW + timedelta(seconds=10) == due_at(retry, 1, NOW)
    last = after_attempt(**failed, retry_count=2)  # type: ignore[arg-type]
    assert (last.again, last.phase, last.message) == (False, OperationPhase.FAILED, "boom (retried 2 times).")


def test_a_success_or_a_termination_is_not_retried() -> None:
    retry = RetryStrategy(limit=-1)
    done = after_attempt(
        phase=OperationPhase.SUCCEEDED, message="ok", retry=retry, retry_count=0, finished_at=NOW
    )
    ended = after_attempt(
        phase=OperationPhase.FAILED,
        message="x",
        retry=retry,
        retry_count=9,
        finished_at=NOW,
        terminating=True,
    )
    assert not done.again and not ended.again
    assert after_attempt(
        phase=OperationPhase.ERROR, message="x", retry=retry, retry_count=99, finished_at=NOW
    ).again


def test_an_unreadable_backoff_ends_the_operation_with_the_reason() -> None:
    retry = RetryStrategy(limit=1, backoff=Backoff(duration="soon"))
    end = after_attempt(
        phase=OperationPhase.FAILED, message="boom", retry=retry, retry_count=0, finished_at=NOW
    )
    assert (end.phase, end.message) == (
        OperationPhase.ERROR,
        'boom (failed to retry: time: invalid duration "soon")',
    )


def test_a_retry_says_whether_it_looks_for_newer_revisions() -> None:
    assert starting_message(None, 1) == "Retrying operation. Attempt #1"
    latest = starting_message(RetryStrategy(limit=1, refresh=True), 2)
    assert latest == "Retrying operation with latest revisions. Attempt #2"


def state(**sync: Any) -> OperationState:
    return OperationState(
        phase=OperationPhase.SUCCEEDED,
        operation=Operation(sync=SyncOperation(**sync)),
        started_at=Time("2026-01-01T00:00:00Z"),
        sync_result=SyncResult(revision="abc"),
    )


def test_history_ids_grow_and_the_oldest_are_dropped() -> None:
    history: Any = ()
    for _ in range(4):
        history = with_deployment(history, state(), deployed_at=Time("2026-01-01T00:00:01Z"), limit=2)
    assert [entry.id for entry in history] == [2, 3]
    assert with_deployment(history, state(), deployed_at=Time(""), limit=0) == ()


def test_partial_and_dry_syncs_are_no_deployments() -> None:
    chosen = (SyncOperationResource(kind="A", name="a"),)
    for sync in ({"dry_run": True}, {"resources": chosen}):
        assert with_deployment((), state(**sync), deployed_at=Time(""), limit=10) == ()
