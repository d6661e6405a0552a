"""Carries one step of a sync out: releases and deletes hooks, prunes, applies, in that order.

Invariant: a deletion names the uid that was judged, and nothing is deleted that the plan does not name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import groupby

import msgspec
import structlog

from fairlead.app_controller.book import now
from fairlead.app_controller.comparing.marks import images_of
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.syncing.carry_hooks import HookCarrier
from fairlead.app_controller.syncing.put import Put, namespace_of
from fairlead.diff.compare import Rules, record_applied
from fairlead.kube.adopt import CLIENT_SIDE_MANAGERS
from fairlead.kube.apply import ApplyResult
from fairlead.kube.delete import delete
from fairlead.kube.dry_run import refuses_dry_run
from fairlead.kube.errors import (
    AlreadyExistsError,
    BadRequestError,
    ConflictError,
    KubeError,
    NotFoundError,
    TransientError,
)
from fairlead.kube.resource import Resource
from fairlead.kube.whole import dry_run_or_write_whole
from fairlead.kube.writer import ClusterWriter, WriteFencedError
from fairlead.manifest.fields import Manifest, text_at
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION
from fairlead.model.sync import HookPhase, ResourceResult, ResultCode
from fairlead.render.jq import Jq
from fairlead.sync import messages
from fairlead.sync.advance import kept
from fairlead.sync.options import validates
from fairlead.sync.order import NAMESPACE, kind_rank
from fairlead.sync.plan import Plan
from fairlead.sync.step import Step
from fairlead.sync.task import Task

log = structlog.get_logger(__name__)

ESTABLISH_SECONDS = 3.0
ESTABLISH_POLL = 0.1
"""A definition that was applied is given this long to be served (contract 9.3)."""
GONE_SECONDS = 0.5
POLL = 0.01
CONFLICT = 409
CONFLICT_PAUSES = (0.05, 0.2, 0.8, 2.0)
"""Seconds between attempts at an object that somebody else keeps writing."""
AWAY_SECONDS = 10.0
"""Seconds for which one evaluation tries what its server refuses only for the moment: the wait before another
attempt is as long (contract 9.7), so that nothing is gained by ending this one sooner."""
AWAY_PAUSE = 0.5

Work = Callable[[Task], Awaitable[ResourceResult]]


class Carrier:
    """Does to one cluster what a step says, for the application `app` (as logs name it).

    `rules` are those of the comparison, for what is remembered of an object that was applied.
    """

    def __init__(
        self,
        app: str,
        cluster: Cluster,
        writer: ClusterWriter,
        plan: Plan,
        *,
        rules: Mapping[ResourceKey, Rules],
        jq: Jq,
        parallel: int,
        migrated: frozenset[str] = CLIENT_SIDE_MANAGERS,
        patience: float = AWAY_SECONDS,
    ) -> None:
        self._app = app
        self._cluster = cluster
        self._writer = writer
        self._plan = plan
        self._put = Put(writer, plan, cluster.list_keys, rules=rules, jq=jq, migrated=migrated)
        self._hooks = HookCarrier(app, cluster, writer, plan)
        self._rules = rules
        self._gate = asyncio.Semaphore(parallel)
        self._patience = patience
        self._away_since: float | None = None
        self.unseen: set[ResourceKey] = set()
        """What was applied and is not in the live state yet."""

    async def carry(self, step: Step, live: Mapping[ResourceKey, Manifest]) -> list[ResourceResult]:
        """The records of what was done, in its order; also of hooks that could not be freed or removed, after
        which nothing new is begun.
        """
        refused = await self._hooks.carry(step, live)
        if refused and not step.is_final:
            return refused
        outcomes = refused + await self._all(step.prune, self._prune)
        await self._until_gone([task.key for task in step.prune])
        for _, tasks in groupby(step.apply, key=lambda task: kind_rank(task.key.kind)):
            chosen = list(tasks)
            outcomes += await self._all(chosen, self._apply)
            await self._until_established(chosen)
        return outcomes

    async def ensure_namespace(self, task: Task) -> ResourceResult:
        """Create the destination namespace before anything else."""
        return await self._apply(task)

    async def try_out(self, tasks: Iterable[Task]) -> list[ResourceResult]:
        """A dry run of every task, for an operation that asks for no more."""
        return await self._all(tasks, self._try)

    async def try_namespace(self, task: Task) -> ResourceResult:
        """A dry run of what `ensure_namespace` would do."""
        return await self._try(task)

    async def _all(self, tasks: Iterable[Task], work: Work) -> list[ResourceResult]:
        """Work on tasks in parallel. What goes wrong with one is said of it, and the others go on."""
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(self._tried(task, work)) for task in tasks]
        return [task.result() for task in running]

    async def _tried(self, task: Task, work: Work) -> ResourceResult:
        async with self._gate:
            try:
                result = await self._worked(task, work)
            except WriteFencedError:
                raise
            except KubeError as error:
                result = task.failed(error.message)
            except Exception as error:
                log.exception("sync.task.failed", app=self._app, object=str(task.key))
                result = task.failed(f"{type(error).__name__}: {error}")
        if result.status is ResultCode.SYNC_FAILED:
            log.warning(
                "sync.object.failed", app=self._app, object=str(task.key), reason=result.message[:500]
            )
        return result

    async def _worked(self, task: Task, work: Work) -> ResourceResult:
        """Work on a task, again after what passes by itself, within the time that all tasks share. Raises
        KubeError.
        """
        while True:
            try:
                return await work(task)
            except (TransientError, ConflictError) as error:
                pause = error.retry_after or AWAY_PAUSE
                if self._has_waited(pause) or not is_passing(error):
                    raise
                log.info("sync.object.waits", app=self._app, object=str(task.key), reason=error.message[:200])
            await asyncio.sleep(pause)

    def _has_waited(self, pause: float) -> bool:
        if self._away_since is None:
            self._away_since = now()
        return now() + pause - self._away_since > self._patience

    async def _apply(self, task: Task) -> ResourceResult:
        desired = task.desired
        if desired is None:
            return task.failed("nothing is desired")
        resource = await self._resource(task)
        if resource is None:
            return task.failed(self._not_served(task))
        verb, result = await self._put_at_last(task, desired, resource)
        text = ". ".join((messages.resource_text(task.key, verb), *result.warnings))
        self._learn(desired, result)
        done = task.result(ResultCode.SYNCED, HookPhase.RUNNING, text)
        return msgspec.structs.replace(done, images=tuple(images_of(desired.object)))

    async def _put_at_last(self, task: Task, desired: Desired, resource: Resource) -> tuple[str, ApplyResult]:
        """Put an object, again when somebody else wrote it meanwhile. Raises KubeError."""
        for pause in CONFLICT_PAUSES:
            try:
                return await self._put(task, desired, resource)
            except (ConflictError, AlreadyExistsError) as error:
                if not is_passing(error):
                    raise
                log.info("sync.object.again", app=self._app, object=str(task.key), reason=error.message[:200])
            await asyncio.sleep(pause)
            namespace = namespace_of(task.key, resource)
            raw = await self._writer.client.find(resource, task.key.name, namespace)
            live = None if raw is None else msgspec.json.decode(raw)
            task = msgspec.structs.replace(task, live=live)
        return await self._put(task, desired, resource)

    def _learn(self, desired: Desired, result: ApplyResult) -> None:
        self._cluster.live.observe(result.object)
        if self._cluster.live.get(desired.key) is None:
            self.unseen.add(desired.key)
        rules = self._rules.get(desired.key)
        if rules is not None:
            applied = msgspec.json.decode(result.object)
            record_applied(desired, applied, fingerprints=self._cluster.fingerprints, rules=rules)

    async def _try(self, task: Task) -> ResourceResult:
        desired = task.desired
        if desired is None:
            return kept(self._plan, task) or task.pruned(messages.PRUNED_DRY_RUN)
        resource = await self._resource(task)
        if resource is None:
            return task.failed(self._not_served(task))
        validate = validates(self._plan.options, desired.marks.outline)
        try:
            answer = await dry_run_or_write_whole(
                self._writer,
                resource,
                task.key.name,
                await self._put.sent(task, desired, resource),
                namespace_of(task.key, resource),
                keys=self._cluster.list_keys,
                validate=validate,
                leave_out_undeclared=not validate,
            )
            verb = "created" if answer.would_create else "unchanged" if task.in_sync else "configured"
        except NotFoundError as error:
            if task.key.namespace not in self._coming():
                return task.failed(error.message)
            verb = "created"
        except BadRequestError as error:
            if not refuses_dry_run(error):
                raise
            verb = "configured"
        text = messages.resource_text(task.key, f"{verb} (dry run)")
        return task.result(ResultCode.SYNCED, HookPhase.SUCCEEDED, text)

    def _coming(self) -> set[str]:
        """Namespaces that this sync makes; the server has no answer about what is to live in them."""
        made = (self._plan.namespace, *self._plan.tasks)
        return {
            task.key.name
            for task in made
            if task is not None and not task.is_prune and task.key.group_kind == NAMESPACE
        }

    async def _prune(self, task: Task) -> ResourceResult:
        resource = self._cluster.discovery.resource_for(*task.key.group_kind, task.gvk.version)
        if resource is None:
            return task.failed(self._not_served(task))
        try:
            await delete(
                self._writer,
                resource,
                task.key.name,
                namespace_of(task.key, resource),
                propagation=self._plan.options.propagation.value,
                uid=text_at(task.live, "metadata", "uid") or None,
            )
        except (
            ConflictError
        ) as error:  # another object of the name, which no wait makes the one that was judged
            return task.failed(error.message)
        self._cluster.fingerprints.forget(task.key)
        return task.pruned(messages.PRUNED)

    async def _until_gone(self, keys: list[ResourceKey]) -> None:
        """Let the watch tell of quick deletions, so that one status says it all."""
        waited = 0.0
        while waited < GONE_SECONDS and any(self._is_there(key) for key in keys):
            await asyncio.sleep(POLL)
            waited += POLL

    def _is_there(self, key: ResourceKey) -> bool:
        live = self._cluster.live.get(key)
        return live is not None and not live.is_being_deleted

    async def _resource(self, task: Task) -> Resource | None:
        """The served resource; a kind whose definition was just applied may take a moment."""
        found = self._cluster.discovery.resource_for(*task.key.group_kind, task.gvk.version)
        if found is None and task.skip_dry_run:
            await self._cluster.discovery.refresh()
            found = self._cluster.discovery.resource_for(*task.key.group_kind, task.gvk.version)
        return found

    def _not_served(self, task: Task) -> str:
        return not_served(self._cluster, task.key, task.gvk.version)

    async def _until_established(self, tasks: list[Task]) -> None:
        definitions = [task for task in tasks if task.key.group_kind == CUSTOM_RESOURCE_DEFINITION]
        served = [
            task.desired.marks.defines
            for task in definitions
            if task.desired is not None and task.desired.marks.defines is not None
        ]
        waited = 0.0
        while waited < ESTABLISH_SECONDS and any(
            self._cluster.discovery.resource_for(*kind) is None for kind in served
        ):
            await asyncio.sleep(ESTABLISH_POLL)
            waited += ESTABLISH_POLL
            await self._cluster.discovery.refresh()


def is_passing(error: KubeError) -> bool:
    """Whether a refusal may be over in a moment: the server is busy, or somebody wrote at the same time."""
    if isinstance(error, ConflictError | AlreadyExistsError):
        return error.status == CONFLICT and not error.has_cause("FieldManagerConflict")
    return isinstance(error, TransientError)


def not_served(cluster: Cluster, key: ResourceKey, version: str) -> str:
    """Why there is no resource for a kind, in words a person can act on."""
    versions = cluster.discovery.catalogue.versions_of(*key.group_kind)
    if versions:
        return messages.version_not_served(key, version, versions[0])
    return messages.kind_not_served(key)
