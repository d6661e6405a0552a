"""What the first look of a process concludes from an application that is in sync already."""

from __future__ import annotations

import json
from typing import Any

from fairlead.app_controller.attempt import ATTEMPTED
from fairlead.app_controller.automated import automated_operation
from fairlead.app_controller.item import Comparison, Item
from fairlead.app_controller.render import Render
from fairlead.diff.result import Outcome
from fairlead.health import Code, Health
from fairlead.manifest.identity import ResourceKey
from fairlead.model.decode import decode_application
from fairlead.model.status import SyncCode
from fairlead.model.sync import Operation
from tests.unit.app_controller.compared import KEY, wanted

STARTED = "2026-01-01T00:00:00Z"


def _begun(*, with_hook: bool) -> Operation | None:
    """The operation that begins in an application that deployed other manifests last and is in sync."""
    source = {"repoURL": "https://git.example/a.git", "path": "."}
    application: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": "app",
            "namespace": "argocd",
            "uid": "u",
            "resourceVersion": "1",
            "annotations": {ATTEMPTED: f"{STARTED} of c1"},
        },
        "spec": {
            "project": "default",
            "source": source,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "work"},
            "syncPolicy": {"automated": {"prune": True}},
        },
        "status": {
            "operationState": {
                "phase": "Succeeded",
                "startedAt": STARTED,
                "finishedAt": STARTED,
                "operation": {"sync": {}},
                "syncResult": {"revision": "c1", "source": source},
            }
        },
    }
    app = decode_application(json.dumps(application).encode())
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
