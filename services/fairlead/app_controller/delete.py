"""The end of an application: what its finalizers ask for, pass by pass.

Invariant: only live objects that carry this application's own mark are deleted, each by its uid, and the
finalizer goes only when every kind the application had could be read and nothing is left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import msgspec
import structlog

from fairlead.app_controller.book import Record
from fairlead.app_controller.clusters import Cluster, Clusters, DestinationError
from fairlead.app_controller.comparison import Permitted, Remark
from fairlead.app_controller.conditions import refreshed
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
from fairlead.sync.options import Removal, delete_rule, parse_options
from fairlead.sync.waves import wave_of

log = structlog.get_logger(__name__)

RESOURCES = "resources-finalizer.argocd.argoproj.io"
FOREGROUND = f"{RESOURCES}/foreground"
BACKGROUND = f"{RESOURCES}/background"
PRE_DELETE = "pre-delete-finalizer.argocd.argoproj.io"
POST_DELETE = "post-delete-finalizer.argocd.argoproj.io"
CASCADE = frozenset({RESOURCES, FOREGROUND, BACKGROUND})
OURS = CASCADE | {PRE_DELETE, f"{PRE_DELETE}/cleanup", POST_DELETE, f"{POST_DELETE}/cleanup"}
APPROVED = "argocd.argoproj.io/deletion-approved"
LOOK_AGAIN = 5.0
"""Seconds between looks when no watch event comes."""
SOON = 0.5
CLUSTER_PATIENCE = 15.0
"""Seconds a cluster may take to be read for the first time before the application says so."""
DELETE_AT_ONCE = 16


class Deletion:
    """Advances the deletion of one application by as much as can be done now."""

    def __init__(self, clusters: Clusters, checks: Checks, status: StatusWriter, teller: Teller) -> None:
        self._clusters = clusters
        self._checks = checks
        self._status = status
        self._teller = teller

    async def advance(self, record: Record) -> float | None:
        """One pass; seconds after which to look again, or None when there is nothing left to do."""
        finalizers = record.app.metadata.finalizers
        if not OURS & set(finalizers):
            return None
        problem = self._checks.missing_project(record.app)
        if problem:
            return await self._failed(record, problem)
        try:
            cluster = self._clusters.resolve(record.app.spec.destination)
        except DestinationError as error:
            log.info("delete.cluster_unknown", app=record.id.qualified, reason=str(error))
            await self._drop(record, OURS)
            return None
        if not CASCADE & set(finalizers):
            await self._drop(record, OURS)
            return None
        return await self._cascade(record, cluster)

    async def _cascade(self, record: Record, cluster: Cluster) -> float | None:
        if not cluster.live.is_synced and time.monotonic() - cluster.opened_at < CLUSTER_PATIENCE:
            return SOON
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
            await self._drop(record, OURS)
            return None
        if self._awaits_approval(record, candidates):
            return LOOK_AGAIN
        highest = max(wave_of(decoded) for _, decoded in candidates)
        chosen = [live for live, decoded in candidates if wave_of(decoded) == highest]
        problem = await self._delete(record, cluster, chosen)
        return await self._failed(record, problem) if problem else LOOK_AGAIN

    def _owned(self, record: Record, cluster: Cluster) -> list[tuple[LiveObject, dict[str, object]]]:
        tracking, permitted = self._checks.tracking, self._checks.permits(record.app, cluster.entry)
        itself = ResourceKey("argoproj.io", "Application", *record.id)
        return list(_owned_by(record, cluster, tracking, permitted, itself))

    def _doubt(self, record: Record, cluster: Cluster) -> str:
        """Why it cannot be told what is left, or ""."""
        if not cluster.live.is_synced:
            return f"cluster {cluster.server} cannot be read yet; nothing was deleted"
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
        background = BACKGROUND in record.app.metadata.finalizers
        propagation: Propagation = "background" if background else "foreground"
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
                        propagation=propagation,
                        uid=live.uid,
                    )
                except KubeError as error:
                    return f"{live.key}: {error.message}"
            log.info("delete.object", app=record.id.qualified, object=str(live.key))
            return ""

        problems = [problem for problem in await asyncio.gather(*map(one, chosen)) if problem]
        return "; ".join(problems)

    async def _drop(self, record: Record, finalizers: frozenset[str]) -> None:
        kept = [name for name in record.app.metadata.finalizers if name not in finalizers]
        await self._status.patch_metadata(record, {"finalizers": kept or None})

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
