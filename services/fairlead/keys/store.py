"""The Secret that holds the keys: several pods may run this at once, and agree."""

import base64
import binascii
from collections.abc import Callable, Mapping

import msgspec
import structlog

from fairlead.kube.errors import AlreadyExistsError, ConflictError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

log = structlog.get_logger(__name__)

SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
LABELS = {"app.kubernetes.io/name": "fairlead-keys", "app.kubernetes.io/part-of": "fairlead"}
ATTEMPTS = 8

Missing = Callable[[Mapping[str, bytes]], dict[str, bytes]]


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """All entries of the Secret, and the names of those that were added just now."""

    values: dict[str, bytes]
    added: list[str]

    def __repr__(self) -> str:
        return f"Keys(added={self.added})"


async def complete(client: KubeClient, namespace: str, name: str, missing: Missing) -> Keys:
    """Add what is missing to the Secret. Raises KubeError."""
    for _ in range(ATTEMPTS):
        raw = await client.find(SECRETS, name, namespace)
        found = msgspec.json.decode(raw) if raw is not None else {}
        values = _values(found)
        added = missing(values)
        if not added or await _stored(client, namespace, name, found, added):
            return Keys(values={**values, **added}, added=sorted(added))
    raise ConflictError(f"Secret {namespace}/{name} is being changed by others all the time")


async def _stored(
    client: KubeClient, namespace: str, name: str, found: dict[str, object], added: Mapping[str, bytes]
) -> bool:
    data = {key: base64.b64encode(value).decode() for key, value in added.items()}
    try:
        if not found:
            await client.create(SECRETS, _secret(namespace, name, data), namespace)
        else:
            body = {"metadata": {"resourceVersion": _version(found)}, "data": data}
            await client.merge_patch(SECRETS, name, body, namespace)
    except (AlreadyExistsError, ConflictError):
        log.info("keys.raced", secret=name)
        return False
    return True


def _secret(namespace: str, name: str, data: dict[str, str]) -> dict[str, object]:
    metadata = {"name": name, "namespace": namespace, "labels": LABELS}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}


def _version(found: dict[str, object]) -> str:
    metadata = found["metadata"]
    return str(metadata["resourceVersion"]) if isinstance(metadata, dict) else ""


def _values(found: Mapping[str, object]) -> dict[str, bytes]:
    data = found.get("data")
    values = {}
    for key, value in (data if isinstance(data, dict) else {}).items():
        try:
            values[str(key)] = base64.b64decode(str(value), validate=True)
        except binascii.Error:
            continue
    return values
