"""A wait goes on where it was when a controller starts anew, or another takes over."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from fairlead.app_controller.book import now
from fairlead.app_controller.looking.facts import Unread
from fairlead.app_controller.looking.unread import unread
from fairlead.app_controller.syncing.clock import Clock, clock_of
from fairlead.app_controller.syncing.operation import Execution
from fairlead.manifest.identity import GroupVersionKind, ResourceKey
from fairlead.model.application import Application
from fairlead.model.decode import decode_application
from fairlead.model.metadata import Time
from fairlead.model.noted import CLOCK
from fairlead.model.sync import Operation, OperationPhase, OperationState, SyncPhase
from fairlead.model.times import stamp
from fairlead.sync.step import Step
from fairlead.sync.task import Results, Task

STATE = OperationState(
    phase=OperationPhase.RUNNING, operation=Operation(), started_at="2026-01-01T00:00:00Z", retry_count=2
)
HOUR = 3600.0


def application(**annotations: str) -> Application:
    body: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "app", "namespace": "argocd", "annotations": annotations},
        "spec": {"project": "default", "destination": {"server": "https://kubernetes.default.svc"}},
    }
    return decode_application(json.dumps(body).encode())


def task(name: str, wave: int) -> Task:
    key = ResourceKey("apps", "Deployment", "shop", name)
    return Task(key=key, gvk=GroupVersionKind("apps", "v1", "Deployment"), phase=SyncPhase.SYNC, wave=wave)


def step(*tasks: Task, awaits_person: bool = False) -> Step:
    return Step(message="", results=Results(), awaits=tasks, awaits_person=awaits_person)


def ago(seconds: float) -> Time:
    return stamp(datetime.now(UTC) - timedelta(seconds=seconds))


def restarted(clock: Clock) -> Execution:
    """An execution of another process, which reads what this one wrote."""
    found = clock_of(application(**{CLOCK: clock.text(STATE)}), STATE)
    assert found == clock
    execution = Execution(Time(STATE.started_at), now())
    execution.resume(found, now())
    return execution


def test_an_attempt_and_its_stage_go_on_with_the_time_that_is_over() -> None:
    clock = Clock(begun=ago(5 * HOUR), stage="Sync/3", since=ago(HOUR))
    execution = restarted(clock)
    assert now() - execution.begun_at == pytest.approx(5 * HOUR, abs=5)
    execution.wait_for(step(), now())
    first, second = task("a", 3), task("b", 3)
    execution.wait_for(step(first), now())
    assert now() - execution.awaited[first.id] == pytest.approx(HOUR, abs=5)
    execution.wait_for(step(first, second), now())
    assert now() - execution.awaited[second.id] < HOUR / 2, "it came to it here"
    assert execution.clock == clock, "so nothing is written anew"


def test_a_stage_that_began_while_nobody_was_there_is_given_all_its_time() -> None:
    execution = restarted(Clock(begun=ago(5 * HOUR), stage="Sync/3", since=ago(HOUR)))
    other = task("a", 4)
    execution.wait_for(step(other), now())
    assert now() - execution.awaited[other.id] < HOUR / 2
    assert execution.clock.stage == "Sync/4"


def test_waiting_for_a_person_takes_no_time_and_another_attempt_begins_anew() -> None:
    execution = restarted(Clock(begun=ago(5 * HOUR), stage="Sync/3", since=ago(HOUR)))
    execution.wait_for(step(task("a", 3), awaits_person=True), now())
    assert execution.clock == Clock(begun=None)
    assert execution.is_timed
    later = restarted(execution.clock)
    assert now() - later.begun_at < HOUR
    later.wait_for(step(task("a", 3)), now())
    assert later.clock.begun is not None
    execution.begin_anew(now())
    assert not execution.is_timed


def test_a_clock_of_another_operation_or_attempt_or_of_nobody_counts_for_nothing() -> None:
    text = Clock(begun=ago(HOUR)).text(STATE)
    for state in (
        msgspec.structs.replace(STATE, retry_count=1),
        msgspec.structs.replace(STATE, started_at="2026-01-01T00:00:01Z"),
    ):
        assert clock_of(application(**{CLOCK: text}), state) is None
    for odd in ("", "nonsense", "a b c d e"):
        assert clock_of(application(**{CLOCK: odd}), STATE) is None
    broken = clock_of(application(**{CLOCK: f"{STATE.started_at} 2 soon Sync/1 later"}), STATE)
    assert broken == Clock(begun=None, stage="Sync/1")


def test_a_time_of_a_clock_that_is_ahead_gives_no_more_than_all_of_it() -> None:
    execution = restarted(Clock(begun=ago(-HOUR), stage="Sync/0", since=ago(-HOUR)))
    execution.wait_for(step(task("a", 0)), now())
    assert execution.begun_at <= now()
    assert max(execution.awaited.values()) <= now()


def test_a_cluster_s_trouble_is_as_old_as_the_application_says() -> None:
    problem = SimpleNamespace(words="away", since=ago(1), lasted=1.0)
    cluster = cast(Any, SimpleNamespace(server="https://there", problem=problem, live=None))
    said = 'Failed to load live state: cluster "https://there": '

    def found(*messages: str) -> Unread:
        conditions = [{"type": "ComparisonError", "message": message} for message in messages]
        app = application()
        status = msgspec.convert({"conditions": conditions}, type(app.status))
        result = unread(msgspec.structs.replace(app, status=status), cluster)
        assert isinstance(result, Unread)
        return result

    old = ago(2 * HOUR)
    assert found(f"{said}refused (since {old})").lasted == pytest.approx(2 * HOUR, abs=5)
    assert found(f"{said}refused (since {old})").remark.message == f"{said}away (since {old})"
    for other in (f"{said}refused (since lately)", said.replace("there", "here") + f"(since {old})", said):
        assert found(other).lasted == 1.0
