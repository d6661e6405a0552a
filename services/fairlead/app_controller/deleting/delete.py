"""The end of an application: what its finalizers ask for, pass by pass.

Invariant: only live objects that carry this application's own mark, and that no other application wants, are
deleted, each by its uid, and the finalizer goes only when every kind the application had could be read and
nothing is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import structlog

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.desired import DesiredState
from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.deleting.delete_hooks import ALL as HOOK_STAGES
from fairlead.app_controller.deleting.delete_hooks import CLEANUP, STAGES, HooksFailedError, HookStage
from fairlead.app_controller.deleting.leaving import (
    CONFIRMATION,
    Pass,
    awaited,
    held_texts,
    left_behind,
    named,
    outlook,
    owned_by,
    projects_last,
    propagation_of,
    unconfirmed,
)
from fairlead.app_controller.destination.clusters import (
    Cluster,
    Clusters,
    DestinationError,
    UnknownClusterError,
)
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.app_controller.pauses import SOON
from fairlead.app_controller.reporting.conditions import refreshed
from fairlead.app_controller.reporting.fit import is_cut
from fairlead.app_controller.reporting.status import StatusWriter
from fairlead.app_controller.reporting.tell import Teller
from fairlead.app_controller.syncing.put import namespace_of
from fairlead.app_controller.syncing.release import release
from fairlead.health.assess import HOOK_FINALIZER
from fairlead.kube.delete import delete
from fairlead.kube.errors import KubeError
from fairlead.kube.live_object import LiveObject
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.fields import list_at
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION
from fairlead.model.status import ConditionType
from fairlead.model.sync import HookType
from fairlead.model.times import seconds_since
from fairlead.sync.along import CASCADE
from fairlead.sync.options import Removal, SyncOptions, delete_rule, parse_options
from fairlead.sync.waves import wave_of

log = structlog.get_logger(__name__)

OURS = CASCADE | HOOK_STAGES
LOOK_AGAIN = 5.0
"""Seconds between looks when no watch event comes."""
DELETE_AT_ONCE = 16
SAID_AFTER = 60.0
"""Seconds after which a deletion says what it waits for."""


class Case(NamedTuple):
    """One application that is being deleted, and all that a pass needs to know."""

    record: Record
    cluster: Cluster
    writer: ClusterWriter
    desired: DesiredState | None
    undesired: str


class Deletion:
    """Advances the deletion of one application by as much as can be done now.

    `dependents` says which others are to be gone before it, "" for none.
    """

    def __init__(
        self,
        clusters: Clusters,
        checks: Checks,
        status: StatusWriter,
        teller: Teller,
        claimants: Callable[[Record, ResourceKey], tuple[str, ...]],
        *,
        dependents: Callable[[Record], str] = lambda _: "",
    ) -> None:
        self._clusters = clusters
        self._checks = checks
        self._status = status
        self._teller = teller
        self._claimants = claimants
        self._dependents = dependents

    async def advance(
        self, record: Record, desired: DesiredState | None, undesired: str = ""
    ) -> float | None:
        """One pass; seconds after which to look again, or None when there is nothing left to do.

        `undesired` says why there is no desired state, where hooks need one.
        """
        finalizers = set(record.app.metadata.finalizers)
        if not OURS & finalizers:
            others = ", ".join(sorted(finalizers))
            record.leaving = outlook(record, Pass(waits_for=f"others to take off their finalizers: {others}"))
            return None
        made = await self._pass(record, desired, undesired, finalizers)
        record.leaving = outlook(record, made)
        if made.done:
            return await self._drop(record, made.done)
        await self._say(record, made.problem or self._overdue(record, made.waits_for))
        return LOOK_AGAIN

    async def _pass(
        self, record: Record, desired: DesiredState | None, undesired: str, finalizers: set[str]
    ) -> Pass:
        problem = self._checks.deletion_problem(record.app)
        if problem:
            return Pass(problem=problem)
        dependents = self._dependents(record)
        if dependents:
            return Pass(waits_for=dependents)
        try:
            cluster = self._clusters.resolve(record.app.spec.destination)
            case = Case(record, cluster, self._checks.remover(record.app, cluster), desired, undesired)
            return await self._next_stage(case, finalizers)
        except UnknownClusterError as error:
            if self._clusters.has_just_left(record.app.spec.destination):
                return Pass(waits_for=f"the cluster's Secret, which was deleted a moment ago: {error}")
            log.info("delete.cluster_unknown", app=record.id.qualified, reason=str(error))
            return Pass(done=OURS)
        except (DestinationError, HooksFailedError, ImpersonationError) as error:
            return Pass(problem=str(error))

    async def _next_stage(self, case: Case, finalizers: set[str]) -> Pass:
        """Pre-delete hooks, the objects, post-delete hooks, then what is left of both kinds of hooks."""
        if STAGES[HookType.PRE_DELETE] in finalizers:
            return await self._hooks(case, HookType.PRE_DELETE)
        if CASCADE & finalizers:
            return await self._cascade(case)
        if STAGES[HookType.POST_DELETE] in finalizers:
            return await self._hooks(case, HookType.POST_DELETE)
        for kind, name in STAGES.items():
            if name + CLEANUP in finalizers:
                return await self._hooks(case, kind, clean_up=True)
        return Pass()

    async def _hooks(self, case: Case, kind: HookType, *, clean_up: bool = False) -> Pass:
        name = STAGES[kind] + (CLEANUP if clean_up else "")
        if case.desired is None or not case.cluster.is_readable:
            hint = (
                f"{case.undesired}; mend that, or remove the finalizer {name} to delete without these hooks"
            )
            problem = f"{kind.value} hooks cannot be run: {hint}" if case.undesired else ""
            return Pass(problem=problem, waits_for=f"the manifests of {kind.value} hooks")
        permitted = self._checks.permits(case.record.app, case.cluster.entry)
        stage = HookStage(
            case.cluster,
            case.writer,
            case.desired.prepared,
            kind,
            instance=case.record.instance,
            tracking=self._checks.tracking,
            refused=permitted.refusal,
        )
        waiting = await (stage.clean_up() if clean_up else stage.run())
        return Pass(waits_for=waiting) if waiting else Pass(done=frozenset({name}))

    async def _cascade(self, case: Case) -> Pass:
        record, cluster, writer = case.record, case.cluster, case.writer
        if not cluster.live.is_synced and cluster.problem is None:
            return Pass(waits_for=f"the first reading of cluster {cluster.server}")
        doubt = self._doubt(record, cluster) or await self._unread(record, cluster)
        if doubt:
            return Pass(problem=doubt)
        options = self._options(record)
        candidates = [
            (live, decoded)
            for live, decoded in self._owned(record, cluster)
            if live.key.group_kind != CUSTOM_RESOURCE_DEFINITION
            and delete_rule(options, decoded) is not Removal.NEVER
            and not self._claimants(record, live.key)
        ]
        leaving = [(live, decoded) for live, decoded in candidates if live.is_being_deleted]
        if leaving:
            await self._free(cluster, writer, leaving)
            return Pass(waits_for=held_texts(leaving), leaving=awaited(leaving), many=len(leaving))
        if not candidates:
            self._tell_what_stays(record, cluster)
            return Pass(done=CASCADE)
        asked = unconfirmed(record, options, candidates)
        if asked:
            names = named([str(key) for key in asked])
            return Pass(problem=f"{CONFIRMATION} {names}", unconfirmed=asked)
        candidates = projects_last(candidates)
        highest = max(wave_of(decoded) for _, decoded in candidates)
        chosen = [(live, decoded) for live, decoded in candidates if wave_of(decoded) == highest]
        problem = await self._delete(record, cluster, writer, [live for live, _ in chosen])
        await self._free(cluster, writer, chosen)
        return Pass(problem=problem, waits_for=held_texts(chosen), leaving=awaited(chosen), many=len(chosen))

    async def _free(
        self, cluster: Cluster, writer: ClusterWriter, objects: list[tuple[LiveObject, dict[str, object]]]
    ) -> None:
        """No hook that a sync left behind is to be held by us while it is deleted."""
        for live, decoded in objects:
            resource = cluster.discovery.resource_for(*live.group_kind, live.version)
            if resource is None or HOOK_FINALIZER not in list_at(decoded, "metadata", "finalizers"):
                continue
            try:
                await release(writer, resource, live.key.name, namespace_of(live.key, resource), decoded)
            except KubeError as error:
                log.warning("delete.hook.held", object=str(live.key), reason=error.message[:200])

    @staticmethod
    def _options(record: Record) -> SyncOptions:
        policy = record.app.spec.sync_policy
        return parse_options(policy.sync_options if policy is not None else ())

    @staticmethod
    def _overdue(record: Record, waits_for: str) -> str:
        """What a deletion that takes long waits for, or ""."""
        passed = seconds_since(record.app.metadata.deletion_timestamp)
        is_late = passed is not None and passed > SAID_AFTER
        return f"still waiting for {waits_for}" if waits_for and is_late else ""

    def _owned(self, record: Record, cluster: Cluster) -> list[tuple[LiveObject, dict[str, object]]]:
        permission = self._checks.deletable(record.app, cluster.entry)
        return list(owned_by(record, cluster, self._checks.tracking, permission, _itself(record)))

    def _tell_what_stays(self, record: Record, cluster: Cluster) -> None:
        """Objects that the project does not let go are left, and nobody will look at them again."""
        permission = self._checks.deletable(record.app, cluster.entry)
        left = left_behind(record, cluster, self._checks.tracking, permission, _itself(record))
        if left:
            log.warning("delete.left", app=record.id.qualified, objects=left[:500])
            self._teller.note(
                record, "ResourcesLeft", f"not deleted, and left as it is: {left}", warning=True
            )

    def _doubt(self, record: Record, cluster: Cluster) -> str:
        """Why it cannot be told what is left, or ""."""
        if cluster.problem is not None:
            return f"cluster {cluster.server} cannot be read ({cluster.problem.words}); nothing was deleted"
        unknown = cluster.live.unknown_kinds()
        had = {GroupKind(item.group, item.kind) for item in record.app.status.resources}
        for kind in set(unknown) if is_cut(record.app.status) else had & set(unknown):
            return f"objects of kind {kind} cannot be read ({unknown[kind]}); nothing was deleted"
        return ""

    @staticmethod
    async def _unread(record: Record, cluster: Cluster) -> str:
        """Which of the application's objects cannot be read, or ""."""
        own = [live.key for live in cluster.live.owned_by(record.instance) if not live.owner_uids]
        for key, reason in (await cluster.live.complete(own)).items():
            return f"{key} cannot be read: {reason}; nothing was deleted"
        return ""

    async def _delete(
        self, record: Record, cluster: Cluster, writer: ClusterWriter, chosen: list[LiveObject]
    ) -> str:
        """Delete one wave in parallel; what went wrong, or ""."""
        gate = asyncio.Semaphore(DELETE_AT_ONCE)

        async def one(live: LiveObject) -> str:
            resource = cluster.discovery.resource_for(*live.group_kind, live.version)
            if resource is None:
                return f"{live.key}: its kind is not served"
            async with gate:
                try:
                    await delete(
                        writer,
                        resource,
                        live.key.name,
                        live.key.namespace or None,
                        propagation=propagation_of(record, live),
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

    async def _say(self, record: Record, problem: str) -> None:
        """The DeletionError condition as it is now: one, or none."""
        before = record.app.status
        remarks = [Remark(ConditionType.DELETION_ERROR, problem)] if problem else []
        conditions = refreshed(before.conditions, remarks, [ConditionType.DELETION_ERROR])
        wrote = await self._status.write(record, msgspec.structs.replace(before, conditions=conditions))
        if wrote and problem:
            text = f"Unable to delete application resources: {problem}"
            self._teller.note(record, "StatusRefreshed", text, warning=True)


def _itself(record: Record) -> ResourceKey:
    return ResourceKey("argoproj.io", "Application", *record.id)
