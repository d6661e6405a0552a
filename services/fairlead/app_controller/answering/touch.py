"""Changes one live object of an application for a person: a patch, a deletion; and tells its Events.

Invariant: what is written is the very object that was found to be the application's, under the fence of its
cluster and as whom the application's objects are written; no value of a Secret comes back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec

from fairlead.app_controller.answering.named import Found, Named
from fairlead.bus import RemoteError
from fairlead.diff.mask import masked
from fairlead.events.envelope import decode, encode
from fairlead.kube.codes import code_title
from fairlead.kube.delete import Propagation, delete
from fairlead.kube.errors import KubeError
from fairlead.kube.live_object import LiveObject
from fairlead.kube.resource import Resource
from fairlead.kube.rest import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, KubeClient
from fairlead.manifest.fields import Manifest
from fairlead.manifest.identity import ResourceKey
from fairlead.rpc import ApplicationQuery, LiveResource
from fairlead.rpc.resource import MAX_PATCH, DeleteResource, Done, PatchResource, ResourceEvents

FIELD_MANAGER = "argocd-server"
"""Who people are for the API server: not us, so that what they change is seen as drift."""
MAX_EVENTS = 500
"""Events of one object in an answer; the newest."""
MAX_EVENT_BYTES = 4 << 20
"""Bytes of all of them."""
_EVENTS = Resource(group="", version="v1", plural="events", kind="Event", namespaced=True)

T = TypeVar("T")
Params = Mapping[str, str]
Patched = Callable[[KubeClient, Resource, ResourceKey, bytes, Params], Awaitable[bytes]]


class Touch:
    """Answers `patch-resource`, `try-resource-patch`, `delete-resource` and `resource-events`."""

    def __init__(self, named: Named, masked_annotations: Callable[[], tuple[str, ...]]) -> None:
        self._named = named
        self._masked = masked_annotations

    async def patch(self, _: str, payload: bytes) -> bytes:
        """PatchResource -> LiveResource."""
        query = decode(PatchResource, payload)
        found = self._named.writable(query)
        raw = await told(patched(found, query.patch.encode(), query.patch_type))
        found.cluster.live.observe(raw)
        return self._shown(None, raw)

    async def try_patch(self, _: str, payload: bytes) -> bytes:
        """PatchResource -> LiveResource as it would be. What changes of a Secret has another mask than
        now."""
        query = decode(PatchResource, payload)
        found = self._named.writable(query)
        raw = await told(patched(found, query.patch.encode(), query.patch_type, is_dry_run=True))
        live = await told(found.cluster.live.whole(found.live.key))
        return self._shown(live.decoded() if live is not None else None, raw)

    def _shown(self, before: Manifest | None, raw: bytes) -> bytes:
        shown = masked(before, msgspec.json.decode(raw), annotations=self._masked())[1]
        return encode(LiveResource(manifest=msgspec.json.encode(shown).decode()))

    async def delete(self, _: str, payload: bytes) -> bytes:
        """DeleteResource -> Done. An object that is gone already is NotFound."""
        query = decode(DeleteResource, payload)
        found = self._named.writable(query)
        live = found.live
        propagation: Propagation = "orphan" if query.orphan else "background" if query.force else "foreground"
        was_there = await told(
            delete(
                found.writer,
                found.resource,
                live.key.name,
                live.key.namespace or None,
                propagation=propagation,
                uid=live.uid,
                grace_seconds=0 if query.force and not query.orphan else None,
            )
        )
        if not was_there:
            raise RemoteError("NotFound", f"{live.key} is gone")
        return encode(done(live, found.cluster.server))

    async def events(self, _: str, payload: bytes) -> bytes:
        """ApplicationQuery -> ResourceEvents: what the cluster recorded about one object, the newest last."""
        _record, cluster, live = self._named.live(decode(ApplicationQuery, payload))
        selector = f"involvedObject.name={live.key.name},involvedObject.uid={live.uid}"
        raw = await told(
            cluster.client.list_all(_EVENTS, live.key.namespace or "default", field_selector=selector)
        )
        return encode(ResourceEvents(items=tuple(newest(raw))))


async def patched(found: Found, body: bytes, patch_type: str, *, is_dry_run: bool = False) -> bytes:
    """The object as a patch left it. Raises RemoteError for a type of patch that is none, and KubeError."""
    send = _SENT.get(patch_type)
    if send is None:
        raise RemoteError("InvalidArgument", f"Patch type '{patch_type}' is not supported")
    if len(body) > MAX_PATCH:
        raise RemoteError("InvalidArgument", f"the patch is larger than {MAX_PATCH >> 20} MiB")
    key = found.live.key
    params = {"dryRun": "All"} if is_dry_run else {}
    return await found.writer.write(
        "patch",
        found.resource,
        lambda client: send(client, found.resource, key, body, params),
        name=key.name,
        namespace=key.namespace,
    )


def done(live: LiveObject, server: str) -> Done:
    """What was done to which object."""
    return Done(uid=live.uid, resource_version=live.resource_version, server=server)


def newest(raw: list[bytes]) -> list[bytes]:
    """The end of a list of Events, within bounds."""
    kept: list[bytes] = []
    room = MAX_EVENT_BYTES
    for item in reversed(raw[-MAX_EVENTS:]):
        room -= len(item)
        if room < 0:
            break
        kept.append(item)
    return kept[::-1]


async def told(work: Awaitable[T]) -> T:
    """The result; the API server's refusal in its own words."""
    try:
        return await work
    except KubeError as error:
        raise RemoteError(code_title(error), error.message) from error


def _managed(params: Params) -> Params:
    return {"fieldManager": FIELD_MANAGER, **params}


async def _merge(
    client: KubeClient, resource: Resource, key: ResourceKey, body: bytes, params: Params
) -> bytes:
    return await client.merge_patch(resource, key.name, body, key.namespace or None, params=_managed(params))


async def _json(
    client: KubeClient, resource: Resource, key: ResourceKey, body: bytes, params: Params
) -> bytes:
    return await client.json_patch(resource, key.name, body, key.namespace or None, params=_managed(params))


async def _strategic(
    client: KubeClient, resource: Resource, key: ResourceKey, body: bytes, params: Params
) -> bytes:
    namespace = key.namespace or None
    return await client.strategic_patch(resource, key.name, body, namespace, params=_managed(params))


async def _apply(
    client: KubeClient, resource: Resource, key: ResourceKey, body: bytes, params: Params
) -> bytes:
    namespace = key.namespace or None
    answer = await client.apply(
        resource, key.name, body, namespace, field_manager=FIELD_MANAGER, force=False, params=params
    )
    return answer.body


_SENT: dict[str, Patched] = {
    MERGE_PATCH: _merge,
    JSON_PATCH: _json,
    STRATEGIC_PATCH: _strategic,
    APPLY_PATCH: _apply,
}
