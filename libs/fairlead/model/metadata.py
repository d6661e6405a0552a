"""Object metadata and the scalar types every kind shares.

Invariant: `managedFields` is not modelled. It is most of an object's bytes and only the API server may
change it; leaving it out of an update keeps it as it is.
"""

from __future__ import annotations

from typing import Annotated, NewType

from msgspec import Meta, Struct, field

Time = NewType("Time", str)
"""An instant as RFC 3339 text, as Kubernetes writes it ("2026-01-02T15:04:05Z")."""

FreeForm = Annotated[
    dict[str, object], Meta(extra_json_schema={"x-kubernetes-preserve-unknown-fields": True})
]
"""An object nobody prunes: the user's own keys, nulls included."""

IntOrString = int | str

API_GROUP = "argoproj.io"
API_VERSION = "argoproj.io/v1alpha1"


class Record(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How a struct is spelled in JSON: camelCase, defaults left out."""


class OwnerReference(Record, frozen=True, kw_only=True):
    """The object whose deletion takes this one along."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class ObjectMeta(Record, frozen=True, kw_only=True):
    """Name, marks and life-cycle of an object."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[OwnerReference, ...] = ()


class LabelSelectorRequirement(Record, frozen=True, kw_only=True):
    """One condition on a label: In, NotIn, Exists or DoesNotExist."""

    key: str = field(default_factory=str)
    operator: str = field(default_factory=str)
    values: tuple[str, ...] = ()


class LabelSelector(Record, frozen=True, kw_only=True):
    """A conjunction of label conditions; empty matches everything."""

    match_labels: dict[str, str] = field(default_factory=dict)
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()
