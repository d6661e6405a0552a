"""What applying manifests would make of an application's live objects, asked of the API server.

Invariant: nothing is stored; only objects of the application, and new ones its project permits, are asked
about; no value of a Secret is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from fairlead.app_controller.answering.named import Named
from fairlead.app_controller.answering.pod_logs import Compared
from fairlead.app_controller.answering.touch import told
from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.bus import RemoteError
from fairlead.diff.mask import masked
from fairlead.events.envelope import decode, encode
from fairlead.kube.dry_run import dry_run_apply
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.identity import ResourceKey, gvk_of, key_of
from fairlead.manifest.tracking import stamp
from fairlead.rpc import ManagedResource, ManagedResources
from fairlead.rpc.resource import Predict

MAX_MANIFESTS = 2000
"""Manifests of one question."""
ASK_AT_ONCE = 8
DROPPED = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid")
"""Of metadata: what an apply changes by itself."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

Object = dict[str, Any]


class Predictions:
    """Answers `predict`."""

    def __init__(
        self,
        named: Named,
        checks: Checks,
        masked_annotations: Callable[[], tuple[str, ...]],
        compared: Compared,
    ) -> None:
        self._compared = compared
        self._named = named
        self._checks = checks
        self._masked = masked_annotations

    async def predict(self, _: str, payload: bytes) -> bytes:
        """Predict -> ManagedResources, in the order of the manifests."""
        query = decode(Predict, payload)
        if len(query.manifests) > MAX_MANIFESTS:
            raise RemoteError("InvalidArgument", f"there are more than {MAX_MANIFESTS} manifests")
        record, cluster = self._named.place(query)
        try:
            writer = self._checks.writer(record.app, cluster)
        except ImpersonationError as error:
            raise RemoteError("FailedPrecondition", str(error)) from error
        compared = await self._compared(record)
        wanted = frozenset(item.key for item in compared[1].items) if compared is not None else frozenset()
        gate = asyncio.Semaphore(ASK_AT_ONCE)

        async def asked(text: str) -> ManagedResource:
            async with gate:
                return await self._asked(record, cluster, writer, wanted, text)

        return encode(ManagedResources(items=tuple(await asyncio.gather(*map(asked, query.manifests)))))

    async def _asked(
        self,
        record: Record,
        cluster: Cluster,
        writer: ClusterWriter,
        wanted: frozenset[ResourceKey],
        text: str,
    ) -> ManagedResource:
        target = _target(text)
        gvk = gvk_of(target)
        resource = cluster.discovery.resource_for(gvk.group, gvk.kind, gvk.version)
        if resource is None:
            raise RemoteError("FailedPrecondition", f"{gvk.kind} is not served by {cluster.server}")
        key = _placed(target, resource, record)
        self._require(record, cluster, key, wanted)
        target = stamp(target, record.instance, record.app.spec.destination.namespace, *self._checks.tracking)
        known = cluster.live.get(key)
        live = await told(cluster.live.decoded(known)) if known is not None else None
        if live is None:
            predicted: Object | None = target
        else:
            predicted = await _predicted(writer, resource, target)
        return _shown(key, target, live, predicted, self._masked())

    def _require(
        self, record: Record, cluster: Cluster, key: ResourceKey, wanted: frozenset[ResourceKey]
    ) -> None:
        """An object of others is not looked at, one of nobody only where Git names it, and one the project
        forbids not at all: who may see an application may not see by that what lies beside it."""
        live = cluster.live.get(key)
        permitted = self._checks.permits(record.app, cluster.entry)
        is_adopted = live is not None and live.instance is None and key in wanted
        is_foreign = live is not None and not is_adopted and not self._named.belongs(live, record, cluster)
        if is_foreign or not permitted(*key, bool(key.namespace)):
            raise RemoteError("PermissionDenied", f"{key} is not permitted for application {record.id.name}")


async def _predicted(writer: ClusterWriter, resource: Resource, target: Object) -> Object:
    metadata = target["metadata"]
    answer = await told(
        dry_run_apply(
            writer, resource, metadata["name"], target, metadata.get("namespace"), leave_out_undeclared=True
        )
    )
    found: Object = msgspec.json.decode(answer.object)
    return found


def _target(text: str) -> Object:
    try:
        target = msgspec.json.decode(text, type=dict[str, Any])
        key_of(target)
    except (msgspec.DecodeError, IdentityError) as error:
        text = f"error unmarshaling target manifest: {error}"
        raise RemoteError("InvalidArgument", text) from error
    return target


def _placed(target: Object, resource: Resource, record: Record) -> ResourceKey:
    """The key of a manifest, in the destination's namespace where it names none."""
    metadata = target["metadata"]
    if resource.namespaced:
        metadata["namespace"] = metadata.get("namespace") or record.app.spec.destination.namespace
    else:
        metadata.pop("namespace", None)
    return ResourceKey(resource.group, resource.kind, metadata.get("namespace") or "", metadata["name"])


def _shown(
    key: ResourceKey, target: Object, live: Object | None, predicted: Object | None, hidden: tuple[str, ...]
) -> ManagedResource:
    before, after = _bare(live), _bare(predicted)
    is_modified = before != after
    shown = masked(target, before, after, annotations=hidden)
    texts = [
        "null" if state is None else msgspec.json.encode(state, order="sorted").decode() for state in shown
    ]
    return ManagedResource(
        group=key.group,
        kind=key.kind,
        namespace=key.namespace,
        name=key.name,
        target_state=texts[2],
        live_state=texts[1],
        normalized_live_state=texts[1],
        predicted_live_state=texts[2],
        modified=is_modified,
    )


def _bare(obj: Object | None) -> Object | None:
    """Without what changes by itself; the status is not what anybody applies."""
    if obj is None:
        return None
    metadata = {name: value for name, value in obj.get("metadata", {}).items() if name not in DROPPED}
    annotations = {
        name: value for name, value in (metadata.get("annotations") or {}).items() if name != LAST_APPLIED
    }
    metadata.pop("annotations", None)
    if annotations:
        metadata["annotations"] = annotations
    return {**{name: value for name, value in obj.items() if name != "status"}, "metadata": metadata}
