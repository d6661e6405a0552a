"""One live object: what is needed to find it, and its bytes.

Invariant: an object is never changed in place; a new version is a new `LiveObject`.
"""

from collections.abc import Callable, Mapping
from sys import intern
from typing import Any

import msgspec

from fairlead.kube.head import Head
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import GroupKind, ResourceKey

OwnerOf = Callable[[Mapping[str, Any]], str | None]
"""The application instance that `metadata` (labels and annotations) names, or None."""


class NotWholeError(Exception):
    """The text of this object is not kept; it is to be read from the cluster."""


class LiveObject(msgspec.Struct, frozen=True, gc=False):
    """An object as the API server last reported it, in the API version that is watched.

    `instance` is the application its mark names (a copied mark too: see `tracking.self_referenced`).
    `raw` is JSON with apiVersion and kind; times are RFC 3339 text.
    """

    key: ResourceKey
    version: str
    uid: str
    resource_version: str
    generation: int
    instance: str | None
    owner_uids: tuple[str, ...]
    deletion_timestamp: str | None
    creation_timestamp: str | None
    raw: bytes

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(self.key.group, self.key.kind)

    @property
    def api_version(self) -> str:
        return f"{self.key.group}/{self.version}" if self.key.group else self.version

    @property
    def is_being_deleted(self) -> bool:
        return self.deletion_timestamp is not None

    @property
    def is_whole(self) -> bool:
        """Whether its text is kept; whoever needs another object's reads it from the cluster."""
        return True

    def brief(self) -> dict[str, Any]:
        """Who the object is and what of it the tree, its health and what it asks for are read from: a
        manifest with less in it, and of a whole object the whole. Decoded anew each time; never raises."""
        return self.decoded()

    def decoded(self) -> dict[str, Any]:
        """The whole object; decoded anew each time, so that only bytes are kept. Raises NotWholeError."""
        found: dict[str, Any] = msgspec.json.decode(self.raw)
        return found


def live_object(resource: Resource, head: Head, raw: bytes, owner_of: OwnerOf) -> LiveObject:
    """The object of a list item or watch event of `resource`."""
    metadata = head.metadata
    marked = metadata.annotations or metadata.labels
    return LiveObject(
        ResourceKey(resource.group, resource.kind, intern(metadata.namespace), metadata.name),
        resource.version,
        metadata.uid,
        metadata.resource_version,
        metadata.generation,
        owner_of(metadata.marks()) if marked else None,
        tuple(owner.uid for owner in metadata.owner_references or ()),
        metadata.deletion_timestamp,
        metadata.creation_timestamp,
        raw,
    )
