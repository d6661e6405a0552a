"""An Application as its set wants it, whole and in the form in which it is compared.

Invariant: it is in its set's own namespace, as an owner reference cannot lead out of one; what a template
says of its name, labels, annotations, finalizers and spec is there, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.applicationset_controller import kept
from fairlead.applicationset_controller.applying.policy import preserves_resources
from fairlead.model.application import Application, ApplicationSpec
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import from_object
from fairlead.model.errors import MalformedObjectError
from fairlead.model.metadata import API_VERSION, OwnerReference


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One Application that was generated."""

    name: str
    labels: dict[str, str]
    annotations: dict[str, str]
    finalizers: tuple[str, ...]
    spec: ApplicationSpec


class UnreadableError(Exception):
    """What a template came to is no Application; the words are for who wrote it."""


def wanted(aset: ApplicationSet, application: Mapping[str, Any]) -> Wanted:
    """Read what a template came to. Raises UnreadableError."""
    try:
        app = from_object({"metadata": {}, "spec": {}, **application, "status": {}}, Application)
    except MalformedObjectError as error:
        raise UnreadableError(str(error)) from error
    metadata = app.metadata
    if not metadata.name:
        raise UnreadableError("the template gives an Application no name")
    finalizers = metadata.finalizers
    if not finalizers and not preserves_resources(aset.spec):
        finalizers = (kept.CASCADE,)
    return Wanted(
        name=metadata.name,
        labels=metadata.labels,
        annotations=metadata.annotations,
        finalizers=finalizers,
        spec=app.spec.normalized(),
    )


def owner_reference(aset: ApplicationSet) -> OwnerReference:
    """What an Application says of the set that owns it."""
    return OwnerReference(
        api_version=API_VERSION,
        kind="ApplicationSet",
        name=aset.metadata.name,
        uid=aset.metadata.uid,
        controller=True,
        block_owner_deletion=True,
    )
