"""What the guard of prunes is told of an application, and which confirmation it takes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
import pytest

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.item import Comparison, Item
from fairlead.app_controller.syncing.guarding import guarded
from fairlead.app_controller.syncing.operation import Execution
from fairlead.app_controller.syncing.run import Attempt
from fairlead.health import Code, Health
from fairlead.model.decode import decode_application
from fairlead.model.noted import LET_GO
from fairlead.model.status import ApplicationStatus, SyncCode
from fairlead.model.sync import Operation, OperationPhase, OperationState, SyncOperation
from fairlead.model.times import stamp
from fairlead.sync.let_go import APPROVED
from fairlead.sync.plan import Plan, PruneCandidate, Wanted, build_plan
from fairlead.sync.prune import PruneDecision
from tests.unit.app_controller.compared import FakeCluster, config_map, live, subject

OPERATION = Operation(sync=SyncOperation(prune=True))


class _Case:
    """An application of numbered config maps."""

    def __init__(self) -> None:
        application: dict[str, Any] = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "app", "namespace": "argocd", "uid": "u", "resourceVersion": "1"},
            "spec": {"project": "default", "destination": {"server": "https://kubernetes.default.svc"}},
        }
        self.record: Record = Book("argocd").open(decode_application(json.dumps(application).encode()))
        self.about = subject(FakeCluster())

    def confirm(self, text: str) -> None:
        self._annotate({APPROVED: text})

    def restart(self) -> None:
        self.record.execution = None

    def _annotate(self, more: dict[str, str]) -> None:
        annotations = {**self.record.app.metadata.annotations, **more}
        metadata = msgspec.structs.replace(self.record.app.metadata, annotations=annotations)
        self.record.app = msgspec.structs.replace(self.record.app, metadata=metadata)

    def held(self, started: int, *, pruned: range, leaving: range, staying: range) -> int:
        """How many objects of the plan of an operation wait."""
        objects = {
            number: live(_numbered(number, is_leaving=number in leaving), uid=f"u{number}")
            for number in (*pruned, *leaving, *staying)
        }
        items = tuple(Item(key=it.key, version="v1", desired=None, live=it) for it in objects.values())
        candidates = tuple(
            PruneCandidate(
                key=objects[number].key, live=objects[number].decoded(), decision=PruneDecision(allowed=True)
            )
            for number in (*pruned, *leaving)
        )
        plan: Plan = build_plan(
            Wanted(operation=OPERATION, desired=(), live={}, candidates=candidates, started_at=started)
        )
        began = stamp(datetime.fromtimestamp(started, UTC))
        if self.record.execution is None or self.record.execution.started_at != began:
            self.record.execution = Execution(began, 0.0)
        state = OperationState(phase=OperationPhase.RUNNING, operation=OPERATION, started_at=began)
        context = cast(Any, type("_", (), {"subject": self.about}))
        attempt = Attempt(
            self.record, context, execution=self.record.execution, state=state, status=ApplicationStatus()
        )
        comparison = Comparison(items=items, code=SyncCode.OUT_OF_SYNC, health=Health(Code.HEALTHY))
        found = guarded(attempt, comparison, plan)
        if attempt.execution.let_go is not None:
            self._annotate({LET_GO: attempt.execution.let_go.text()})
        return 0 if found.held is None else len(found.held.keys)


def _numbered(number: int, *, is_leaving: bool) -> dict[str, Any]:
    obj = config_map()
    metadata = {**obj["metadata"], "name": f"c{number}", "creationTimestamp": "2020-01-01T00:00:00Z"}
    if is_leaving:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {**obj, "metadata": metadata}


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


@pytest.mark.parametrize(("leaving", "held"), [(range(0), 0), (range(100, 145), 40)])
def test_what_an_earlier_sync_deletes_still_is_no_object_that_stays(leaving: range, held: int) -> None:
    staying = range(200, 260 - len(leaving))
    assert _Case().held(_now(), pruned=range(40), leaving=leaving, staying=staying) == held


@pytest.mark.parametrize("restarts", [False, True])
def test_a_confirmation_by_a_clock_that_is_ahead_is_not_the_next_operation_s_too(restarts: bool) -> None:
    case, began = _Case(), _now() - 5
    assert case.held(began, pruned=range(20), leaving=range(0), staying=range(0)) == 20
    case.confirm(stamp(datetime.fromtimestamp(began + 600, UTC)))
    assert case.held(began, pruned=range(20), leaving=range(0), staying=range(0)) == 0
    if restarts:
        case.restart()
    assert case.held(began, pruned=range(12), leaving=range(0), staying=range(0)) == 0
    assert case.held(began + 3, pruned=range(50, 70), leaving=range(0), staying=range(0)) == 20
    case.confirm(stamp(datetime.fromtimestamp(began + 601, UTC)))
    assert case.held(began + 3, pruned=range(50, 70), leaving=range(0), staying=range(0)) == 0


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("ahead", [1, 600])
def test_what_another_attempt_is_to_delete_besides_is_asked_about_anew(restarts: bool, ahead: int) -> None:
    case, began = _Case(), _now() - 5
    case.confirm(stamp(datetime.fromtimestamp(began + ahead, UTC)))
    assert case.held(began, pruned=range(20), leaving=range(0), staying=range(0)) == 0
    if restarts:
        case.restart()
    assert case.held(began, pruned=range(5, 25), leaving=range(0), staying=range(0)) == 20
