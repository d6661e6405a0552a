"""When an operation that waits is evaluated, and when it gives way or ends instead."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fairlead.app_controller.book import Book
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.syncing import operate
from fairlead.app_controller.syncing.evaluate import Means
from fairlead.app_controller.syncing.operate import Operator
from fairlead.app_controller.syncing.operation import Context, Progress
from fairlead.app_controller.syncing.run import Attempt
from fairlead.model.decode import decode_application
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import OperationPhase
from fairlead.model.times import stamp
from fairlead.settings import ControllerParameters
from tests.unit.app_controller.compared import FakeCluster, subject

SOURCE = {"repoURL": "https://git.example/a.git", "path": "."}
OPERATION = {
    "sync": {"revision": "old"},
    "initiatedBy": {"automated": True},
    "retry": {"limit": -1, "backoff": {"duration": "1h", "maxDuration": "1h"}},
}
RETRYING = {"finishedAt": stamp(), "retryCount": 1, "syncResult": {"revision": "old", "source": SOURCE}}


async def _stepped(
    monkeypatch: pytest.MonkeyPatch,
    state: dict[str, Any],
    *,
    is_deleting: bool = False,
    blocked: str | None = None,
    is_followed: bool = True,
) -> tuple[Progress, OperationPhase | None]:
    """What a step comes to, and the phase that was evaluated, None when none was."""
    evaluated: list[OperationPhase] = []

    class _Evaluation:
        def __init__(self, _: Means, attempt: Attempt) -> None:
            self._state = attempt.state

        async def run(self) -> Progress:
            evaluated.append(self._state.phase)
            return Progress(state=self._state)

    monkeypatch.setattr(operate, "Evaluation", _Evaluation)
    metadata: dict[str, Any] = {"name": "app", "namespace": "argocd", "uid": "u", "resourceVersion": "1"}
    if is_deleting:
        metadata["deletionTimestamp"] = stamp()
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": metadata,
        "spec": {
            "project": "default",
            "source": SOURCE,
            "destination": {"server": "https://kubernetes.default.svc"},
            "syncPolicy": {"automated": {}},
        },
        "operation": OPERATION,
        "status": {
            "operationState": {"phase": "Running", "startedAt": stamp(), "operation": OPERATION, **state}
        },
    }
    record = Book("argocd").open(decode_application(json.dumps(application).encode()))
    render = Render(digest="of new", revisions=("new",))
    means = cast(Means, SimpleNamespace(parameters=ControllerParameters()))
    assert record.app.operation is not None
    context = cast(
        Context,
        SimpleNamespace(
            blocked=blocked,
            awaits=None,
            render=render,
            is_followed=lambda: is_followed,
            subject=subject(FakeCluster()),
        ),
    )
    progress = await Operator(means).step(record, record.app.operation, context, ApplicationStatus())
    return progress, evaluated[0] if evaluated else None


async def test_an_attempt_to_come_gives_way_to_a_newer_commit_that_would_be_deployed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    progress, evaluated = await _stepped(monkeypatch, RETRYING)
    assert (progress.state.phase, progress.gave_way, evaluated) == ("Failed", True, None)
    progress, evaluated = await _stepped(monkeypatch, RETRYING, is_followed=False)
    assert (progress.state.phase, progress.gave_way, evaluated) == ("Running", False, None)


@pytest.mark.parametrize(("state", "blocked"), [(RETRYING, None), ({}, "blocked by a window")])
async def test_what_waits_ends_when_its_application_is_deleted(
    monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], blocked: str | None
) -> None:
    _, evaluated = await _stepped(monkeypatch, state, blocked=blocked, is_followed=False)
    assert evaluated is None
    _, evaluated = await _stepped(monkeypatch, state, blocked=blocked, is_deleting=True)
    assert evaluated == "Terminating"
