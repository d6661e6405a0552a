"""What an operation comes to when its cluster refuses for reasons that may pass."""

import json
from typing import cast

import pytest

from fairlead.app_controller.book import Book
from fairlead.app_controller.syncing.evaluate import Evaluation, Means
from fairlead.app_controller.syncing.operation import Context, Execution, Progress
from fairlead.app_controller.syncing.run import Attempt
from fairlead.kube.errors import UnavailableError
from fairlead.model.decode import decode_application
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import Operation, OperationPhase, OperationState, SyncOperation
from tests.unit.app_controller.compared import FakeCluster, subject

STARTED = "2026-01-01T00:00:00Z"


async def _after_an_error(monkeypatch: pytest.MonkeyPatch, phase: OperationPhase) -> Progress:
    async def stages(_: Evaluation) -> Progress:
        raise UnavailableError("failed calling webhook", status=500)

    monkeypatch.setattr(Evaluation, "_stages", stages)
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "app", "namespace": "argocd", "uid": "u", "resourceVersion": "1"},
        "spec": {"project": "default", "destination": {"server": "https://kubernetes.default.svc"}},
    }
    record = Book("argocd").open(decode_application(json.dumps(application).encode()))
    about = subject(FakeCluster())
    context = cast(Context, type("_", (), {"subject": about, "writer": None})())
    attempt = Attempt(
        record,
        context,
        execution=Execution(STARTED),
        state=OperationState(phase=phase, operation=Operation(sync=SyncOperation()), started_at=STARTED),
        status=ApplicationStatus(),
    )
    return await Evaluation(cast(Means, None), attempt).run()


async def test_what_may_pass_is_waited_for_but_not_once_the_end_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running = await _after_an_error(monkeypatch, OperationPhase.RUNNING)
    assert (running.state.phase, running.is_done) == ("Running", False)
    asked = await _after_an_error(monkeypatch, OperationPhase.TERMINATING)
    assert (asked.state.phase, asked.is_done) == ("Error", True)
    assert "failed calling webhook" in asked.state.message
