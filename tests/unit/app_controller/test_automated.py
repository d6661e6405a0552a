"""Which operation begins by itself: at the first look of a process, and after one that came to nothing."""

from __future__ import annotations

import json
from typing import Any

from fairlead.app_controller.comparing.item import Comparison, Item
from fairlead.app_controller.looking.automated import automated_operation, is_followed
from fairlead.app_controller.rendering.render import Render
from fairlead.diff.result import Outcome, Reason
from fairlead.health import Code, Health
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import Application
from fairlead.model.decode import decode_application
from fairlead.model.noted import ATTEMPTED
from fairlead.model.status import SyncCode
from fairlead.model.sync import Operation
from tests.unit.app_controller.compared import KEY, live, wanted

STARTED = "2026-01-01T00:00:00Z"


SOURCE = {"repoURL": "https://git.example/a.git", "path": "."}


def _app(attempted: str, **state: Any) -> Application:
    """An application that is synced automatically and whose last operation ended so."""
    application: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": "app",
            "namespace": "argocd",
            "uid": "u",
            "resourceVersion": "1",
            "annotations": {ATTEMPTED: attempted} if attempted else {},
        },
        "spec": {
            "project": "default",
            "source": SOURCE,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "work"},
            "syncPolicy": {"automated": {"prune": True}},
        },
        "status": {
            "operationState": {
                "startedAt": STARTED,
                "finishedAt": STARTED,
                "operation": {"sync": {}},
                **state,
            }
        },
    }
    return decode_application(json.dumps(application).encode())


def _begun(*, with_hook: bool) -> Operation | None:
    """The operation that begins in an application that deployed other manifests last and is in sync."""
    result = {"revision": "c1", "source": SOURCE}
    app = _app(f"{STARTED} of c1", phase="Succeeded", syncResult=result)
    synced = Outcome(key=KEY, status=SyncCode.SYNCED)
    items = [Item(key=KEY, version="v1", desired=wanted(), live=None, outcome=synced)]
    if with_hook:
        key = ResourceKey("batch", "Job", "work", "migrate")
        items.append(Item(key=key, version="v1", desired=wanted(), live=None, hook=True))
    comparison = Comparison(items=tuple(items), code=SyncCode.SYNCED, health=Health(Code.HEALTHY))
    render = Render(digest="of c2", revisions=("c2",))
    decision = automated_operation(app, comparison, render, heal_wait=lambda _: 0.0, is_first_look=True)
    return decision.operation


def test_a_deployment_that_was_not_written_down_is_recorded_after_a_restart() -> None:
    assert _begun(with_hook=False) is not None


def test_a_restart_runs_no_hook_of_an_application_that_is_in_sync() -> None:
    assert _begun(with_hook=True) is None


def _begun_after(attempted: str = "", resources: tuple[dict[str, str], ...] = ()) -> Operation | None:
    """The operation that begins where one ended in an error at the commit that is out of sync."""
    result = {"revision": "c2", "source": SOURCE, "resources": resources}
    app = _app(attempted, phase="Error", message="ComparisonError: Git was away", syncResult=result)
    differs = Outcome(key=KEY, status=SyncCode.OUT_OF_SYNC)
    item = Item(key=KEY, version="v1", desired=wanted(), live=None, outcome=differs)
    comparison = Comparison(items=(item,), code=SyncCode.OUT_OF_SYNC, health=Health(Code.HEALTHY))
    render = Render(digest="of c2", revisions=("c2",))
    decision = automated_operation(app, comparison, render, heal_wait=lambda _: 0.0)
    return decision.operation


def test_a_commit_is_synced_although_somebody_s_sync_of_it_ended_before_it_had_manifests() -> None:
    assert _begun_after() is not None


def test_a_commit_that_was_tried_and_failed_is_not_tried_again() -> None:
    assert _begun_after(attempted=f"{STARTED} of c2") is None
    tried = {
        "group": "",
        "version": "v1",
        "kind": "ConfigMap",
        "name": "a",
        "namespace": "work",
        "status": "SyncFailed",
    }
    assert _begun_after(resources=(tried,)) is None


def _followed(*, problem: str = "", may_sync: bool = True, is_wiped: bool = False, **changes: Any) -> bool:
    found = live() if is_wiped else None
    differs = Outcome(
        key=KEY, status=SyncCode.OUT_OF_SYNC, reason=Reason.EXTRA if is_wiped else Reason.MISSING
    )
    item = Item(key=KEY, version="v1", desired=None if is_wiped else wanted(), live=found, outcome=differs)
    known: dict[str, Any] = {"code": SyncCode.OUT_OF_SYNC, "health": Health(Code.HEALTHY), **changes}
    comparison = Comparison(items=(item,), **known)
    return is_followed(_app("", phase="Running"), comparison, problem=problem, may_sync=may_sync)


def test_a_commit_that_nobody_would_deploy_is_none_to_give_way_to() -> None:
    assert _followed()
    assert not _followed(may_sync=False)
    assert not _followed(problem="the rendered manifests could not be used")
    assert not _followed(is_error=True)
    assert not _followed(is_wiped=True)


def test_what_gave_way_to_a_commit_that_was_taken_back_is_synced_again() -> None:
    result = {"revision": "c1", "source": SOURCE}
    differs = Outcome(key=KEY, status=SyncCode.OUT_OF_SYNC, reason=Reason.DIFFERS)
    items = (Item(key=KEY, version="v1", desired=wanted(), live=None, outcome=differs),)
    comparison = Comparison(items=items, code=SyncCode.OUT_OF_SYNC, health=Health(Code.HEALTHY))
    for revision in ("c1", "c3"):
        render = Render(digest="of c1", revisions=(revision,))
        for message, is_begun in (("waiting (superseded by c2)", True), ("one failed", False)):
            app = _app(f"{STARTED} of c1", phase="Failed", syncResult=result, message=message)
            decision = automated_operation(app, comparison, render, heal_wait=lambda _: 0.0)
            assert (decision.operation is not None) is is_begun
