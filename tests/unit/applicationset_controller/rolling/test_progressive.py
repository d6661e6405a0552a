"""A set's next moves: what it writes into Applications, and what it takes back at the last moment."""

from datetime import UTC, datetime
from typing import Any

from fairlead.applicationset_controller.following.child import Child
from fairlead.applicationset_controller.rolling import progressive
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import from_object, to_object
from tests.unit.applicationset_controller.made import a_set, there, want

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
COMPARED = {"source": {"repoURL": "https://git.example/a.git", "path": "apps"}}
DESTINATION = {"server": "https://kubernetes.default.svc", "namespace": "one"}


def rolled(**status: Any) -> ApplicationSet:
    aset = to_object(a_set(strategy={"type": "RollingSync", "rollingSync": {"steps": [{}]}}))
    waiting = {
        "application": "one",
        "status": "Waiting",
        "step": "1",
        "message": "",
        "targetRevisions": ["r2"],
        "lastTransitionTime": "2026-01-01T11:00:00Z",
    }
    return from_object({**aset, "status": {"applicationStatus": [waiting | status]}}, ApplicationSet)


def one(*, synced: str = "OutOfSync", revision: str = "r2", **status: Any) -> Child:
    sync = {
        "status": synced,
        "revision": revision,
        "comparedTo": {**COMPARED, "destination": DESTINATION},
    }
    return there("one", status={"reconciledAt": "2026-01-01T11:30:00Z", "sync": sync, **status})


def test_what_is_followed_may_lag_so_an_operation_is_begun_only_if_it_still_is_due() -> None:
    wanted = progressive.switched_off([want("one")])
    found = progressive.rollout(rolled(), wanted, {"one": one()}, NOW, differing=(), held=())
    beginning = found.operations["one"]
    assert beginning.operation["sync"] == {"revision": "r2"}
    assert beginning.is_due(one())
    began = {"startedAt": "2026-01-01T11:40:00Z"}
    ours = {"initiatedBy": {"username": "applicationset-controller"}, "sync": {"revision": "r2"}}
    assert not beginning.is_due(one(operationState={**began, "phase": "Running"}))
    assert not beginning.is_due(one(operationState={**began, "phase": "Failed", "operation": ours}))
    assert not beginning.is_due(one(synced="Synced"))
    assert not beginning.is_due(one(revision="r3"))


def test_a_state_of_before_the_spec_was_written_is_no_answer_to_it() -> None:
    wanted = progressive.switched_off([want("one", path="new")])
    stale = one(synced="Synced")
    moved = there("one", path="new", status=to_object(stale.status))
    found = progressive.rollout(rolled(), wanted, {"one": moved}, NOW, differing=(), held=())
    assert found.operations == {}
    assert found.statuses[0].status == "Waiting"
