"""An Application as its set needs it: what it says, and how it fares; nothing of its objects.

Why: a set may have thousands, and most of an Application is its list of objects. Invariant: what is compared
is what the API server holds; an Application that cannot be read is neither changed nor deleted.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fairlead.kube.collection import Name
from fairlead.kube.head import Head, Metadata
from fairlead.model.application import ApplicationSpec
from fairlead.model.decode import from_object
from fairlead.model.metadata import API_GROUP, OwnerReference
from fairlead.model.status import Condition, HealthStatus

KIND: Final = "ApplicationSet"


class _Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Spelled as in JSON."""


class SyncResult(_Record, frozen=True, kw_only=True):
    """What an operation deployed."""

    revision: str = ""
    revisions: tuple[str, ...] = ()


class Initiator(_Record, frozen=True, kw_only=True):
    """Who asked for an operation."""

    username: str = ""


class AskedSync(_Record, frozen=True, kw_only=True):
    """The revisions that a sync was asked for."""

    revision: str = ""
    revisions: tuple[str, ...] = ()


class Asked(_Record, frozen=True, kw_only=True):
    """What an operation was to do, and for whom."""

    initiated_by: Initiator = Initiator()
    sync: AskedSync = AskedSync()


class OperationState(_Record, frozen=True, kw_only=True):
    """The last operation, or the one under way."""

    phase: str = ""
    message: str = ""
    operation: Asked = Asked()
    started_at: str | None = None
    finished_at: str | None = None
    sync_result: SyncResult | None = None


class SyncState(_Record, frozen=True, kw_only=True):
    """The result of the last comparison; `compared_to` is the JSON of what of the spec it used."""

    compared_to: msgspec.Raw = msgspec.Raw(b"")
    status: str = ""
    revision: str = ""
    revisions: tuple[str, ...] = ()


class ChildStatus(_Record, frozen=True, kw_only=True):
    """How an Application fares."""

    sync: SyncState = SyncState()
    health: HealthStatus = HealthStatus()
    operation_state: OperationState | None = None
    reconciled_at: str | None = None
    conditions: tuple[Condition, ...] = ()


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """One Application. `spec_json` is what the API server holds; `problem` why it cannot be read, or ""."""

    name: str
    namespace: str
    uid: str
    version: str
    labels: dict[str, str]
    annotations: dict[str, str]
    finalizers: tuple[str, ...]
    owners: tuple[OwnerReference, ...]
    deletion_timestamp: str | None = None
    spec_json: bytes = b"{}"
    has_operation: bool = False
    status: ChildStatus = ChildStatus()
    problem: str = ""

    @property
    def key(self) -> Name:
        """Namespace and name."""
        return self.namespace, self.name

    @property
    def is_deleting(self) -> bool:
        """Whether its deletion has begun and waits for finalizers."""
        return self.deletion_timestamp is not None

    @property
    def number(self) -> int:
        """Its resourceVersion, so that what is older can be told."""
        return int(self.version) if self.version.isdecimal() else 0

    @property
    def controller(self) -> OwnerReference | None:
        """Who controls it."""
        return next((owner for owner in self.owners if owner.controller), None)

    def spec(self) -> ApplicationSpec:
        """What it says. Raises MalformedObjectError."""
        return from_object(msgspec.json.decode(self.spec_json), ApplicationSpec)


class _Metadata(_Record, frozen=True, kw_only=True):
    owner_references: tuple[OwnerReference, ...] | None = None


class _Owned(_Record, frozen=True, kw_only=True):
    metadata: _Metadata = _Metadata()


class _Seen(_Record, frozen=True, kw_only=True):
    spec: msgspec.Raw = msgspec.Raw(b"{}")
    operation: msgspec.Raw = msgspec.Raw(b"null")
    status: msgspec.Raw = msgspec.Raw(b"{}")


_OWNED = msgspec.json.Decoder(_Owned)
_SEEN = msgspec.json.Decoder(_Seen)
_STATUS = msgspec.json.Decoder(ChildStatus)


def owners_of(raw: bytes) -> tuple[OwnerReference, ...]:
    """The owner references of an object; none when they cannot be read."""
    try:
        return _OWNED.decode(raw).metadata.owner_references or ()
    except msgspec.DecodeError:
        return ()


def set_of(namespace: str, owners: tuple[OwnerReference, ...]) -> Name | None:
    """The set that controls an Application: owners are of its own namespace."""
    for owner in owners:
        if owner.controller and is_set(owner):
            return namespace, owner.name
    return None


def is_set(owner: OwnerReference) -> bool:
    """Whether an owner is an ApplicationSet."""
    return owner.kind == KIND and owner.api_version.startswith(f"{API_GROUP}/")


def read_child(head: Head, raw: bytes, owners: tuple[OwnerReference, ...] | None = None) -> Child:
    """An Application of a list, a watch or an answer."""
    metadata = head.metadata
    child = _bare(metadata, owners_of(raw) if owners is None else owners)
    try:
        seen = _SEEN.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        return msgspec.structs.replace(child, problem=str(error))
    return msgspec.structs.replace(
        child,
        spec_json=bytes(seen.spec),
        has_operation=bytes(seen.operation) != b"null",
        status=_status(seen.status),
    )


def _status(raw: msgspec.Raw) -> ChildStatus:
    """A status that cannot be read says nothing; what the Application wants is known all the same."""
    try:
        found = _STATUS.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return ChildStatus()
    sync = msgspec.structs.replace(found.sync, compared_to=found.sync.compared_to.copy())
    return msgspec.structs.replace(found, sync=sync)


def _bare(metadata: Metadata, owners: tuple[OwnerReference, ...]) -> Child:
    return Child(
        name=metadata.name,
        namespace=metadata.namespace,
        uid=metadata.uid,
        version=metadata.resource_version,
        labels=metadata.labels or {},
        annotations=metadata.annotations or {},
        finalizers=metadata.finalizers or (),
        owners=owners,
        deletion_timestamp=metadata.deletion_timestamp,
    )
