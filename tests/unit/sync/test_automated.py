"""When an application syncs itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairlead.model.application import Application, ApplicationSpec, Automated, SyncPolicy
from fairlead.model.metadata import ObjectMeta, Time
from fairlead.model.source import Source
from fairlead.model.status import ApplicationStatus, ResourceStatus, SyncCode
from fairlead.model.sync import (
    Operation,
    OperationPhase,
    OperationState,
    RetryStrategy,
    SyncOperation,
    SyncOperationResource,
    SyncResult,
)
from fairlead.sync.automated import Action, Compared, decide, default_heal_wait

NOW = datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC)
ON = Automated()
SOURCE = Source(repo_url="https://git/x", path="p")
WEB = ResourceStatus(group="apps", kind="Deployment", name="web", namespace="ns", status=SyncCode.OUT_OF_SYNC)
GONE = ResourceStatus(kind="ConfigMap", name="old", status=SyncCode.OUT_OF_SYNC, requires_pruning=True)
FINE = ResourceStatus(kind="ConfigMap", name="fine", status=SyncCode.SYNCED)


def last(
    phase: OperationPhase = OperationPhase.SUCCEEDED,
    *,
    revision: str = "abc",
    heals: int = 0,
    ago: float = 10,
) -> OperationState:
    finished = (NOW - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return OperationState(
        phase=phase,
        message="boom",
        operation=Operation(sync=SyncOperation(auto_heal_attempts_count=heals)),
        started_at=Time(finished),
        finished_at=Time(finished),
        sync_result=SyncResult(revision=revision, source=SOURCE),
    )


def app(automated: Automated | None = ON, state: OperationState | None = None, **more: Any) -> Application:
    return Application(
        metadata=ObjectMeta(name="a", namespace="argocd", **more.pop("metadata", {})),
        spec=ApplicationSpec(
            project="p", source=SOURCE, sync_policy=SyncPolicy(automated=automated, sync_options=("X=1",))
        ),
        status=ApplicationStatus(operation_state=state),
        **more,
    )


def compared(*resources: ResourceStatus, status: SyncCode = SyncCode.OUT_OF_SYNC, **more: Any) -> Compared:
    return Compared(status=status, revisions=("abc",), resources=resources or (WEB, FINE), **more)


@pytest.mark.parametrize(
    "idle",
    [
        app(None),
        app(Automated(enabled=False)),
        app(operation=Operation()),
        app(metadata={"deletion_timestamp": Time("2026-01-01T00:00:00Z")}),
    ],
)
def test_nothing_happens_when_it_is_off_busy_or_leaving(idle: Application) -> None:
    assert decide(idle, compared(), now=NOW).action is Action.NOTHING


@pytest.mark.parametrize("status", [SyncCode.SYNCED, SyncCode.UNKNOWN])
def test_nothing_happens_unless_out_of_sync(status: SyncCode) -> None:
    assert decide(app(), compared(status=status), now=NOW).action is Action.NOTHING


def test_prune_candidates_alone_start_nothing_while_prune_is_off() -> None:
    assert decide(app(), compared(GONE, FINE), now=NOW).action is Action.NOTHING
    assert decide(app(Automated(prune=True)), compared(GONE, FINE), now=NOW).action is Action.SYNC


def test_a_new_revision_is_synced_whole() -> None:
    found = decide(app(state=last(revision="old")), compared(), now=NOW)
    assert found.action is Action.SYNC
    operation = found.operation
    assert operation is not None and operation.sync is not None and operation.initiated_by is not None
    assert operation.initiated_by.automated
    assert operation.retry == RetryStrategy(limit=5)
    assert operation.sync == SyncOperation(revision="abc", source=SOURCE, sync_options=("X=1",))


def test_a_failed_revision_is_not_tried_again() -> None:
    found = decide(app(state=last(OperationPhase.FAILED)), compared(), now=NOW)
    assert (found.action, found.condition) == (Action.REFUSE, "Failed last sync attempt to [abc]: boom")


def test_drift_is_left_alone_without_self_heal() -> None:
    assert decide(app(state=last()), compared(), now=NOW).action is Action.NOTHING


def test_drift_is_healed_at_once_and_only_what_drifted_is_applied() -> None:
    found = decide(app(Automated(self_heal=True), last(ago=0)), compared(), now=NOW)
    assert found.action is Action.HEAL
    assert found.operation is not None and found.operation.sync is not None
    assert found.operation.sync.resources == (
        SyncOperationResource(group="apps", kind="Deployment", name="web"),
    )
    assert found.operation.sync.auto_heal_attempts_count == 1


def test_repeated_heals_wait_ever_longer() -> None:
    assert [default_heal_wait(n) for n in range(9)] == [0, 2, 6, 18, 54, 162, 300, 300, 300]
    waiting = decide(app(Automated(self_heal=True), last(heals=3)), compared(), now=NOW)
    assert (waiting.action, waiting.due) == (Action.WAIT, NOW + timedelta(seconds=8))
    later = decide(app(Automated(self_heal=True), last(heals=3, ago=18)), compared(), now=NOW)
    assert later.action is Action.HEAL
    fixed = decide(
        app(Automated(self_heal=True), last(heals=3)), compared(), now=NOW, heal_wait=lambda _: 0.0
    )
    assert fixed.action is Action.HEAL


def test_a_commit_that_does_not_touch_the_application_is_no_new_attempt() -> None:
    state = last(OperationPhase.FAILED, revision="old")
    assert decide(app(state=state), compared(), now=NOW).action is Action.SYNC
    assert decide(app(state=state), compared(source_unaffected=True), now=NOW).action is Action.REFUSE


def test_an_operation_that_ended_without_result_counts_as_attempted() -> None:
    import msgspec

    state = msgspec.structs.replace(last(OperationPhase.ERROR), sync_result=None)
    assert decide(app(state=state), compared(), now=NOW).action is Action.REFUSE


def test_an_operation_that_tried_nothing_is_no_attempt() -> None:
    state = last(OperationPhase.ERROR)
    assert decide(app(state=state), compared(), now=NOW).action is Action.REFUSE
    assert decide(app(state=state), compared(tried_nothing=True), now=NOW).action is Action.SYNC


def test_nothing_is_wiped_out_unless_that_is_allowed() -> None:
    found = decide(app(Automated(prune=True)), compared(GONE), now=NOW)
    assert found.condition == "Skipping sync attempt to [abc]: auto-sync will wipe out all resources"
    assert decide(app(Automated(prune=True, allow_empty=True)), compared(GONE), now=NOW).action is Action.SYNC


@pytest.mark.parametrize(
    "beside",
    [
        ResourceStatus(kind="ConfigMap", name="copy", namespace="elsewhere"),
        ResourceStatus(group="batch", kind="Job", name="hook", hook=True, requires_pruning=True),
    ],
    ids=["a copied mark", "a hook"],
)
def test_what_takes_no_part_neither_lifts_nor_triggers_the_wipe_out_protection(
    beside: ResourceStatus,
) -> None:
    automated = Automated(prune=True, self_heal=True)
    emptied = Compared(status=SyncCode.OUT_OF_SYNC, revisions=("new",), resources=(GONE, beside))
    assert decide(app(automated), emptied, now=NOW).action is Action.REFUSE
    changed = Compared(status=SyncCode.OUT_OF_SYNC, revisions=("new",), resources=(WEB, beside))
    assert decide(app(automated), changed, now=NOW).action is Action.SYNC
