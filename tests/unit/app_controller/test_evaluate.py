"""What an operation comes to when its cluster refuses for reasons that may pass."""

import json
from typing import cast

import pytest

from fairlead.app_controller.book import Book, now
from fairlead.app_controller.syncing.evaluate import Evaluation, Means
from fairlead.app_controller.syncing.operation import Context, Execution, Progress
from fairlead.app_controller.syncing.run import Attempt
from fairlead.kube.errors import UnavailableError
from fairlead.model.decode import decode_application
from fairlead.model.metadata import Time
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import Operation, OperationPhase, OperationState, SyncOperation
from fairlead.settings import ControllerParameters
from fairlead.sync.deadlines import ATTEMPT
from tests.unit.app_controller.compared import FakeCluster, subject

STARTED = "2026-01-01T00:00:00Z"


async def _after_an_error(
    monkeypatch: pytest.MonkeyPatch, phase: OperationPhase, *, begun_at: float
) -> Progress:
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
        execution=Execution(Time(STARTED), begun_at),
        state=OperationState(phase=phase, operation=Operation(sync=SyncOperation()), started_at=STARTED),
        status=ApplicationStatus(),
    )
    means = cast(Means, type("_", (), {"parameters": ControllerParameters()})())
    return await Evaluation(means, attempt).run()


async def test_what_may_pass_is_waited_for_but_not_once_the_end_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running = await _after_an_error(monkeypatch, OperationPhase.RUNNING, begun_at=now())
    assert (running.state.phase, running.is_done) == ("Running", False)
    asked = await _after_an_error(monkeypatch, OperationPhase.TERMINATING, begun_at=now())
    assert (asked.state.phase, asked.is_done) == ("Error", True)
    assert "failed calling webhook" in asked.state.message


async def test_what_never_passes_ends_with_the_time_of_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    late = await _after_an_error(monkeypatch, OperationPhase.RUNNING, begun_at=now() - ATTEMPT - 1)
    assert late.state.phase == "Error"
    assert late.state.message == "the attempt did not end within 24h: failed calling webhook"
