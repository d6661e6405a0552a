"""Secrets that declare clusters, repositories and credentials: made, changed and taken away by the API.

The invariant: what the API made it may delete; what somebody else declared it only ceases to count
(contract 12.2). Values go in here and come out nowhere.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fairlead.api_server.config_map import SECRET_TYPE, SecretObject
from fairlead.api_server.kinds import SECRETS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.kube.errors import AlreadyExistsError, ConflictError

MANAGED_BY = "managed-by"
OURS = "argocd.argoproj.io"
ATTEMPTS = 10
_PRIME, _START, _MASK = 0x01000193, 0x811C9DC5, 0xFFFFFFFF


def fnv32a(text: str) -> int:
    """FNV-1a of 32 bits, which names of Secrets are made of."""
    total = _START
    for byte in text.encode():
        total = ((total ^ byte) * _PRIME) & _MASK
    return total


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """A Secret with all of its values, read for one change. Never printed."""

    name: str
    values: dict[str, str]
    version: str
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Whole(name={self.name!r})"


async def read(backend: Backend, name: str) -> Whole:
    """All of a Secret. Raises KubeError."""
    obj = msgspec.json.decode(await backend.kube.get(SECRETS, name, backend.namespace))
    metadata = obj["metadata"]
    return Whole(
        name=name,
        values={key: _text(value) for key, value in (obj.get("data") or {}).items()},
        version=metadata["resourceVersion"],
        labels=metadata.get("labels") or {},
        annotations=metadata.get("annotations") or {},
    )


async def make(
    backend: Backend,
    name: str,
    secret_type: str,
    values: Mapping[str, str],
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> None:
    """Make a Secret and wait until it is seen here. Raises KubeError; AlreadyExistsError when there is one of
    that type, RefusalError when it is of another: what is in it must not count beside what is declared."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": backend.namespace,
            "labels": {**(labels or {}), SECRET_TYPE: secret_type},
            "annotations": {**(annotations or {}), MANAGED_BY: OURS},
        },
        "type": "Opaque",
        "data": {key: _encoded(value) for key, value in values.items() if value},
    }
    try:
        raw = await backend.kube.create(SECRETS, body, backend.namespace)
    except AlreadyExistsError:
        if (await read(backend, name)).labels.get(SECRET_TYPE) == secret_type:
            raise
        text = f"Secret {name} is there already and declares nothing of this kind; delete it first"
        raise RefusalError(Code.ALREADY_EXISTS, text) from None
    await _seen(backend, raw)


def of_another(name: str) -> RefusalError:
    """The refusal to change a Secret that declares something else than is meant."""
    return RefusalError(Code.ALREADY_EXISTS, f"Secret {name} is there and is another's")


async def amend(backend: Backend, name: str, change: Callable[[Whole], Mapping[str, Any]]) -> None:
    """Change the newest state of a Secret, and wait until that is seen here.

    `change` gives values as text (None drops one) below `data`, and labels and annotations below `metadata`.
    Raises KubeError; RefusalError when others are always faster.
    """
    for _ in range(ATTEMPTS):
        found = await read(backend, name)
        wanted = change(found)
        data = {key: None if value is None else _encoded(value) for key, value in wanted["data"].items()}
        metadata = {**wanted.get("metadata", {}), "resourceVersion": found.version}
        body = {"metadata": metadata, "data": data}
        try:
            raw = await backend.kube.merge_patch(SECRETS, name, body, backend.namespace)
        except ConflictError:
            continue
        await _seen(backend, raw)
        return
    raise RefusalError(Code.ABORTED, f"Secret {name} is being changed by others; try again")


async def remove(backend: Backend, secret: SecretObject) -> None:
    """Delete a Secret that the API made; of another one drop the label that gives it its meaning."""
    if secret.annotations.get(MANAGED_BY) == OURS:
        await backend.kube.delete(SECRETS, secret.name, backend.namespace)
    else:
        body = {"metadata": {"labels": {SECRET_TYPE: None}}}
        await backend.kube.merge_patch(SECRETS, secret.name, body, backend.namespace)
    mirror = backend.mirrors.secrets
    before = secret.labels.get(SECRET_TYPE)

    def is_gone() -> bool:
        found = mirror.get(secret.name)
        return found is None or found.labels.get(SECRET_TYPE) != before

    await mirror.until(is_gone, seconds=CATCH_UP)


async def _seen(backend: Backend, raw: bytes) -> None:
    metadata = msgspec.json.decode(raw)["metadata"]
    name, version = metadata["name"], int(metadata["resourceVersion"])
    mirror = backend.mirrors.secrets

    def is_shown() -> bool:
        found = mirror.get(name)
        return found is not None and int(found.resource_version) >= version

    await mirror.until(is_shown, seconds=CATCH_UP)


def texts(written: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str | None]:
    """What to write over what is there: a value that is not given any more is dropped."""
    return {key: value or None for key, value in written.items() if value or key in present}


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _text(value: str) -> str:
    return base64.b64decode(value).decode(errors="replace")
