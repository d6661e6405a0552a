"""Syncs from beginning to end: each file under tests/golden/sync is one sentence.

`objects` are what Git has, `live` what is there before, and `old` what is there and no longer in Git, in
short: kind, name, and where it has them `wave`, `hook`, `policy`, `options`. `fates` say of objects that they
get `ill` or `stuck`, `refuses` what the API server says to an apply, `in_sync` what needs no apply; `late` at
which evaluation a wait is over, `approved` at which one a confirmation comes. `story` is what each evaluation
does and says; after each the world goes on: jobs end, claims are bound.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import SyncOperation
from fairlead.sync.prune import PruneDecision

from .cluster import CLUSTER_KINDS, STARTED, Cluster, Controller, Object, thing

GOLDEN = Path(__file__).parents[2] / "golden" / "sync"
CASES = sorted(GOLDEN.glob("*.yaml"))
SHORT = {"wave": "wave", "hook": "hook", "policy": "delete_policy", "options": "options"}
GROUPS = {"Job": "batch/v1", "Deployment": "apps/v1", "Rack": "x.io/v1"}
LONGEST = 20


def whole(short: dict[str, Any]) -> Object:
    marks = {SHORT[name]: str(value) for name, value in short.items() if name in SHORT}
    kind = short["kind"]
    api = "apiextensions.k8s.io/v1" if kind == "CustomResourceDefinition" else GROUPS.get(kind, "v1")
    obj = thing(kind, short["name"], api=api, **marks)
    return {**obj, **({"spec": short["spec"]} if "spec" in short else {})}


def key_of(short: dict[str, Any]) -> ResourceKey:
    group = GROUPS.get(short["kind"], "v1").rpartition("/")[0]
    return ResourceKey(group, short["kind"], "" if short["kind"] in CLUSTER_KINDS else "shop", short["name"])


def go_on(cluster: Cluster, fates: dict[str, str]) -> None:
    for key, obj in cluster.objects.items():
        fate = fates.get(key.name, "well")
        if key.kind == "PersistentVolumeClaim":
            obj["status"] = {"phase": {"well": "Bound", "ill": "Lost", "stuck": "Pending"}[fate]}
        elif key.kind == "Job" and fate != "stuck":
            cluster.finish(key.name, failed=fate == "ill")


def told(case: dict[str, Any]) -> list[dict[str, Any]]:
    """What each evaluation did and said."""
    cluster = Cluster(refuses=case.get("refuses", {}), lingers=case.get("lingers", ()))
    for short in (*case.get("old", ()), *case.get("live", ())):
        obj = whole(short)
        obj["metadata"]["namespace"] = "shop"
        cluster.put(key_of(short), obj)
    keys = {short["name"]: key_of(short) for short in case["objects"]}
    controller = Controller(
        cluster,
        [whole(short) for short in case["objects"]],
        operation=msgspec.convert(case.get("operation", {"prune": True}), SyncOperation),
        extras={key_of(short): PruneDecision(allowed=True) for short in case.get("old", ())},
        in_sync={keys[name] for name in case.get("in_sync", ())},
        namespace_exists=case.get("namespace_exists", True),
        discover=lambda key, _: "no such kind" if key.kind in case.get("unknown_kinds", ()) else "",
    )
    story: list[dict[str, Any]] = []
    for number in range(1, LONGEST):
        before = len(cluster.log)
        if number >= case.get("approved", LONGEST):
            controller.approved_at = datetime.fromtimestamp(STARTED, UTC)
        late = case.get("late", {})
        controller.late = {
            task.id: "its time is over"
            for task in controller.plan().tasks
            if number >= late.get(task.key.name, LONGEST)
        }
        step = controller.evaluate()
        says = f"{step.phase.value}: {step.message}" if step.is_final else step.message
        did = cluster.log[before:]
        story.append({**({"does": did} if did else {}), "says": says})
        if step.is_final:
            break
        go_on(cluster, case.get("fates", {}))
    return story


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_sync(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    assert told(case) == case["story"]
