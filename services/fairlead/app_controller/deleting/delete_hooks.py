"""Hooks that run before and after an application's objects are deleted.

Invariant: a stage is done only when every hook of it was seen to be; what cannot be judged yet is waited for.
A live object counts as the hook only with the application's mark and a hook's annotation: somebody else's of
the same name is named, and neither deleted nor taken for it. What the project does not permit is neither made
nor deleted, as in a sync.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.syncing.put import body_of, namespace_of
from fairlead.app_controller.syncing.release import release
from fairlead.health import Code, Health
from fairlead.kube import write
from fairlead.kube.delete import delete
from fairlead.kube.errors import AlreadyExistsError, KubeError
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_object import LiveObject
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.fields import Manifest, mapping_at
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired, Prepared, make_desired
from fairlead.manifest.tracking import Tracking, owner_of
from fairlead.model.sync import HookType
from fairlead.sync.hooks import DeletePolicy, delete_policies, hook_types, is_hook

PRE_DELETE = "pre-delete-finalizer.argocd.argoproj.io"
POST_DELETE = "post-delete-finalizer.argocd.argoproj.io"
CLEANUP = "/cleanup"
STAGES = {HookType.PRE_DELETE: PRE_DELETE, HookType.POST_DELETE: POST_DELETE}
ALL = frozenset(name + end for name in STAGES.values() for end in ("", CLEANUP))


Refused = Callable[[ResourceKey, bool], str]
"""Why the project refuses an object, which has a namespace or has not; "" when it does not."""


class HooksFailedError(Exception):
    """A hook failed or could not be made; the message is what a person reads."""


def wanted_finalizers(types: Iterable[HookType]) -> frozenset[str]:
    """The finalizers an application needs for hooks of these types."""
    return frozenset(STAGES[kind] + end for kind in types if kind in STAGES for end in ("", CLEANUP))


_STAGE_NAMES = {HookType.PRE_DELETE: "pre-delete", HookType.POST_DELETE: "post-delete"}
_UNREAD = frozenset({KindState.UNKNOWN, KindState.SYNCING})
_UNFOLLOWED = frozenset({KindState.EXCLUDED, KindState.UNWATCHABLE})


class HookStage:
    """One stage of one application's deletion, in one cluster."""

    def __init__(
        self,
        cluster: Cluster,
        writer: ClusterWriter,
        prepared: Prepared,
        kind: HookType,
        *,
        instance: str,
        tracking: Tracking,
        refused: Refused,
    ) -> None:
        self._refused = refused
        self._cluster = cluster
        self._writer = writer
        self._kind = kind
        self._instance = instance
        self._tracking = tracking
        state_of = cluster.live.state_of
        self._hooks = [
            _named(item)
            for item in prepared.objects
            if kind in hook_types(item.marks.outline) and state_of(item.key.group_kind) not in _UNFOLLOWED
        ]

    async def run(self) -> str:
        """Create what is missing; what is still waited for, "" when all are done.

        Raises HooksFailedError, after deleting what failed.
        """
        waiting, failed = [], []
        for hook in self._hooks:
            health = await self._progressed(hook)
            if health is None or health.status is Code.HEALTHY:
                continue
            if health.status in (Code.DEGRADED, Code.UNKNOWN):
                failed.append(f"{hook.key.namespace}/{hook.key.name}")
                await self._delete(hook)
            else:
                waiting.append(str(hook.key))
        if failed:
            stage, names = _STAGE_NAMES[self._kind], ", ".join(failed)
            raise HooksFailedError(
                f"error executing {stage} hooks: {self._kind.value} hook(s) failed: {names}"
            )
        return f"{_STAGE_NAMES[self._kind]} hooks: {', '.join(waiting)}" if waiting else ""

    async def clean_up(self) -> str:
        """Delete the hooks whose policy says so; what is still there, "" when they are gone.

        Raises HooksFailedError.
        """
        present = [(hook, live) for hook in self._hooks if (live := self._own(hook)) is not None]
        objects = [live.brief() for _, live in present]
        await self._cluster.health.learn(objects)
        found = [self._cluster.health.of(obj) for obj in objects]
        failed = any(health is not None and health.status is Code.DEGRADED for health in found)
        policy = DeletePolicy.FAILED if failed else DeletePolicy.SUCCEEDED
        leaving = [
            hook
            for hook, _ in present
            if policy in delete_policies(hook.marks.outline)
            and not self._refused(hook.key, hook.namespaced is not False)
        ]
        for hook in leaving:
            await self._delete(hook)
        names = ", ".join(str(hook.key) for hook in leaving)
        return f"deletion of {_STAGE_NAMES[self._kind]} hooks: {names}" if names else ""

    async def _progressed(self, hook: Desired) -> Health | None:
        """How the hook fares, once it was made; None when its kind has no health."""
        live = self._cluster.live.get(hook.key)
        if live is None:
            if self._cluster.live.state_of(hook.key.group_kind) not in _UNREAD:
                await self._create(hook)
            return Health(Code.MISSING)
        decoded = live.brief()
        if not self._owns(decoded):
            raise HooksFailedError(self._stranger(hook))
        await self._cluster.health.learn([decoded])
        return self._cluster.health.of(decoded)

    def _own(self, hook: Desired) -> LiveObject | None:
        live = self._cluster.live.get(hook.key)
        return live if live is not None and self._owns(live.brief()) else None

    def _owns(self, live: Manifest) -> bool:
        return is_hook(live) and owner_of(mapping_at(live, "metadata"), *self._tracking) == self._instance

    def _stranger(self, hook: Desired) -> str:
        return (
            f"{self._kind.value} hook {hook.key}: an object of this name is there that is not this hook; it "
            "is neither deleted nor taken for it: rename one of them or remove it"
        )

    async def _create(self, hook: Desired) -> None:
        """Make the hook. It is never applied over what is there."""
        resource = self._cluster.discovery.resource_for(*hook.key.group_kind, hook.gvk.version)
        if resource is None:
            raise HooksFailedError(f"{self._kind.value} hook {hook.key}: the cluster does not serve its kind")
        refused = self._refused(hook.key, resource.namespaced)
        if refused:
            raise HooksFailedError(f"{self._kind.value} hook {hook.key}: {refused}")
        namespace = namespace_of(hook.key, resource)
        try:
            raw = await write.create(self._writer, resource, body_of(hook, resource), namespace)
        except AlreadyExistsError:
            found = await self._writer.client.find(resource, hook.key.name, namespace)
            if found is None:
                return
            if not self._owns(msgspec.json.decode(found)):
                raise HooksFailedError(self._stranger(hook)) from None
            raw = found
        except KubeError as error:
            raise HooksFailedError(f"{self._kind.value} hook {hook.key}: {error.message}") from error
        self._cluster.live.observe(raw)

    async def _delete(self, hook: Desired) -> None:
        live = self._own(hook)
        resource = self._cluster.discovery.resource_for(*hook.key.group_kind)
        if live is None or resource is None or self._refused(hook.key, resource.namespaced):
            return
        name, namespace, writer = hook.key.name, namespace_of(hook.key, resource), self._writer
        try:
            await release(writer, resource, name, namespace, live.brief())
            if not live.is_being_deleted:
                await delete(writer, resource, name, namespace, propagation="background", uid=live.uid)
        except KubeError as error:
            raise HooksFailedError(f"hook {hook.key} could not be deleted: {error.message}") from error


def _named(hook: Desired) -> Desired:
    obj = hook.object
    metadata = obj["metadata"]
    if metadata.get("name"):
        return hook
    named = {key: value for key, value in metadata.items() if key != "generateName"}
    return make_desired(hook.key, {**obj, "metadata": {**named, "name": hook.key.name}}, hook.namespaced)
