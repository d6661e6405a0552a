"""The tasks of one operation, made anew at every evaluation from desired state, live state and the request.

Invariant: a plan holds a prune task only for an object for which :func:`fairlead.sync.prune.may_prune` was
asked, and it carries that answer; nothing downstream decides about deletion again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

import msgspec

from fairlead.manifest.fields import Manifest
from fairlead.manifest.identity import GroupKind, GroupVersionKind, ResourceKey, gvk_of
from fairlead.manifest.prepare import Desired, make_desired
from fairlead.model.sync import (
    ManagedNamespaceMetadata,
    Operation,
    ResourceResult,
    SyncOperation,
    SyncOperationResource,
    SyncPhase,
)
from fairlead.sync import messages
from fairlead.sync.guard import Held
from fairlead.sync.hooks import as_hook, hook_phases, is_hook, is_skipped
from fairlead.sync.options import (
    ANNOTATION,
    SyncOptions,
    forces,
    parse_options,
    prunes_last,
    replaces,
    skips_dry_run,
)
from fairlead.sync.order import APP_PROJECT, APPLICATION, NAMESPACE, in_order
from fairlead.sync.prune import PruneDecision
from fairlead.sync.task import Task
from fairlead.sync.waves import mirrored, wave_of

Permit = Callable[[ResourceKey, bool | None], str]
"""Says why the project forbids an object; told whether its kind is namespaced, None when nobody knows."""

Discover = Callable[[ResourceKey, GroupVersionKind], str]
"""Says why the cluster does not serve an object's kind in its version."""


class PruneCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """A live object without desired counterpart, and what was decided about it."""

    key: ResourceKey
    live: Manifest
    decision: PruneDecision


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """All that a plan is made of.

    ``in_sync`` are the keys for which an apply would change nothing; ``permit`` says why the project
    forbids an object and ``discover`` why the cluster cannot take its kind (both empty when nothing
    stands against it); ``started_at`` is Unix seconds and ``attempt`` how often the operation was tried
    before; ``pruned_waves`` are the waves of what this attempt has pruned or was to prune before, so that the
    order stays the same when some of it is gone; ``namespace_exists`` is about ``destination_namespace``;
    ``owns`` says whether a live object carries this application's mark.
    """

    operation: Operation
    desired: tuple[Desired, ...]
    live: Mapping[ResourceKey, Manifest]
    candidates: tuple[PruneCandidate, ...] = ()
    pruned_waves: Mapping[ResourceKey, int] = {}
    in_sync: Set[ResourceKey] = frozenset()
    revision: str = ""
    started_at: int = 0
    attempt: int = 0
    owns: Callable[[Manifest], bool] = lambda _live: True
    permit: Permit = lambda _key, _namespaced: ""
    discover: Discover = lambda _key, _gvk: ""
    destination_namespace: str = ""
    namespace_exists: bool = True
    managed_namespace_metadata: ManagedNamespaceMetadata | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks in their order, and what stands against running them at all.

    ``decisions`` has the answer for every prune task. ``namespace`` is applied once, before everything.
    ``held`` are prunes that wait for a person, while everything else goes on.
    """

    operation: Operation
    options: SyncOptions
    tasks: tuple[Task, ...]
    decisions: Mapping[ResourceKey, PruneDecision]
    problems: tuple[ResourceResult, ...] = ()
    namespace: Task | None = None
    started_at: int = 0
    attempt: int = 0
    held: Held | None = None

    @property
    def sync(self) -> SyncOperation:
        """The request."""
        return self.operation.sync or SyncOperation()

    def is_held(self, task: Task) -> bool:
        """Whether a task waits for a person."""
        return self.held is not None and task.is_prune and task.key in self.held.keys

    @property
    def is_stepwise(self) -> bool:
        """Whether there is more than one phase or wave (SyncFail apart)."""
        return len({(t.phase, t.wave) for t in self.tasks if t.phase is not SyncPhase.SYNC_FAIL}) > 1


def build_plan(wanted: Wanted) -> Plan:
    """Make the plan of one evaluation."""
    sync = wanted.operation.sync or SyncOperation()
    options = parse_options(sync.sync_options)
    selected = _Selection(sync.resources)
    definitions = {desired.marks.defines for desired in wanted.desired} - {None}
    tasks = [
        task
        for desired in wanted.desired
        for task in _tasks_of(desired, wanted, options, definitions, hooks=_runs_hooks(sync))
        if selected(task.key)
    ]
    prunes = [candidate for candidate in wanted.candidates if selected(candidate.key)]
    before = [wave for key, wave in wanted.pruned_waves.items() if selected(key)]
    tasks.extend(_prune_tasks(prunes, options, tasks, before))
    ordered = in_order(_relevant(tasks, options))
    namespace = _namespace_task(wanted, options, ordered)
    is_made = namespace is not None and all(task.key != namespace.key for task in ordered)
    asked = (namespace, *ordered) if namespace is not None and is_made else ordered
    return Plan(
        operation=wanted.operation,
        options=options,
        tasks=ordered,
        decisions={candidate.key: candidate.decision for candidate in prunes},
        problems=tuple(_problems(asked, wanted)),
        namespace=namespace,
        started_at=wanted.started_at,
        attempt=wanted.attempt,
    )


class _Selection:
    """The objects of a selective sync; all when none are named. Namespace counts only when given."""

    def __init__(self, resources: Iterable[SyncOperationResource]) -> None:
        self._wanted = {(item.group, item.kind, item.name, item.namespace) for item in resources}

    def __call__(self, key: ResourceKey) -> bool:
        """Whether an object is selected."""
        if not self._wanted:
            return True
        exact = (key.group, key.kind, key.name, key.namespace)
        return exact in self._wanted or (*exact[:3], "") in self._wanted


def _runs_hooks(sync: SyncOperation) -> bool:
    """Selective syncs and the apply strategy leave hooks out."""
    applies = sync.sync_strategy is not None and sync.sync_strategy.apply is not None
    return not sync.resources and not applies


def _tasks_of(
    desired: Desired, wanted: Wanted, options: SyncOptions, definitions: Set[GroupKind | None], *, hooks: bool
) -> Iterator[Task]:
    obj = desired.marks.outline
    if is_skipped(obj):
        return
    awaited = desired.key.group_kind in definitions or skips_dry_run(options, obj)
    late = awaited and bool(wanted.discover(desired.key, desired.gvk))
    wave = wave_of(obj)
    if not is_hook(obj):
        live = wanted.live.get(desired.key)
        yield Task(
            key=desired.key,
            gvk=desired.gvk,
            phase=SyncPhase.SYNC,
            wave=wave,
            desired=desired,
            live=live,
            in_sync=desired.key in wanted.in_sync and not must_apply(wanted.operation, options, obj, live),
            skip_dry_run=late,
        )
        return
    for kind, phase in hook_phases(obj) if hooks else ():
        hook = as_hook(
            desired,
            revision=wanted.revision,
            phase=phase,
            started_at=wanted.started_at,
            attempt=wanted.attempt,
        )
        yield Task(
            key=hook.key,
            gvk=hook.gvk,
            phase=phase,
            wave=wave,
            desired=hook,
            live=wanted.live.get(hook.key),
            hook_type=kind,
            skip_dry_run=late,
        )


def must_apply(operation: Operation, options: SyncOptions, desired: Manifest, live: Manifest | None) -> bool:
    """Whether the request is to be made although nothing would change."""
    return replaces(options, desired, live) or forces(strategy_force(operation.sync), desired, live)


def strategy_force(sync: SyncOperation | None) -> bool:
    """Whether the request's strategy recreates what cannot be changed."""
    strategy = sync.sync_strategy if sync is not None else None
    if strategy is None:
        return False
    chosen = strategy.apply or strategy.hook
    return chosen is not None and chosen.force


def _prune_tasks(
    candidates: list[PruneCandidate], options: SyncOptions, applies: list[Task], before: list[int]
) -> Iterator[Task]:
    """Applications go before the projects that they name, under whose rules they are deleted."""
    last = max((task.wave for task in applies if task.phase is SyncPhase.SYNC), default=0)
    own = {candidate.key: wave_of(candidate.live) for candidate in candidates}
    ordinary = [*before, *(own[c.key] for c in candidates if not prunes_last(options, c.live))]
    swapped = mirrored(ordinary)
    last = max(0, last, *ordinary) + 1 if ordinary else max(0, last) + 1
    waves = {
        candidate.key: last if prunes_last(options, candidate.live) else swapped[own[candidate.key]]
        for candidate in candidates
    }
    ended = max((wave for key, wave in waves.items() if key.group_kind == APPLICATION), default=None)
    for candidate in candidates:
        wave = waves[candidate.key]
        if ended is not None and candidate.key.group_kind == APP_PROJECT:
            wave = max(wave, ended + 1)
        yield Task(
            key=candidate.key,
            gvk=gvk_of(candidate.live),
            phase=SyncPhase.SYNC,
            wave=wave,
            live=candidate.live,
        )


def prune_waves(candidates: Iterable[PruneCandidate], options: SyncOptions) -> dict[ResourceKey, int]:
    """The own waves of what is pruned in the order opposite to creation."""
    return {c.key: wave_of(c.live) for c in candidates if not prunes_last(options, c.live)}


def _relevant(tasks: list[Task], options: SyncOptions) -> Iterator[Task]:
    """With ``ApplyOutOfSyncOnly`` what is in sync is left out altogether."""
    for task in tasks:
        if not (options.apply_out_of_sync_only and task.in_sync):
            yield task


def _problems(tasks: tuple[Task, ...], wanted: Wanted) -> Iterator[ResourceResult]:
    for task in tasks:
        namespaced = task.desired.namespaced if task.desired is not None else bool(task.key.namespace)
        problem = wanted.permit(task.key, namespaced)
        if not problem and not task.skip_dry_run:
            problem = wanted.discover(task.key, task.gvk)
        if not problem and task.is_hook and task.live is not None and not wanted.owns(task.live):
            problem = messages.stranger_in_the_way(task.key)
        if problem:
            yield task.failed(problem)


def _namespace_task(wanted: Wanted, options: SyncOptions, tasks: tuple[Task, ...]) -> Task | None:
    """The destination namespace, when it has to be there before anything else."""
    name = wanted.destination_namespace
    key = ResourceKey("", "Namespace", "", name)
    if not name or wanted.operation.sync is None:
        return None
    if wanted.operation.sync.resources and (wanted.namespace_exists or not options.create_namespace):
        return None
    rendered = next((t for t in tasks if t.key == key and not t.is_hook and t.desired is not None), None)
    if rendered is not None:
        return (
            None if wanted.namespace_exists else msgspec.structs.replace(rendered, phase=SyncPhase.PRE_SYNC)
        )
    metadata = wanted.managed_namespace_metadata
    if not options.create_namespace or (wanted.namespace_exists and metadata is None):
        return None
    desired = namespace_object(name, metadata)
    return Task(
        key=key,
        gvk=GroupVersionKind("", "v1", NAMESPACE.kind),
        phase=SyncPhase.PRE_SYNC,
        desired=desired,
        live=wanted.live.get(key),
    )


def namespace_object(name: str, metadata: ManagedNamespaceMetadata | None = None) -> Desired:
    """The namespace as the sync options create it."""
    fields: dict[str, Any] = {"name": name}
    if metadata is not None:
        if metadata.labels:
            fields["labels"] = dict(metadata.labels)
        fields["annotations"] = {**metadata.annotations, ANNOTATION: "ServerSideApply=true"}
    obj = {"apiVersion": "v1", "kind": NAMESPACE.kind, "metadata": fields}
    return make_desired(ResourceKey("", NAMESPACE.kind, "", name), obj, False)
