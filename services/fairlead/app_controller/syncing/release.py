"""Takes our finalizer off an object, so that nothing of ours holds it.

Invariant: the very object that was judged is changed, by its uid, and no finalizer of anybody else is lost,
also one that was added since we looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.health.assess import HOOK_FINALIZER
from fairlead.kube import write
from fairlead.kube.errors import ConflictError, NotFoundError
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.fields import Manifest, list_at, text_at

ATTEMPTS = 5
"""Times the finalizer is tried while others keep changing the object."""


async def release(
    writer: ClusterWriter, resource: Resource, name: str, namespace: str | None, live: Manifest
) -> bytes | None:
    """The object without our finalizer, or None when it is gone or was not held. Raises KubeError."""
    uid = text_at(live, "metadata", "uid")
    for attempt in range(ATTEMPTS):
        held = [str(item) for item in list_at(live, "metadata", "finalizers")]
        if HOOK_FINALIZER not in held or text_at(live, "metadata", "uid") != uid:
            return None
        body = _without_ours(live, held)
        try:
            return await write.merge_patch(
                writer, resource, name, msgspec.json.encode(body), namespace, verb="release"
            )
        except NotFoundError:
            return None
        except ConflictError:
            if attempt == ATTEMPTS - 1:
                raise
            raw = await writer.client.find(resource, name, namespace)
            if raw is None:
                return None
            live = msgspec.json.decode(raw)
    return None


def _without_ours(live: Manifest, held: list[str]) -> Mapping[str, Any]:
    metadata: dict[str, Any] = {"finalizers": [name for name in held if name != HOOK_FINALIZER] or None}
    for field in ("uid", "resourceVersion"):
        if value := text_at(live, "metadata", field):
            metadata[field] = value
    return {"metadata": metadata}
