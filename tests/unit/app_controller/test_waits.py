"""What is waited for is told in fields: the same each time, with what is known and no more."""

from __future__ import annotations

from typing import cast

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.deleting.leaving import Pass, outlook
from fairlead.app_controller.syncing.asked import held_objects, outlook_of
from fairlead.app_controller.syncing.operation import Execution
from fairlead.app_controller.syncing.waits import waits_of
from fairlead.manifest.identity import GroupVersionKind, ResourceKey
from fairlead.manifest.prepare import Desired
from fairlead.model.application import Application, ApplicationSpec
from fairlead.model.metadata import ObjectMeta, Time
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import (
    HookPhase,
    HookType,
    Operation,
    OperationPhase,
    OperationState,
    ResultCode,
    RetryStrategy,
    SyncOperation,
    SyncPhase,
)
from fairlead.model.times import parsed
from fairlead.rpc.waiting import MAX_AWAITED, MAX_HELD, NOTHING_AWAITED, HeldObject, Hindrance, Waiting
from fairlead.sync.deadlines import Deadlines
from fairlead.sync.guard import Held
from fairlead.sync.obstacle import Obstacle
from fairlead.sync.step import Step
from fairlead.sync.task import Results, Task

STARTED = Time("2026-01-01T00:00:00Z")
OPERATION = Operation(sync=SyncOperation(), retry=RetryStrategy(limit=3))
STATE = OperationState(phase=OperationPhase.RUNNING, operation=OPERATION, started_at=STARTED)
WANTED = cast(Desired, object())
WEB = Task(
    key=ResourceKey("apps", "Deployment", "shop", "web"),
    gvk=GroupVersionKind("apps", "v1", "Deployment"),
    phase=SyncPhase.SYNC,
    wave=3,
    desired=WANTED,
)
JOB = Task(
    key=ResourceKey("batch", "Job", "shop", "migrate"),
    gvk=GroupVersionKind("batch", "v1", "Job"),
    phase=SyncPhase.SYNC,
    wave=3,
    desired=WANTED,
    hook_type=HookType.SYNC,
)
KEPT = Obstacle(
    text="Pod web-0: CrashLoopBackOff: container main: it ended with exit code 1",
    kind="Pod",
    name="web-0",
    container="main",
    reason="CrashLoopBackOff",
    words="it ended with exit code 1",
)


def running(*tasks: Task) -> Step:
    results = Results([task.result(ResultCode.SYNCED, HookPhase.RUNNING) for task in tasks])
    return Step(message="", results=results, awaits=tasks)


def waits(step: Step, before: Waiting | None = None, seconds: float = 40.0) -> Waiting | None:
    return waits_of(
        step,
        STATE,
        waited={task.id: seconds for task in step.awaits},
        kept_by={task.id: KEPT for task in step.awaits if not task.is_hook},
        deadlines=Deadlines(hook=60.0, wait=0.0),
        before=before,
    )


def test_each_object_is_told_with_what_is_waited_for_and_who_keeps_it() -> None:
    found = waits(running(WEB, JOB))
    assert found is not None
    assert (found.reason, found.phase, found.wave, found.started_at) == ("objects", "Sync", 3, STARTED)
    hook, other = found.objects
    assert (hook.name, hook.what, hook.hook) == ("migrate", "completion", True)
    assert hook.until
    assert (other.name, other.what) == ("web", "health")
    assert other.by == Hindrance(
        kind="Pod",
        name="web-0",
        container="main",
        reason="CrashLoopBackOff",
        message="it ended with exit code 1",
    )
    assert other.until == "", "without a deadline there is no end"


def test_the_same_wait_is_the_same_value_however_often_it_is_found() -> None:
    first = waits(running(WEB, JOB), seconds=40.0)
    assert waits(running(WEB, JOB), before=first, seconds=47.5) == first


def test_what_is_pruned_is_waited_for_until_it_is_gone() -> None:
    found = waits(running(msgspec.structs.replace(WEB, desired=None)))
    assert found is not None
    assert found.objects[0].what == "deletion"


def test_only_the_first_of_many_are_named() -> None:
    many = [
        msgspec.structs.replace(WEB, key=ResourceKey("apps", "Deployment", "shop", f"web-{number}"))
        for number in range(MAX_AWAITED + 5)
    ]
    found = waits(running(*many))
    assert found is not None
    assert (len(found.objects), found.more) == (MAX_AWAITED, 5)


def record(state: OperationState | None = STATE, **metadata: object) -> Record:
    meta = ObjectMeta(name="web", namespace="argocd", **metadata)  # type: ignore[arg-type]
    status = ApplicationStatus(operation_state=state)
    app = Application(metadata=meta, spec=ApplicationSpec(), operation=OPERATION, status=status)
    found = Record(app, "web")
    found.execution = Execution(STARTED, 0.0)
    return found


def test_what_an_earlier_operation_waited_for_is_not_told_of_another() -> None:
    one = record(msgspec.structs.replace(STATE, started_at=Time("2026-01-02T00:00:00Z")))
    assert one.execution is not None
    one.execution.waiting = Waiting(reason="objects")
    assert outlook_of(one) == NOTHING_AWAITED
    assert outlook_of(record(msgspec.structs.replace(STATE, phase=OperationPhase.FAILED))) == NOTHING_AWAITED


def test_the_next_attempt_has_its_time() -> None:
    one = record(msgspec.structs.replace(STATE, retry_count=1, finished_at=Time("2026-01-01T00:01:00Z")))
    told = outlook_of(one).waiting
    assert told is not None
    assert (told.reason, told.attempt, told.until) == ("retry", 1, "2026-01-01T00:01:10Z")


def test_what_a_person_is_asked_says_what_would_go_and_from_when_a_confirmation_counts() -> None:
    one, since = record(), parsed("2026-01-01T00:00:05Z")
    assert one.execution is not None
    assert since is not None
    keys = [ResourceKey("", "Namespace", "", "shop"), ResourceKey("", "ConfigMap", "shop", "a")]
    one.execution.held = Held(
        app="web",
        named=tuple(keys[:1]),
        keys=frozenset(keys),
        going=2,
        staying=1,
        share=50.0,
        by_share=True,
        since=since,
        refused=parsed("2025-12-31T00:00:00Z"),
        reason="is older than this list",
    )
    held = outlook_of(one).held
    assert held is not None
    assert (held.going, held.living, held.share, held.since) == (2, 3, 50.0, "2026-01-01T00:00:05Z")
    assert held.objects == (
        HeldObject(kind="Namespace", name="shop", takes="contents"),
        HeldObject(kind="ConfigMap", namespace="shop", name="a"),
    )
    assert held.list == one.execution.held.mark
    assert (held.refused, held.why) == ("2025-12-31T00:00:00Z", "is older than this list")


def test_objects_that_ask_by_an_option_are_named() -> None:
    one = record()
    assert one.execution is not None
    one.execution.unconfirmed = (ResourceKey("", "ConfigMap", "shop", "a"),)
    held = outlook_of(one).held
    assert held is not None
    assert (held.what, held.by, held.since) == ("prune", "option", STARTED)


def test_more_than_can_be_named_are_counted() -> None:
    keys = [ResourceKey("", "ConfigMap", "shop", f"a-{number}") for number in range(MAX_HELD + 3)]
    assert held_objects(keys)[1] == 3


def test_a_deletion_says_what_it_waits_for() -> None:
    one = record(None, deletion_timestamp=Time("2026-01-03T00:00:00Z"))
    key = ResourceKey("", "PersistentVolumeClaim", "shop", "data")
    one.leaving = outlook(one, Pass(problem="waiting for the annotation", unconfirmed=(key,)))
    told = outlook_of(one)
    assert told.waiting is not None
    assert told.held is not None
    assert (told.waiting.reason, told.waiting.message) == ("deletion", "waiting for the annotation")
    assert (told.held.what, told.held.since) == ("deletion", "2026-01-03T00:00:00Z")
    assert told.held.objects[0].takes == "data"
