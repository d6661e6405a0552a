"""What keeps a hook, and whether nothing of it runs, so that a newer commit may take its place."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.syncing.obstacles import obstacles
from fairlead.kube.head import decode_head
from fairlead.kube.live_object import Kept, LiveObject, as_live
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import GroupVersionKind, ResourceKey
from fairlead.model.sync import HookPhase, HookType, ResultCode, SyncPhase
from fairlead.sync.step import Step
from fairlead.sync.task import Results, Task

JOBS = Resource(group="batch", version="v1", plural="jobs", kind="Job", namespaced=True)
PODS = Resource(group="", version="v1", plural="pods", kind="Pod", namespaced=True)
HOOK = Task(
    key=ResourceKey("batch", "Job", "work", "migrate"),
    gvk=GroupVersionKind("batch", "v1", "Job"),
    phase=SyncPhase.PRE_SYNC,
    hook_type=HookType.PRE_SYNC,
)
RUNS = {"containerStatuses": [{"name": "main", "state": {"running": {"startedAt": "x"}}}]}
NO_NODE = {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}


def made(resource: Resource, name: str, **more: Any) -> LiveObject:
    metadata = {"name": name, "namespace": "work", "uid": f"uid-{name}", "resourceVersion": "1"}
    raw = json.dumps(
        {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, **more}
    ).encode()
    return as_live(resource, decode_head(raw), raw, None, Kept.WHOLE)


class _Live:
    """A Job and its pods."""

    def __init__(self, *pods: dict[str, Any]) -> None:
        self._job = made(JOBS, "migrate")
        self._pods = [made(PODS, f"migrate-{at}", status=status) for at, status in enumerate(pods)]

    def get(self, key: ResourceKey) -> LiveObject | None:
        return self._job if key == HOOK.key else None

    def children_of(self, uid: str) -> list[LiveObject]:
        return self._pods if uid == self._job.uid else []


@pytest.mark.parametrize(
    ("pods", "is_stuck"), [((NO_NODE,), True), ((NO_NODE, RUNS), False), ((NO_NODE,) * 300, False)]
)
async def test_a_hook_of_which_one_pod_works_is_at_work_whatever_keeps_the_others(
    pods: tuple[dict[str, Any], ...], is_stuck: bool
) -> None:
    cluster = cast(Cluster, type("_", (), {"live": _Live(*pods)})())
    running = Results([HOOK.result(ResultCode.SYNCED, HookPhase.RUNNING)])
    found = await obstacles(cluster, Step(message="", results=running, awaits=(HOOK,)), may_ask=False)
    assert found.text.startswith("Pod migrate-0: Unschedulable")
    assert bool(found.stuck) is is_stuck
