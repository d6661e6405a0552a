"""One live object: what is needed to find it, and as much of its text as somebody needs.

What an application manages or wants is kept whole; of anything else what is shown of it (see `brief`), or
nothing. Invariant: an object is never changed in place; a new version is a new `LiveObject`.
"""

import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import IntEnum
from sys import intern
from typing import Any, Final

import msgspec

from fairlead.kube.brief import brief_text, opened
from fairlead.kube.few import Few, added, each
from fairlead.kube.head import Head, OwnerReference
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.pack import pack, unpack

OwnerOf = Callable[[Mapping[str, Any]], str | None]
"""The application instance that `metadata` (labels and annotations) names, or None."""

_SECONDS_BITS: Final = 34
"""Enough for some five hundred years from 1970."""
_SECONDS_MASK: Final = (1 << _SECONDS_BITS) - 1
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


class NotWholeError(Exception):
    """The body of this object is not kept; it is to be read from the cluster (`LiveState.whole`)."""


class Kept(IntEnum):
    """How much of an object's text is kept."""

    NOTHING = 0
    BRIEF = 1
    WHOLE = 2


_TELLS: Final = {kept: bytes((kept,)) for kept in Kept}
_WHOLE: Final = _TELLS[Kept.WHOLE]


class LiveObject(msgspec.Struct, frozen=True, gc=False, eq=False):
    """An object as the API server last reported it, in the API version that is watched.

    `instance` is the application its mark names (a copied mark too: see `tracking.self_referenced`). Times
    are RFC 3339 text. What has a short form is kept in it: `identity`, `owned_by`, and in `moment` both the
    resourceVersion and when it was made.
    """

    resource: Resource
    namespace: str
    name: str
    identity: int | str
    moment: int | tuple[int | str, int | str | None]
    instance: str | None
    owned_by: Few | None
    deletion_timestamp: str | None
    packed: bytes

    def __eq__(self, other: object) -> bool:
        """Whether both say the same of one version of an object; how that is packed may differ."""
        return isinstance(other, LiveObject) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    @property
    def _said(self) -> tuple[object, ...]:
        return (
            self.resource,
            self.namespace,
            self.name,
            self.identity,
            self.moment,
            self.instance,
            self.owned_by,
            self.deletion_timestamp,
            self.kept,
        )

    @property
    def key(self) -> ResourceKey:
        return ResourceKey(self.resource.group, self.resource.kind, self.namespace, self.name)

    @property
    def version(self) -> str:
        """The API version it was read in, without its group."""
        return self.resource.version

    @property
    def uid(self) -> str:
        return spelled(self.identity)

    @property
    def revision(self) -> int | str:
        """The resourceVersion, as a number where it is one."""
        return self.moment >> _SECONDS_BITS if isinstance(self.moment, int) else self.moment[0]

    @property
    def resource_version(self) -> str:
        return str(self.revision)

    @property
    def owners(self) -> tuple[int | str, ...]:
        """The identities of its owners."""
        return tuple(each(self.owned_by))

    @property
    def owner_uids(self) -> tuple[str, ...]:
        return tuple(map(spelled, self.owners))

    @property
    def creation_timestamp(self) -> str | None:
        created = self.moment & _SECONDS_MASK if isinstance(self.moment, int) else self.moment[1]
        return _spelled_time(created) if isinstance(created, int) else created

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(self.resource.group, self.resource.kind)

    @property
    def api_version(self) -> str:
        return self.resource.api_version

    @property
    def is_being_deleted(self) -> bool:
        return self.deletion_timestamp is not None

    @property
    def kept(self) -> Kept:
        """How much of its text is kept; the first byte of `packed` says it."""
        return Kept(self.packed[0]) if self.packed else Kept.NOTHING

    @property
    def is_whole(self) -> bool:
        """Whether its text is kept; whoever needs another object's reads it from the cluster."""
        return self.packed[:1] == _WHOLE

    @property
    def raw(self) -> bytes:
        """Its JSON, with apiVersion and kind; unpacked anew each time. Raises NotWholeError."""
        if not self.is_whole:
            raise NotWholeError(f"{self.key} is not kept whole")
        return unpack(self.packed[1:])

    @property
    def text(self) -> bytes:
        """What is kept of its JSON: of a brief without what this object says of itself (see `brief`)."""
        return unpack(self.packed[1:]) if self.packed else b"{}"

    def decoded(self) -> dict[str, Any]:
        """The whole object; decoded anew each time, so that only bytes are kept. Raises NotWholeError."""
        found: dict[str, Any] = msgspec.json.decode(self.raw)
        return found

    def brief(self) -> dict[str, Any]:
        """Who the object is and what of it the tree, its health and what it asks for are read from: a
        manifest with less in it, and of a whole object the whole. Decoded anew each time; never raises."""
        if self.is_whole:
            return self.decoded()
        said: dict[str, Any] = {
            "name": self.name,
            "namespace": self.namespace or None,
            "uid": self.uid,
            "resourceVersion": self.resource_version,
            "creationTimestamp": self.creation_timestamp,
            "deletionTimestamp": self.deletion_timestamp,
        }
        return opened(self.api_version, self.resource.kind, said, self.text)


def live_object(
    resource: Resource, head: Head, raw: bytes, owner_of: OwnerOf, *, kept: Kept = Kept.WHOLE
) -> LiveObject:
    """The object of a list item or watch event of `resource`, and so much of its text."""
    metadata = head.metadata
    instance = owner_of(metadata.marks()) if metadata.annotations or metadata.labels else None
    return as_live(resource, head, raw, instance, kept)


def as_live(resource: Resource, head: Head, raw: bytes, instance: str | None, kept: Kept) -> LiveObject:
    """The same for one whose owner is known."""
    metadata, kind = head.metadata, resource.group_kind
    text = raw if kept is Kept.WHOLE else brief_text(kind, raw) if kept is Kept.BRIEF else b""
    return LiveObject(
        resource,
        intern(metadata.namespace),
        metadata.name,
        compact(metadata.uid),
        _moment(numbered(metadata.resource_version), _seconds(metadata.creation_timestamp)),
        intern(instance) if instance is not None else None,
        _few(metadata.owner_references),
        metadata.deletion_timestamp,
        _TELLS[kept] + pack((kind, kept), text) if text else b"",
    )


def _few(references: tuple[OwnerReference, ...] | None) -> Few | None:
    held: Few | None = None
    for owner in references or ():
        held = added(held, compact(owner.uid))
    return held


def compact(uid: str) -> int | str:
    """A uid in half the memory, where it is spelled as API servers spell theirs."""
    return int(uid.replace("-", ""), 16) if _UUID.fullmatch(uid) else uid


def spelled(identity: int | str) -> str:
    """The uid again."""
    if isinstance(identity, str):
        return identity
    text = f"{identity:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def numbered(version: str) -> int | str:
    """A resourceVersion as a number, where it is one that is spelled so."""
    is_number = version.isascii() and version.isdecimal() and (version[0] != "0" or version == "0")
    return int(version) if is_number else version


def _moment(revision: int | str, created: int | str | None) -> int | tuple[int | str, int | str | None]:
    """Both in one number, which takes less than two, where both are numbers."""
    if isinstance(revision, int) and isinstance(created, int) and 0 <= created <= _SECONDS_MASK:
        return revision << _SECONDS_BITS | created
    return revision, created


def _seconds(moment: str | None) -> int | str | None:
    """A time in seconds since 1970, where that can be spelled the same again."""
    if moment is None or len(moment) != len("2026-01-01T00:00:00Z"):
        return moment
    try:
        seconds = int(datetime.fromisoformat(moment).timestamp())
        return seconds if _spelled_time(seconds) == moment else moment
    except (ValueError, OverflowError):
        return moment


def _spelled_time(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
