"""The end of an application: what its finalizers ask for, pass by pass.

Invariant: only live objects that carry this application's own mark are deleted, each by its uid, and the
finalizer goes only when every kind the application had could be read and nothing is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec
import structlog

from fairlead.app_controller.book import Record
from fairlead.app_controller.clusters import Cluster, Clusters, DestinationError
from fairlead.app_controller.conditions import refreshed
from fairlead.app_controller.delete_hooks import ALL as HOOK_STAGES
from fairlead.app_controller.delete_hooks import (
    CLEANUP,
    STAGES,
    HooksFailedError,
    clean_up,
    hooks_of,
    run_hooks,
)
from fairlead.app_controller.desired import DesiredState
from fairlead.app_controller.item import Permitted, Remark
from fairlead.app_controller.pauses import SOON
from fairlead.app_controller.status import StatusWriter
from fairlead.app_controller.tell import Teller
from fairlead.app_controller.times import parsed
from fairlead.app_controller.validate import Checks
from fairlead.kube.delete import Propagation, delete
from fairlead.kube.errors import KubeError
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION, Tracking, self_referenced
from fairlead.model.status import ConditionType
from fairlead.model.sync import HookType
from fairlead.sync.options import Removal, delete_rule, parse_options
from fairlead.sync.order import APP_PROJECT, APPLICATION
from fairlead.sync.waves import wave_of

log = structlog.get_logger(__name__)

RESOURCES = "resources-finalizer.argocd.argoproj.io"
FOREGROUND = f"{RESOURCES}/foreground"
BACKGROUND = f"{RESOURCES}/background"
CASCADE = frozenset({RESOURCES, FOREGROUND, BACKGROUND})
OURS = CASCADE | HOOK_STAGES
APPROVED = "argocd.argoproj.io/deletion-approved"
LOOK_AGAIN = 5.0
"""Seconds between looks when no watch event comes."""
DELETE_AT_ONCE = 16


class Deletion:
    """Advances the deletion of one application by as much as can be done now."""

    def __init__(self, clusters: Clusters, checks: Checks, status: StatusWriter, teller: Teller) -> None:
        self._clusters = clusters
        self._checks = checks
        self._status = status
        self._teller = teller

    def needs_render(self, record: Record) -> bool:
        """Whether hooks are still to be run, so that the desired state has to be known."""
        return bool(HOOK_STAGES & set(record.app.metadata.finalizers)) and self.cluster_of(record) is not None

    def cluster_of(self, record: Record) -> Cluster | None:
        """The destination, or None when no such cluster is registered any more."""
        try:
            return self._clusters.resolve(record.app.spec.destination)
        except DestinationError as error:
            log.info("delete.cluster_unknown", app=record.id.qualified, reason=str(error))
            return None

    async def advance(self, record: Record, desired: DesiredState | None) -> float | None:
        """One pass; seconds after which to look again, or None when there is nothing left to do."""
        finalizers = set(record.app.metadata.finalizers)
        if not OURS & finalizers:
            return None
        problem = self._checks.missing_project(record.app)
        if problem and self._checks.project_of(record.app) is not None:
            return await self._failed(record, problem)
        cluster = self.cluster_of(record)
        if cluster is None:
            return await self._drop(record, OURS)
        try:
            return await self._next_stage(record, cluster, desired, finalizers)
        except HooksFailedError as error:
            return await self._failed(record, str(error))

    async def _next_stage(
        self, record: Record, cluster: Cluster, desired: DesiredState | None, finalizers: set[str]
    ) -> float | None:
        """Pre-delete hooks, the objects, post-delete hooks, then what is left of both kinds of hooks."""
        if STAGES[HookType.PRE_DELETE] in finalizers:
            return await self._hooks(record, cluster, desired, HookType.PRE_DELETE)
        if CASCADE & finalizers:
            return await self._cascade(record, cluster)
        if STAGES[HookType.POST_DELETE] in finalizers:
            return await self._hooks(record, cluster, desired, HookType.POST_DELETE)
        return await self._cleanup(record, cluster, desired)

    async def _hooks(
        self, record: Record, cluster: Cluster, desired: DesiredState | None, kind: HookType
    ) -> float | None:
        if desired is None or not cluster.live.is_synced:
            return LOOK_AGAIN
        if await run_hooks(cluster, hooks_of(desired.prepared, kind), kind):
            return await self._drop(record, frozenset({STAGES[kind]}))
        return LOOK_AGAIN

    async def _cleanup(self, record: Record, cluster: Cluster, desired: DesiredState | None) -> float | None:
        for kind, name in STAGES.items():
            if name + CLEANUP not in record.app.metadata.finalizers:
                continue
            if desired is None or not cluster.live.is_synced:
                return LOOK_AGAIN
            if not await clean_up(cluster, hooks_of(desired.prepared, kind)):
                return LOOK_AGAIN
            return await self._drop(record, frozenset({name + CLEANUP}))
        return None

    async def _cascade(self, record: Record, cluster: Cluster) -> float | None:
        if not cluster.live.is_synced and cluster.problem is None:
            return None
        doubt = self._doubt(record, cluster)
        if doubt:
            return await self._failed(record, doubt)
        owned = self._owned(record, cluster)
        policy = record.app.spec.sync_policy
        options = parse_options(policy.sync_options if policy is not None else ())
        candidates = [
            (live, decoded)
            for live, decoded in owned
            if live.key.group_kind != CUSTOM_RESOURCE_DEFINITION
            and delete_rule(options, decoded) is not Removal.NEVER
        ]
        if any(live.is_being_deleted for live, _ in candidates):
            return LOOK_AGAIN
        if not candidates:
            return await self._drop(record, CASCADE)
        if self._awaits_approval(record, candidates):
            return LOOK_AGAIN
        candidates = _projects_last(candidates)
        highest = max(wave_of(decoded) for _, decoded in candidates)
        chosen = [live for live, decoded in candidates if wave_of(decoded) == highest]
        problem = await self._delete(record, cluster, chosen)
        return await self._failed(record, problem) if problem else LOOK_AGAIN

    def _owned(self, record: Record, cluster: Cluster) -> list[tuple[LiveObject, dict[str, object]]]:
        tracking, permitted = self._checks.tracking, self._checks.deletable(record.app, cluster.entry)
        itself = ResourceKey("argoproj.io", "Application", *record.id)
        return list(_owned_by(record, cluster, tracking, permitted, itself))

    def _doubt(self, record: Record, cluster: Cluster) -> str:
        """Why it cannot be told what is left, or ""."""
        if cluster.problem is not None:
            return f"cluster {cluster.server} cannot be read ({cluster.problem.words}); nothing was deleted"
        unknown = cluster.live.unknown_kinds()
        had = {GroupKind(item.group, item.kind) for item in record.app.status.resources}
        for kind in had & set(unknown):
            return f"objects of kind {kind} cannot be read ({unknown[kind]}); nothing was deleted"
        return ""

    def _awaits_approval(
        self, record: Record, candidates: Iterable[tuple[LiveObject, dict[str, object]]]
    ) -> bool:
        confirmed = {
            (item.group, item.kind, item.namespace, item.name)
            for item in record.app.status.resources
            if item.requires_deletion_confirmation
        }
        if not any(tuple(live.key) in confirmed for live, _ in candidates):
            return False
        approved = parsed(record.app.metadata.annotations.get(APPROVED))
        asked = parsed(record.app.metadata.deletion_timestamp)
        return approved is None or asked is None or approved < asked

    async def _delete(self, record: Record, cluster: Cluster, chosen: list[LiveObject]) -> str:
        """Delete one wave in parallel; what went wrong, or ""."""
        gate = asyncio.Semaphore(DELETE_AT_ONCE)

        async def one(live: LiveObject) -> str:
            resource = cluster.discovery.resource_for(*live.group_kind, live.version)
            if resource is None:
                return f"{live.key}: its kind is not served"
            async with gate:
                try:
                    await delete(
                        cluster.writer,
                        resource,
                        live.key.name,
                        live.key.namespace or None,
                        propagation=_propagation(record, live),
                        uid=live.uid,
                    )
                except KubeError as error:
                    return f"{live.key}: {error.message}"
            log.info("delete.object", app=record.id.qualified, object=str(live.key))
            return ""

        problems = [problem for problem in await asyncio.gather(*map(one, chosen)) if problem]
        return "; ".join(problems)

    async def _drop(self, record: Record, finalizers: frozenset[str]) -> float | None:
        kept = [name for name in record.app.metadata.finalizers if name not in finalizers]
        await self._status.patch_metadata(record, {"finalizers": kept or None})
        return SOON if OURS & set(kept) else None

    async def _failed(self, record: Record, problem: str) -> float:
        before = record.app.status
        conditions = refreshed(
            before.conditions,
            [Remark(ConditionType.DELETION_ERROR, problem)],
            [ConditionType.DELETION_ERROR],
        )
        wrote = await self._status.write(record, msgspec.structs.replace(before, conditions=conditions))
        if wrote:
            text = f"Unable to delete application resources: {problem}"
            self._teller.note(record, "StatusRefreshed", text, warning=True)
        return LOOK_AGAIN


def _propagation(record: Record, live: LiveObject) -> Propagation:
    """An Application's own finalizer cascades. In the foreground it would also wait for Kubernetes' garbage
    collector, which looks for kinds as young as a fresh installation's only every half minute.
    """
    in_background = BACKGROUND in record.app.metadata.finalizers or live.key.group_kind == APPLICATION
    return "background" if in_background else "foreground"


def _projects_last(
    candidates: list[tuple[LiveObject, dict[str, object]]],
) -> list[tuple[LiveObject, dict[str, object]]]:
    """Applications go before the projects under whose rules they are deleted."""
    if not any(live.key.group_kind == APPLICATION for live, _ in candidates):
        return candidates
    return [(live, decoded) for live, decoded in candidates if live.key.group_kind != APP_PROJECT]


def _owned_by(
    record: Record, cluster: Cluster, tracking: Tracking, permitted: Permitted, itself: ResourceKey
) -> Iterable[tuple[LiveObject, dict[str, object]]]:
    for live in cluster.live.owned_by(record.instance):
        if live.owner_uids or live.key == itself:
            continue
        decoded = live.decoded()
        namespaced = bool(live.key.namespace)
        if self_referenced(decoded, tracking.method) and permitted(*live.key, namespaced):
            yield live, decoded
