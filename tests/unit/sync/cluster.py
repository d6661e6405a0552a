"""A cluster reduced to a dictionary, and a controller reduced to the loop that ``advance`` documents.

Only for tests of the state machine: it exists to be killed at every point between two effects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from fairlead.health.assess import HOOK_FINALIZER
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired, prepare
from fairlead.manifest.split import split
from fairlead.model.sync import Operation, ResourceResult, SyncOperation
from fairlead.sync import messages
from fairlead.sync.advance import advance, begin, begun, refuse, settle
from fairlead.sync.options import parse_options
from fairlead.sync.plan import Plan, PruneCandidate, Wanted, build_plan, prune_waves
from fairlead.sync.prune import PruneDecision
from fairlead.sync.step import Step
from fairlead.sync.task import Results, Task, TaskId

STARTED = 1_700_000_000
BEFORE = "2023-11-14T22:13:00Z"
AFTER = "2023-11-14T22:13:30Z"
CLUSTER_KINDS = {"Namespace", "CustomResourceDefinition", "ClusterRole"}

Object = dict[str, Any]


class KilledError(Exception):
    """The controller died here."""


def thing(kind: str, name: str, *, api: str = "v1", **annotations: str) -> Object:
    """An object; annotations are written ``hook=``, ``wave=``, ``options=``, ``delete_policy=``."""
    names = {
        "hook": "argocd.argoproj.io/hook",
        "wave": "argocd.argoproj.io/sync-wave",
        "options": "argocd.argoproj.io/sync-options",
        "delete_policy": "argocd.argoproj.io/hook-delete-policy",
    }
    found = {names[short]: value for short, value in annotations.items()}
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": name, **({"annotations": found} if found else {})},
    }


def job(name: str, hook: str, **annotations: str) -> Object:
    return thing("Job", name, api="batch/v1", hook=hook, **annotations)


def desired(*objects: Object) -> tuple[Desired, ...]:
    return prepare(
        split(objects),
        is_namespaced=lambda _, kind: kind not in CLUSTER_KINDS,
        destination_namespace="shop",
        instance="app",
    ).objects


class Cluster:
    """Objects by key. ``outcomes`` says by object name how an object fares once it is there."""

    def __init__(self, *, lingers: Iterable[str] = (), refuses: Mapping[str, str] | None = None) -> None:
        self.objects: dict[ResourceKey, Object] = {}
        self.created: list[str] = []
        self.deleted: list[str] = []
        self.log: list[str] = []
        self.lingers = frozenset(lingers)
        self.refuses = dict(refuses or {})

    def put(self, key: ResourceKey, obj: Object, *, created: str = BEFORE) -> None:
        self.objects[key] = {
            **obj,
            "metadata": {**obj["metadata"], "uid": key.name, "creationTimestamp": created},
        }

    def apply(self, task: Task) -> ResourceResult:
        if task.key.name in self.refuses:
            return task.failed(self.refuses[task.key.name])
        assert task.desired is not None
        is_new = task.key not in self.objects
        self.log.append(f"{'create' if is_new else 'apply'} {task.key.kind} {task.key.name}")
        if is_new:
            self.created.append(task.key.name)
        self.put(task.key, task.desired.object, created=AFTER)
        return task.applied(messages.resource_text(task.key, "serverside-applied"))

    def delete(self, key: ResourceKey) -> None:
        obj = self.objects.get(key)
        if obj is None:
            return
        self.deleted.append(key.name)
        self.log.append(f"delete {key.kind} {key.name}")
        if key.name in self.lingers or HOOK_FINALIZER in obj["metadata"].get("finalizers", ()):
            obj["metadata"]["deletionTimestamp"] = AFTER
        else:
            del self.objects[key]

    def release(self, key: ResourceKey) -> None:
        obj = self.objects.get(key)
        if obj is None:
            return
        rest = [name for name in obj["metadata"].get("finalizers", ()) if name != HOOK_FINALIZER]
        obj["metadata"]["finalizers"] = rest
        if obj["metadata"].get("deletionTimestamp") and key.name not in self.lingers:
            del self.objects[key]

    def finish(self, name: str, *, failed: bool = False) -> None:
        """A job ends."""
        for key, obj in self.objects.items():
            if key.name.startswith(name):
                kind = "Failed" if failed else "Complete"
                obj["status"] = {"conditions": [{"type": kind, "status": "True", "message": f"{name} ended"}]}

    def finish_all(self) -> None:
        for key in self.objects:
            if key.kind == "Job":
                self.finish(key.name)


class Controller:
    """Runs one operation against a cluster. ``status`` is all that survives a restart."""

    def __init__(
        self,
        cluster: Cluster,
        objects: Iterable[Object],
        *,
        operation: SyncOperation | None = None,
        extras: Mapping[ResourceKey, PruneDecision] | None = None,
        alive: Callable[[], None] = lambda: None,
        **wanted: Any,
    ) -> None:
        self.cluster = cluster
        self.desired = desired(*objects)
        self.operation = Operation(sync=operation or SyncOperation(prune=True))
        self.extras = dict(extras or {})
        self.status: tuple[ResourceResult, ...] = ()
        self.alive = alive
        self.started_at, self.attempt = STARTED, 0
        self.late: dict[TaskId, str] = {}
        self.approved_at: datetime | None = None
        self.prune_waves: dict[ResourceKey, int] = {}
        self.wanted = wanted

    def plan(self) -> Plan:
        live = self.cluster.objects
        candidates = tuple(
            PruneCandidate(key=key, live=live[key], decision=decision)
            for key, decision in self.extras.items()
            if key in live
        )
        sync = self.operation.sync or SyncOperation()
        self.prune_waves.update(prune_waves(candidates, parse_options(sync.sync_options)))
        return build_plan(
            Wanted(
                operation=self.operation,
                desired=self.desired,
                live=live,
                candidates=candidates,
                pruned_waves=self.prune_waves,
                revision="0123456789abcdef",
                started_at=self.started_at,
                attempt=self.attempt,
                destination_namespace="shop",
                **self.wanted,
            )
        )

    def evaluate(self) -> Step:
        """One evaluation: as far as it goes without waiting for the cluster."""
        plan = self.plan()
        results = Results(self.status)
        refused = refuse(plan, results)
        if refused is not None:
            return refused
        start = begin(plan, results)
        if start is not None:
            outcome = self.cluster.apply(start.namespace) if start.namespace is not None else None
            tried = [self._dry_run(task) for task in start.dry_run]
            ended = begun(plan, namespace=outcome, dry_run=tried)
            if ended is not None:
                return ended
            results = Results([outcome] if outcome is not None else ())
            self._write(results)
        while True:
            todo = advance(plan, results, self.cluster.objects, late=self.late, approved_at=self.approved_at)
            step = self.carry_out(plan, todo)
            results = step.results
            if step.is_final or not todo.changes_objects:
                return step

    def run(self, *, limit: int = 50) -> Step:
        """Evaluate, let every job end, and so on until the operation has ended."""
        for _ in range(limit):
            step = self.evaluate()
            if step.is_final:
                return step
            self.cluster.finish_all()
        raise AssertionError(f"still: {step.message}")

    def carry_out(self, plan: Plan, step: Step) -> Step:
        self._write(step.results)
        for key in step.release:
            self.alive()
            self.cluster.release(key)
        for key in step.delete_hooks:
            self.alive()
            self.cluster.delete(key)
        outcomes = []
        for task in step.prune:
            self.alive()
            self.cluster.delete(task.key)
            outcomes.append(task.pruned(messages.PRUNED))
        for task in step.apply:
            self.alive()
            outcomes.append(self.cluster.apply(task))
        self.alive()
        if not step.changes_objects:
            return step
        settled = settle(plan, step, outcomes, self.cluster.objects)
        self._write(settled.results)
        if settled.changes_objects or settled.release or settled.delete_hooks:
            return self.carry_out(plan, settled)
        return settled

    def _dry_run(self, task: Task) -> ResourceResult:
        text = self.cluster.refuses.get(f"dry/{task.key.name}")
        if text is not None:
            return task.failed(text)
        return task.applied(messages.resource_text(task.key, "created (dry run)"))

    def _write(self, results: Results) -> None:
        self.alive()
        self.status = results.resources
