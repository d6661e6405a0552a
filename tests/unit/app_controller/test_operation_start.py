"""The start of an operation, which names it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fairlead.app_controller.syncing.operation import may_be_held, until_told_apart
from fairlead.model.decode import decode_application

MOMENT = datetime(2026, 3, 1, 12, 0, 7, 900_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "seconds"),
    [
        (None, 0.0),
        ({"phase": "Succeeded", "startedAt": "2026-03-01T12:00:06Z"}, 0.0),
        ({"phase": "Succeeded", "startedAt": "2026-03-01T12:00:07Z"}, 0.1),
        ({"phase": "Running", "startedAt": "2026-03-01T12:00:07Z"}, 0.0),
        ({"phase": "Failed", "startedAt": "2026-03-01T13:00:00Z"}, 0.0),
    ],
)
def test_no_two_operations_begin_within_one_second(last: dict[str, object] | None, seconds: float) -> None:
    state = {} if last is None else {"status": {"operationState": {"operation": {}, **last}}}
    metadata = {"name": "app", "namespace": "argocd", "uid": "u", "resourceVersion": "1"}
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": metadata,
        "spec": {"project": "default", "destination": {}},
        **state,
    }
    app = decode_application(json.dumps(application).encode())
    assert until_told_apart(app, MOMENT) == pytest.approx(seconds)


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
