"""Names of Kubernetes objects, as small hashable values that every layer above uses as dictionary keys.

Invariant: a :class:`ResourceKey` carries no version. The same object served in two versions is one object, so
desired, live and recorded state always meet under one key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fairlead.manifest.errors import IdentityError


class GroupKind(NamedTuple):
    """An API group (empty for core) and a kind, whatever the version."""

    group: str
    kind: str

    def __str__(self) -> str:
        """``apps/Deployment``; a core kind stands alone: ``Service``."""
        return f"{self.group}/{self.kind}" if self.group else self.kind


class GroupVersionKind(NamedTuple):
    """A kind in one served version."""

    group: str
    version: str
    kind: str

    @property
    def group_kind(self) -> GroupKind:
        """The same kind without its version."""
        return GroupKind(self.group, self.kind)

    @property
    def api_version(self) -> str:
        """``apps/v1``, or ``v1`` for core."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        """``apps/v1, Kind=Deployment`` (core: ``/v1, Kind=Pod``), as Kubernetes spells it in messages."""
        return f"{self.group}/{self.version}, Kind={self.kind}"


class ResourceKey(NamedTuple):
    """One object in one cluster. ``namespace`` is empty for cluster-scoped objects."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def group_kind(self) -> GroupKind:
        """The object's kind without version."""
        return GroupKind(self.group, self.kind)

    def __str__(self) -> str:
        """``group/Kind/namespace/name``; ``status.resources`` is sorted by this text."""
        return f"{self.group}/{self.kind}/{self.namespace}/{self.name}"


def split_api_version(api_version: str) -> tuple[str, str]:
    """``apps/v1`` → ``("apps", "v1")``; ``v1`` → ``("", "v1")``."""
    group, slash, version = api_version.rpartition("/")
    return (group, version) if slash else ("", api_version)


def gvk_of(obj: Mapping[str, object]) -> GroupVersionKind:
    """The object's kind. Raises :class:`IdentityError` when ``apiVersion`` or ``kind`` is missing."""
    api_version, kind = obj.get("apiVersion"), obj.get("kind")
    if not isinstance(api_version, str) or not api_version:
        raise IdentityError("apiVersion is missing")
    if not isinstance(kind, str) or not kind:
        raise IdentityError("kind is missing")
    group, version = split_api_version(api_version)
    return GroupVersionKind(group, version, kind)


def key_of(obj: Mapping[str, object]) -> ResourceKey:
    """The object's key. An object named by ``generateName`` only has an empty name.

    Raises :class:`IdentityError` when ``apiVersion``, ``kind`` or ``metadata`` is missing or of another type.
    """
    gvk = gvk_of(obj)
    metadata = obj.get("metadata")
    if not isinstance(metadata, Mapping):
        raise IdentityError("metadata is missing")
    return ResourceKey(gvk.group, gvk.kind, _text(metadata, "namespace"), _text(metadata, "name"))


def _text(metadata: Mapping[str, object], field: str) -> str:
    value = metadata.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise IdentityError(f"metadata.{field} must be a string, not {type(value).__name__}")
    return value
