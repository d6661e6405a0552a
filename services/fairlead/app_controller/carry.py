"""Carries one step of a sync out: releases and deletes hooks, prunes, applies, in that order.

Invariant: a deletion names the uid that was judged, and nothing is deleted that the plan does not name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

import msgspec
import structlog

from fairlead.app_controller.clusters import Cluster
from fairlead.app_controller.marks import images_of
from fairlead.diff.compare import Rules, record_applied
from fairlead.diff.overlay import repeats_a_key
from fairlead.diff.respect import respecting
from fairlead.health.assess import HOOK_FINALIZER
from fairlead.kube import write
from fairlead.kube.adopt import CLIENT_SIDE_MANAGERS, adopt
from fairlead.kube.apply import ApplyResult
from fairlead.kube.delete import delete
from fairlead.kube.errors import ConflictError, InvalidError, KubeError, NotFoundError
from fairlead.kube.head import decode_head
from fairlead.kube.resource import Resource
from fairlead.kube.whole import apply_or_write_whole, dry_run_or_write_whole
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.fields import Manifest, list_at, text_at, value_at
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired, make_desired
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION
from fairlead.model.sync import HookPhase, ResourceResult, ResultCode
from fairlead.sync import messages
from fairlead.sync.advance import Step, kept
from fairlead.sync.options import applies_server_side, forces, replaces, validates
from fairlead.sync.order import NAMESPACE, kind_rank
from fairlead.sync.plan import Plan, strategy_force
from fairlead.sync.task import Task

log = structlog.get_logger(__name__)

ESTABLISH_SECONDS = 3.0
ESTABLISH_POLL = 0.1
"""A definition that was applied is given this long to be served (contract 9.3)."""
GONE_SECONDS = 0.5
RECREATE_SECONDS = 30.0
REPLACE_ATTEMPTS = 5
POLL = 0.01

_UPDATED_KINDS = frozenset({"CustomResourceDefinition", "Namespace"})


class Carrier:
    """Does to one cluster what a step says; `rules` are those of the comparison, for what is remembered."""

    def __init__(
        self,
        cluster: Cluster,
        writer: ClusterWriter,
        plan: Plan,
        *,
        rules: Callable[[Desired], Rules],
        parallel: int,
        migrated: frozenset[str] = CLIENT_SIDE_MANAGERS,
    ) -> None:
        self._cluster = cluster
        self._writer = writer
        self._plan = plan
        self._rules = rules
        self._migrated = migrated
        self._gate = asyncio.Semaphore(parallel)
        self.applied: set[ResourceKey] = set()

    async def carry(self, step: Step, live: Mapping[ResourceKey, Manifest]) -> list[ResourceResult]:
        """The records of the step's prunes and applies, in their order."""
        for key in step.release:
            await self._release(key, live.get(key))
        for key in step.delete_hooks:
            await self._delete_hook(key, live.get(key))
        outcomes = await self._all(step.prune, self._prune)
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

    async def _all(
        self, tasks: Iterable[Task], work: Callable[[Task], Awaitable[ResourceResult]]
    ) -> list[ResourceResult]:
        async def one(task: Task) -> ResourceResult:
            async with self._gate:
                return await work(task)

        return list(await asyncio.gather(*(one(task) for task in tasks)))

    async def _apply(self, task: Task) -> ResourceResult:
        desired = task.desired
        if desired is None:
            return task.result(ResultCode.SYNC_FAILED, HookPhase.FAILED, "nothing is desired")
        try:
            resource = await self._resource(task)
            if resource is None:
                return _failed(task, self._not_served(task))
            verb, result = await self._written(task, desired, resource)
        except KubeError as error:
            return _failed(task, error.message)
        text = ". ".join((messages.resource_text(task.key, verb), *result.warnings))
        self._learn(desired, result)
        done = task.result(ResultCode.SYNCED, HookPhase.RUNNING, text)
        return msgspec.structs.replace(done, images=tuple(images_of(desired.object)))

    def _learn(self, desired: Desired, result: ApplyResult) -> None:
        self._cluster.live.observe(result.object)
        self.applied.add(desired.key)
        applied = msgspec.json.decode(result.object)
        record_applied(desired, applied, fingerprints=self._cluster.fingerprints, rules=self._rules(desired))

    async def _written(self, task: Task, desired: Desired, resource: Resource) -> tuple[str, ApplyResult]:
        options = self._plan.options
        forced = forces(strategy_force(self._plan.operation.sync), desired.object, task.live)
        if replaces(options, desired.object, task.live):
            if task.live is None or not forced or task.key.kind in _UPDATED_KINDS:
                return await self._replaced(task, desired, resource)
            await self._remove(task.key, resource, task.live)
            anew = await self._replaced(msgspec.structs.replace(task, live=None), desired, resource)
            return "replaced", anew[1]
        try:
            return await self._applied(task, desired, resource)
        except InvalidError:
            if task.live is None or not forced or applies_server_side(options, desired.object):
                raise
        await self._remove(task.key, resource, task.live)
        return await self._applied(msgspec.structs.replace(task, live=None), desired, resource)

    async def _applied(self, task: Task, desired: Desired, resource: Resource) -> tuple[str, ApplyResult]:
        if task.live is not None and not repeats_a_key(desired.object, self._cluster.list_keys):
            migrates = self._plan.options.client_side_apply_migration
            await adopt(
                self._writer,
                resource,
                task.live,
                desired.object,
                managers=self._migrated if migrates else (),
                keys=self._cluster.list_keys,
            )
        result = await apply_or_write_whole(
            self._writer,
            resource,
            task.key.name,
            self._sent(task, desired, resource),
            _namespace(task.key, resource),
            keys=self._cluster.list_keys,
            live_version=text_at(task.live, "metadata", "resourceVersion") or None,
            validate=validates(self._plan.options, desired.object),
        )
        server_side = applies_server_side(self._plan.options, desired.object)
        return ("serverside-applied" if server_side else result.outcome), result

    def _sent(self, task: Task, desired: Desired, resource: Resource) -> bytes:
        """The body as applied: with ignored fields as they are, when the options say so."""
        if task.live is None or not self._plan.options.respect_ignore_differences:
            return _body(desired, resource)
        obj = respecting(desired.object, task.live, self._rules(desired).ignored)
        return _body(make_desired(desired.key, obj, desired.namespaced), resource)

    async def _replaced(self, task: Task, desired: Desired, resource: Resource) -> tuple[str, ApplyResult]:
        namespace = _namespace(task.key, resource)
        if task.live is None:
            raw = await write.create(self._writer, resource, _body(desired, resource), namespace)
            return "created", _as_result(raw, "created")
        body = msgspec.json.decode(self._sent(task, desired, resource))
        version = text_at(task.live, "metadata", "resourceVersion")
        raw = await self._put(task.key.name, namespace, body, resource, version)
        verb = "updated" if task.key.kind in _UPDATED_KINDS else "replaced"
        return verb, _as_result(raw, "configured")

    async def _put(
        self, name: str, namespace: str | None, body: dict[str, Any], resource: Resource, version: str
    ) -> bytes:
        """Replace whatever is there: others may write between our look and our request."""
        for _ in range(REPLACE_ATTEMPTS - 1):
            try:
                return await write.replace(
                    self._writer, resource, name, _in_version(body, version), namespace
                )
            except ConflictError:
                found = decode_head(await self._writer.client.get(resource, name, namespace))
                version = found.metadata.resource_version
        return await write.replace(self._writer, resource, name, _in_version(body, version), namespace)

    async def _remove(self, key: ResourceKey, resource: Resource, live: Manifest) -> None:
        """Delete an object that is to be made anew, and wait until its name is free."""
        uid = text_at(live, "metadata", "uid") or None
        await delete(
            self._writer, resource, key.name, _namespace(key, resource), propagation="background", uid=uid
        )
        try:
            async with asyncio.timeout(RECREATE_SECONDS):
                while await self._is_still_there(key, resource, uid):
                    await asyncio.sleep(ESTABLISH_POLL)
        except TimeoutError:
            held = ", ".join(str(name) for name in list_at(live, "metadata", "finalizers")) or "none"
            raise ConflictError(
                f"{key.kind}/{key.name} is to be made anew but was still there "
                f"{RECREATE_SECONDS:.0f} s after its deletion (finalizers: {held})"
            ) from None

    async def _is_still_there(self, key: ResourceKey, resource: Resource, uid: str | None) -> bool:
        raw = await self._writer.client.find(resource, key.name, _namespace(key, resource))
        return raw is not None and decode_head(raw).metadata.uid == uid

    async def _try(self, task: Task) -> ResourceResult:
        desired = task.desired
        if desired is None:
            return kept(self._plan, task) or task.pruned(messages.PRUNED_DRY_RUN)
        resource = await self._resource(task)
        if resource is None:
            return _failed(task, self._not_served(task))
        validate = validates(self._plan.options, desired.object)
        try:
            answer = await dry_run_or_write_whole(
                self._writer,
                resource,
                task.key.name,
                self._sent(task, desired, resource),
                _namespace(task.key, resource),
                keys=self._cluster.list_keys,
                validate=validate,
                leave_out_undeclared=not validate,
            )
            verb = "created" if answer.would_create else "unchanged" if task.in_sync else "configured"
        except NotFoundError as error:
            if task.key.namespace not in self._coming():
                return _failed(task, error.message)
            verb = "created"
        except KubeError as error:
            return _failed(task, error.message)
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
            return _failed(task, self._not_served(task))
        try:
            await delete(
                self._writer,
                resource,
                task.key.name,
                _namespace(task.key, resource),
                propagation=self._plan.options.propagation.value,
                uid=text_at(task.live, "metadata", "uid") or None,
            )
        except KubeError as error:
            return _failed(task, error.message)
        self._cluster.fingerprints.forget(task.key)
        return task.result(ResultCode.PRUNED, HookPhase.SUCCEEDED, messages.PRUNED)

    async def _release(self, key: ResourceKey, live: Manifest | None) -> None:
        resource = self._cluster.discovery.resource_for(*key.group_kind)
        if resource is None or live is None:
            return
        kept = [name for name in list_at(live, "metadata", "finalizers") if name != HOOK_FINALIZER]
        try:
            raw = await write.merge_patch(
                self._writer,
                resource,
                key.name,
                msgspec.json.encode({"metadata": {"finalizers": kept or None}}),
                _namespace(key, resource),
            )
        except NotFoundError:
            return
        if not value_at(live, "metadata", "deletionTimestamp"):
            self._cluster.live.observe(raw)

    async def _delete_hook(self, key: ResourceKey, live: Manifest | None) -> None:
        resource = self._cluster.discovery.resource_for(*key.group_kind)
        if resource is None or live is None:
            return
        await delete(
            self._writer,
            resource,
            key.name,
            _namespace(key, resource),
            propagation="background",
            uid=text_at(live, "metadata", "uid") or None,
        )

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
            (
                text_at(task.desired.object, "spec", "group"),
                text_at(task.desired.object, "spec", "names", "kind"),
            )
            for task in definitions
            if task.desired is not None
        ]
        waited = 0.0
        while waited < ESTABLISH_SECONDS and any(
            self._cluster.discovery.resource_for(*kind) is None for kind in served
        ):
            await asyncio.sleep(ESTABLISH_POLL)
            waited += ESTABLISH_POLL
            await self._cluster.discovery.refresh()


def not_served(cluster: Cluster, key: ResourceKey, version: str) -> str:
    """Why there is no resource for a kind, in words a person can act on."""
    versions = cluster.discovery.catalogue.versions_of(*key.group_kind)
    if versions:
        return messages.version_not_served(key, version, versions[0])
    return messages.kind_not_served(key)


def _failed(task: Task, message: str) -> ResourceResult:
    return task.result(ResultCode.SYNC_FAILED, HookPhase.FAILED, message)


def _namespace(key: ResourceKey, resource: Resource) -> str | None:
    return key.namespace or None if resource.namespaced else None


def _body(desired: Desired, resource: Resource) -> bytes:
    """The body as sent; a kind that turned out to be cluster-scoped loses the namespace it was given."""
    if resource.namespaced or not desired.key.namespace:
        return desired.body
    metadata: dict[str, Any] = {**desired.object["metadata"]}
    metadata.pop("namespace", None)
    return msgspec.json.encode({**desired.object, "metadata": metadata})


def _in_version(body: dict[str, Any], version: str) -> bytes:
    return msgspec.json.encode({**body, "metadata": {**body["metadata"], "resourceVersion": version}})


def _as_result(raw: bytes, outcome: Any) -> ApplyResult:
    version = decode_head(raw).metadata.resource_version
    return ApplyResult(object=raw, outcome=outcome, resource_version=version)
