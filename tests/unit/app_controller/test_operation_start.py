"""The start of an operation, which names it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairlead.app_controller.syncing.operation import begun_after, end_of, may_be_held
from fairlead.model.decode import decode_application
from fairlead.model.metadata import Time
from fairlead.model.sync import Operation, OperationPhase, OperationState

MOMENT = datetime(2026, 3, 1, 12, 0, 7, 900_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("previous", "start"),
    [
        (None, "2026-03-01T12:00:07Z"),
        ("2026-03-01T12:00:06Z", "2026-03-01T12:00:07Z"),
        ("2026-03-01T12:00:07Z", "2026-03-01T12:00:08Z"),
        ("2026-03-01T12:00:08Z", "2026-03-01T12:00:09Z"),
        ("2026-03-01T13:00:00Z", "2026-03-01T12:00:07Z"),
        ("no time", "2026-03-01T12:00:07Z"),
    ],
)
def test_an_operation_begins_after_the_one_before_it_unless_a_clock_was_far_ahead(
    previous: str | None, start: str
) -> None:
    assert begun_after(Time(previous) if previous else None, MOMENT) == start


def test_starts_of_one_second_are_all_different() -> None:
    starts: list[Time] = []
    for number in range(30):
        moment = MOMENT + timedelta(milliseconds=number)
        starts.append(begun_after(starts[-1] if starts else None, moment))
    assert len(set(starts)) == len(starts)


SOURCE = {"repoURL": "https://git.example/a.git", "path": "."}


@pytest.mark.parametrize(
    ("automated", "state", "is_held"),
    [
        (True, None, True),
        (True, {}, True),
        (True, {"syncResult": {"revision": "a", "source": SOURCE}}, False),
        (True, {"retryCount": 1}, False),
        (False, {}, False),
    ],
)
def test_an_operation_that_a_set_asks_for_is_held_until_it_knows_what_it_deploys(
    state: dict[str, Any] | None, *, automated: bool, is_held: bool
) -> None:
    operation = {"initiatedBy": {"automated": automated, "username": "a set"}, "sync": {}}
    running = {"phase": "Running", "startedAt": "2026-03-01T12:00:08Z", "operation": operation}
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "app", "namespace": "argocd"},
        "spec": {"source": SOURCE, "destination": {"server": "https://kubernetes.default.svc"}},
        "operation": operation,
        "status": {} if state is None else {"operationState": {**running, **state}},
    }
    app = decode_application(json.dumps(body).encode())
    assert app.operation is not None
    assert may_be_held(app, app.operation) is is_held


def test_an_operation_does_not_end_before_it_began() -> None:
    operation = OperationState(
        phase=OperationPhase.RUNNING, operation=Operation(), started_at=Time("2026-03-01T12:00:08Z")
    )
    assert end_of(operation, MOMENT) == "2026-03-01T12:00:08Z"
    assert end_of(operation, MOMENT + timedelta(seconds=9)) == "2026-03-01T12:00:16Z"
