"""Small live objects for tests."""

import msgspec

from fairlead.kube.head import decode_head
from fairlead.kube.live_object import LiveObject, live_object
from fairlead.kube.resource import Resource
from fairlead.manifest.tracking import TRACKING_ID, owner_of

CONFIG_MAPS = Resource(
    group="",
    version="v1",
    plural="configmaps",
    kind="ConfigMap",
    namespaced=True,
    verbs=frozenset({"list", "watch"}),
)


def anything(_verb: str, _resource: Resource, _namespace: str, _name: str) -> str:
    """The gate of a writer that may write anything."""
    return ""


def body(
    name: str,
    version: int,
    *,
    uid: str | None = None,
    app: str = "",
    owners: tuple[str, ...] = (),
    said: dict[str, object] | None = None,
    **more: object,
) -> bytes:
    metadata: dict[str, object] = {
        "name": name,
        "namespace": "default",
        "uid": uid or f"uid-{name}",
        "resourceVersion": str(version),
    }
    if app:
        metadata["annotations"] = {TRACKING_ID: f"{app}:/ConfigMap:default/{name}"}
    if owners:
        metadata["ownerReferences"] = [{"uid": owner, "kind": "X", "name": "x"} for owner in owners]
    metadata |= said or {}
    return msgspec.json.encode({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **more})


def live(
    name: str,
    version: int,
    *,
    uid: str | None = None,
    app: str = "",
    owners: tuple[str, ...] = (),
    metadata: dict[str, object] | None = None,
) -> LiveObject:
    raw = body(name, version, uid=uid, app=app, owners=owners, said=metadata)
    return live_object(CONFIG_MAPS, decode_head(raw), raw, owner_of)
