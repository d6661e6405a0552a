"""Puts one desired object into the cluster: applied, or replaced where an option says so, or made anew.

Invariant: an object that is to be made anew is deleted by the uid that was judged, and only an option of the
object or of the operation leads there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from fairlead.diff.compare import Rules
from fairlead.diff.list_keys import ListKeys
from fairlead.diff.overlay import repeats_a_key
from fairlead.diff.respect import respecting
from fairlead.kube import write
from fairlead.kube.adopt import adopt
from fairlead.kube.apply import ApplyResult, apply
from fairlead.kube.delete import delete
from fairlead.kube.errors import BadRequestError, ConflictError, ForbiddenError, InvalidError
from fairlead.kube.head import decode_head
from fairlead.kube.resource import Resource
from fairlead.kube.whole import apply_or_write_whole
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.fields import Manifest, list_at, text_at
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired, make_desired
from fairlead.render.jq import Jq
from fairlead.sync.options import applies_server_side, forces, replaces, validates
from fairlead.sync.plan import Plan, strategy_force
from fairlead.sync.task import Task

log = structlog.get_logger(__name__)

RECREATE_SECONDS = 30.0
"""Seconds an object that is to be made anew may take to go."""
RECREATE_POLL = 0.1
REPLACE_ATTEMPTS = 5
_UPDATED_KINDS = frozenset({"CustomResourceDefinition", "Namespace"})


class Put:
    """Writes objects of one plan."""

    def __init__(
        self,
        writer: ClusterWriter,
        plan: Plan,
        list_keys: ListKeys,
        *,
        rules: Mapping[ResourceKey, Rules],
        jq: Jq,
        migrated: frozenset[str],
    ) -> None:
        self._writer = writer
        self._plan = plan
        self._list_keys = list_keys
        self._rules = rules
        self._jq = jq
        self._migrated = migrated

    async def __call__(self, task: Task, desired: Desired, resource: Resource) -> tuple[str, ApplyResult]:
        """What was done, in a word, and what the server made of it. Raises KubeError."""
        options, outline = self._plan.options, desired.marks.outline
        forced = forces(strategy_force(self._plan.operation.sync), outline, task.live)
        if replaces(options, outline, task.live):
            if task.live is None or not forced or task.key.kind in _UPDATED_KINDS:
                return await self._replaced(task, desired, resource)
            await self._remove(task.key, resource, task.live)
            anew = await self._replaced(msgspec.structs.replace(task, live=None), desired, resource)
            return "replaced", anew[1]
        try:
            return await self._applied(task, desired, resource)
        except InvalidError:
            if task.live is None or not forced or applies_server_side(options, outline):
                raise
        await self._remove(task.key, resource, task.live)
        return await self._applied(msgspec.structs.replace(task, live=None), desired, resource)

    async def _applied(self, task: Task, desired: Desired, resource: Resource) -> tuple[str, ApplyResult]:
        if task.live is not None and not repeats_a_key(obj := desired.object, self._list_keys):
            migrates = self._plan.options.client_side_apply_migration
            await adopt(
                self._writer,
                resource,
                task.live,
                obj,
                managers=self._migrated if migrates else (),
                keys=self._list_keys,
            )
        result = await apply_or_write_whole(
            self._writer,
            resource,
            task.key.name,
            await self.sent(task, desired, resource),
            namespace_of(task.key, resource),
            keys=self._list_keys,
            live_version=text_at(task.live, "metadata", "resourceVersion") or None,
            validate=validates(self._plan.options, desired.marks.outline),
        )
        server_side = applies_server_side(self._plan.options, desired.marks.outline)
        return ("serverside-applied" if server_side else result.outcome), result

    async def sent(self, task: Task, desired: Desired, resource: Resource) -> bytes:
        """The body as applied: with ignored fields as they are, when the options say so."""
        rules = self._rules.get(desired.key)
        if task.live is None or rules is None or not self._plan.options.respect_ignore_differences:
            return body_of(desired, resource)
        expressions = rules.ignored.jq_expressions
        wanted = desired.object
        paths = (await self._jq.paths(expressions, (wanted,)))[0] if expressions else ()
        obj = respecting(wanted, task.live, rules.ignored, paths=paths)
        return body_of(make_desired(desired.key, obj, desired.namespaced), resource)

    async def _replaced(self, task: Task, desired: Desired, resource: Resource) -> tuple[str, ApplyResult]:
        namespace = namespace_of(task.key, resource)
        body = await self.sent(task, desired, resource)
        if task.live is None:
            raw = await write.create(self._writer, resource, body, namespace)
            return "created", _as_result(await self._claimed(desired, resource, body, raw), "created")
        version = text_at(task.live, "metadata", "resourceVersion")
        raw = await self._put(task.key.name, namespace, msgspec.json.decode(body), resource, version)
        verb = "updated" if task.key.kind in _UPDATED_KINDS else "replaced"
        return verb, _as_result(await self._claimed(desired, resource, body, raw), "configured")

    async def _claimed(self, desired: Desired, resource: Resource, body: bytes, raw: bytes) -> bytes:
        """The object once its fields are ours one by one: to whom the whole was written, the server says
        neither which fields were meant nor which it filled in, and what Git drops later would not be missed.
        """
        key, validate = desired.key, validates(self._plan.options, desired.marks.outline)
        try:
            applied = await apply(
                self._writer, resource, key.name, body, namespace_of(key, resource), validate=validate
            )
        except (BadRequestError, ConflictError, ForbiddenError, InvalidError) as error:
            log.info("sync.replace.unclaimed", object=str(key), reason=error.message[:200])
            return raw
        return applied.object

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
            self._writer, resource, key.name, namespace_of(key, resource), propagation="background", uid=uid
        )
        try:
            async with asyncio.timeout(RECREATE_SECONDS):
                while await self._is_still_there(key, resource, uid):
                    await asyncio.sleep(RECREATE_POLL)
        except TimeoutError:
            held = ", ".join(str(name) for name in list_at(live, "metadata", "finalizers")) or "none"
            raise ConflictError(
                f"{key.kind}/{key.name} is to be made anew but was still there "
                f"{RECREATE_SECONDS:.0f} s after its deletion (finalizers: {held})"
            ) from None

    async def _is_still_there(self, key: ResourceKey, resource: Resource, uid: str | None) -> bool:
        raw = await self._writer.client.find(resource, key.name, namespace_of(key, resource))
        return raw is not None and decode_head(raw).metadata.uid == uid


def namespace_of(key: ResourceKey, resource: Resource) -> str | None:
    """Where requests about the object go."""
    return key.namespace or None if resource.namespaced else None


def body_of(desired: Desired, resource: Resource) -> bytes:
    """The body as sent; a kind that turned out to be cluster-scoped loses the namespace it was given."""
    if resource.namespaced or not desired.key.namespace:
        return desired.body
    obj = desired.object
    metadata: dict[str, Any] = {**obj["metadata"]}
    metadata.pop("namespace", None)
    return msgspec.json.encode({**obj, "metadata": metadata})


def _in_version(body: dict[str, Any], version: str) -> bytes:
    return msgspec.json.encode({**body, "metadata": {**body["metadata"], "resourceVersion": version}})


def _as_result(raw: bytes, outcome: Any) -> ApplyResult:
    version = decode_head(raw).metadata.resource_version
    return ApplyResult(object=raw, outcome=outcome, resource_version=version)
