"""What was attempted is known by its manifests, not by the names of commits."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from fairlead.app_controller.comparing.item import Comparison, Item
from fairlead.app_controller.looking.automated import automated_operation
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.reporting.attempt import attempt_text, attempted_digest
from fairlead.diff.result import Outcome, Reason
from fairlead.health import Code, Health
from fairlead.model.application import Application
from fairlead.model.decode import decode_application
from fairlead.model.noted import ATTEMPTED
from fairlead.model.status import SyncCode
from fairlead.sync.automated import default_heal_wait
from tests.unit.app_controller.compared import KEY, live, wanted

STARTED = "2026-01-01T00:00:00Z"
SOURCE = {"repoURL": "https://git.example/team/config.git", "path": "."}


def application(
    *, phase: str = "Succeeded", revision: str = "c1", attempted: str = "", heals: bool = False
) -> Application:
    state: dict[str, Any] = {
        "phase": phase,
        "operation": {"sync": {"revision": revision}},
        "startedAt": STARTED,
        "finishedAt": STARTED,
        "syncResult": {"revision": revision, "source": SOURCE},
    }
    annotations = {ATTEMPTED: f"{STARTED} {attempted}"} if attempted else {}
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "app", "namespace": "argocd", "annotations": annotations},
        "spec": {
            "project": "default",
            "source": SOURCE,
            "destination": {"server": "https://one", "namespace": "work"},
            "syncPolicy": {"automated": {"selfHeal": heals}},
        },
        "status": {"sync": {"status": "OutOfSync", "revision": "c3"}, "operationState": state},
    }
    return decode_application(json.dumps(body).encode())


def comparison(status: SyncCode = SyncCode.OUT_OF_SYNC) -> Comparison:
    reason = Reason.DIFFERS if status is SyncCode.OUT_OF_SYNC else Reason.NONE
    outcome = Outcome(key=KEY, status=status, reason=reason)
    item = Item(key=KEY, version="v1", desired=wanted(), live=live(), outcome=outcome)
    return Comparison(items=(item,), code=status, health=Health(Code.HEALTHY))


def decided(app: Application, render: Render, found: Comparison | None = None, **options: Any) -> bool:
    """Whether a sync begins."""
    decision = automated_operation(app, found or comparison(), render, heal_wait=default_heal_wait, **options)
    return decision.operation is not None


def test_a_change_by_hand_stays_after_a_commit_that_changed_nothing_and_a_refresh() -> None:
    app = application(attempted="same")
    assert not decided(app, Render(digest="same", revisions=("c3",)))


def test_a_commit_that_changed_something_is_synced() -> None:
    assert decided(application(attempted="same"), Render(digest="other", revisions=("c3",)))


def test_an_operation_that_failed_before_it_had_manifests_is_no_attempt_at_a_later_state() -> None:
    app = application(phase="Error", revision="c1")
    assert decided(app, Render(digest="other", revisions=("c3",)))


def test_a_failed_attempt_at_these_manifests_is_not_repeated() -> None:
    app = application(phase="Failed", attempted="same")
    assert not decided(app, Render(digest="same", revisions=("c3",)))


def test_a_deployment_that_was_not_written_down_is_written_at_the_first_look() -> None:
    app, render = application(attempted="before"), Render(digest="after", revisions=("c2",))
    synced = comparison(SyncCode.SYNCED)
    assert decided(app, render, synced, is_first_look=True)
    assert not decided(app, render, synced)
    assert not decided(application(attempted="after"), render, synced, is_first_look=True)


def test_the_mark_belongs_to_the_last_operation_only() -> None:
    app = application(attempted="same")
    state = app.status.operation_state
    assert state is not None
    assert attempted_digest(app) == "same"
    later = msgspec.structs.replace(state, started_at="2026-01-02T00:00:00Z")
    status = msgspec.structs.replace(app.status, operation_state=later)
    assert attempted_digest(msgspec.structs.replace(app, status=status)) == ""
    assert attempt_text(state, "") == ""
