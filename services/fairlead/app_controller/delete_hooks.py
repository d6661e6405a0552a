"""Hooks that run before and after an application's objects are deleted.

Invariant: a stage is done only when every hook of it was seen to be; what cannot be judged yet is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fairlead.app_controller.clusters import Cluster
from fairlead.health import Code, Health, assess
from fairlead.health.assess import HOOK_FINALIZER
from fairlead.kube.apply import apply
from fairlead.kube.delete import delete
from fairlead.kube.errors import KubeError
from fairlead.manifest.fields import list_at
from fairlead.manifest.prepare import Desired, Prepared, make_desired
from fairlead.model.sync import HookType
from fairlead.sync.hooks import DeletePolicy, delete_policies, hook_types

PRE_DELETE = "pre-delete-finalizer.argocd.argoproj.io"
POST_DELETE = "post-delete-finalizer.argocd.argoproj.io"
CLEANUP = "/cleanup"
STAGES = {HookType.PRE_DELETE: PRE_DELETE, HookType.POST_DELETE: POST_DELETE}
ALL = frozenset(name + end for name in STAGES.values() for end in ("", CLEANUP))


class HooksFailedError(Exception):
    """A hook failed or could not be made; the message is what a person reads."""


def wanted_finalizers(prepared: Prepared) -> frozenset[str]:
    """The finalizers an application needs for the hooks that are rendered."""
    types = {kind for desired in prepared.objects for kind in hook_types(desired.object)}
    return frozenset(STAGES[kind] + end for kind in types if kind in STAGES for end in ("", CLEANUP))


def hooks_of(prepared: Prepared, kind: HookType) -> list[Desired]:
    """The hooks of one stage, each under a name of its own."""
    return [_named(item) for item in prepared.objects if kind in hook_types(item.object)]


async def run_hooks(cluster: Cluster, hooks: Iterable[Desired], kind: HookType) -> bool:
    """Create what is missing; whether all are done. Raises HooksFailedError, after deleting what failed."""
    done, failed = True, []
    for hook in hooks:
        health = await _health(cluster, hook)
        if health is _MISSING:
            await _create(cluster, hook, kind)
            done = False
        elif health is not None and health.status in (Code.DEGRADED, Code.UNKNOWN):
            failed.append(f"{hook.key.namespace}/{hook.key.name}")
            await _delete(cluster, hook)
        elif health is not None and health.status is not Code.HEALTHY:
            done = False
    if failed:
        stage = "pre-delete" if kind is HookType.PRE_DELETE else "post-delete"
        names = ", ".join(failed)
        raise HooksFailedError(f"error executing {stage} hooks: {kind.value} hook(s) failed: {names}")
    return done


async def clean_up(cluster: Cluster, hooks: list[Desired]) -> bool:
    """Delete the hooks whose policy says so; whether they are gone."""
    present = [hook for hook in hooks if cluster.live.get(hook.key) is not None]
    found = [await _health(cluster, hook) for hook in present]
    failed = any(health is not None and health.status is Code.DEGRADED for health in found)
    policy = DeletePolicy.FAILED if failed else DeletePolicy.SUCCEEDED
    leaving = [hook for hook in present if policy in delete_policies(hook.object)]
    for hook in leaving:
        await _delete(cluster, hook)
    return not leaving


_MISSING = Health(Code.MISSING)


async def _health(cluster: Cluster, hook: Desired) -> Health | None:
    live = cluster.live.get(hook.key)
    return _MISSING if live is None else assess(live.decoded())


async def _create(cluster: Cluster, hook: Desired, kind: HookType) -> None:
    resource = cluster.discovery.resource_for(*hook.key.group_kind, hook.gvk.version)
    if resource is None:
        raise HooksFailedError(f"{kind.value} hook {hook.key}: the cluster does not serve its kind")
    try:
        made = await apply(cluster.writer, resource, hook.key.name, hook.body, hook.key.namespace or None)
    except KubeError as error:
        raise HooksFailedError(f"{kind.value} hook {hook.key}: {error.message}") from error
    cluster.live.observe(made.object)


async def _delete(cluster: Cluster, hook: Desired) -> None:
    live = cluster.live.get(hook.key)
    resource = cluster.discovery.resource_for(*hook.key.group_kind)
    if live is None or resource is None or live.is_being_deleted:
        return
    name, namespace = hook.key.name, hook.key.namespace or None
    try:
        if HOOK_FINALIZER in list_at(live.decoded(), "metadata", "finalizers"):
            body = {"metadata": {"finalizers": None}}
            await cluster.writer.write(
                "patch", resource, lambda client: client.merge_patch(resource, name, body, namespace)
            )
        await delete(cluster.writer, resource, name, namespace, propagation="background", uid=live.uid)
    except KubeError as error:
        raise HooksFailedError(f"hook {hook.key} could not be deleted: {error.message}") from error


def _named(hook: Desired) -> Desired:
    metadata = hook.object["metadata"]
    if metadata.get("name"):
        return hook
    named = {key: value for key, value in metadata.items() if key != "generateName"}
    body = {**hook.object, "metadata": {**named, "name": hook.key.name}}
    return make_desired(hook.key, msgspec.json.decode(msgspec.json.encode(body)), hook.namespaced)
