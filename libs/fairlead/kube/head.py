"""The few fields of an object that keeping track of it needs; the rest stays bytes.

Invariant: decoding a head never fails for an object an API server may send, however odd its spec.
"""

from typing import Any, Final

import msgspec

from fairlead.kube.depth import decoded
from fairlead.kube.errors import ProtocolError
from fairlead.manifest.identity import ResourceKey, split_api_version

PARTIAL_KIND: Final = "PartialObjectMetadata"
"""What an object says it is of which only its metadata was asked for."""


class OwnerReference(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    uid: str = ""
    kind: str = ""
    name: str = ""
    api_version: str = ""


class Metadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Part of `metadata`; times are RFC 3339 text."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None
    finalizers: tuple[str, ...] | None = None
    deletion_timestamp: str | None = None
    creation_timestamp: str | None = None

    def marks(self) -> dict[str, Any]:
        """Labels and annotations as a mapping shaped like `metadata`, for `tracking.owner_of`."""
        return {"labels": self.labels or {}, "annotations": self.annotations or {}}


class Head(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Who an object is. `api_version` and `kind` are empty in the items of a list of a built-in kind."""

    api_version: str = ""
    kind: str = ""
    metadata: Metadata = Metadata()

    @property
    def key(self) -> ResourceKey:
        group, _ = split_api_version(self.api_version)
        return ResourceKey(group, self.kind, self.metadata.namespace, self.metadata.name)


_HEAD = msgspec.json.Decoder(Head)


def decode_head(raw: bytes | msgspec.Raw) -> Head:
    """The head of one object. Raises ProtocolError for what is no Kubernetes object."""
    try:
        return decoded(_HEAD, raw)
    except msgspec.DecodeError:
        raise ProtocolError("the answer is not a Kubernetes object") from None


def with_type(raw: bytes, api_version: str, kind: str) -> bytes:
    """The same object, saying what it is; list items of built-in kinds leave that to the list."""
    start = b'{"kind":"%b","apiVersion":"%b"' % (kind.encode(), api_version.encode())
    rest = raw.lstrip()[1:].lstrip()
    return start + rest if rest.startswith(b"}") else start + b"," + rest
