"""What of one Application is not as its set wants it.

Invariant: pure; two states that mean the same are no change, so that nothing is written when nothing differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from fairlead.applicationset_controller import kept
from fairlead.applicationset_controller.applying.wanted import Wanted
from fairlead.applicationset_controller.following.child import Child
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import to_object
from fairlead.model.metadata import API_VERSION, OwnerReference


class Preserved(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of labels and annotations that a set leaves as they are, also those of all sets."""

    labels: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()

    def with_own(self, aset: ApplicationSet) -> Preserved:
        """These and the set's own."""
        own = aset.spec.preserved_fields
        if own is None:
            return self
        return Preserved(
            labels=(*self.labels, *own.labels), annotations=(*self.annotations, *own.annotations)
        )


class Desired(msgspec.Struct, frozen=True, kw_only=True):
    """What an Application is to be, beside what is not the set's to say."""

    labels: dict[str, str]
    annotations: dict[str, str]
    finalizers: tuple[str, ...]
    owners: tuple[OwnerReference, ...]
    spec: dict[str, Any]

    def laid_over(self, obj: dict[str, Any]) -> dict[str, Any]:
        """The object as it is to be written."""
        metadata = {
            **obj.get("metadata", {}),
            "labels": self.labels,
            "annotations": self.annotations,
            "finalizers": list(self.finalizers),
            "ownerReferences": [to_object(owner) for owner in self.owners],
        }
        return {**obj, "metadata": metadata, "spec": self.spec}

    def fresh(self, name: str, namespace: str) -> dict[str, Any]:
        """The object as it is to be made."""
        head = {"apiVersion": API_VERSION, "kind": "Application"}
        return self.laid_over({**head, "metadata": {"name": name, "namespace": namespace}})


def desired(app: Wanted, child: Child | None, owner: OwnerReference, preserved: Preserved) -> Desired:
    """What an Application is to be, with what is kept of the one that is there."""
    if child is None:
        return Desired(
            labels=app.labels,
            annotations=app.annotations,
            finalizers=app.finalizers,
            owners=(owner,),
            spec=to_object(app.spec),
        )
    return Desired(
        labels=kept.merged(app.labels, child.labels, preserved.labels),
        annotations=kept.annotated(app.annotations, child.annotations, preserved.annotations),
        finalizers=_finalizers(app.finalizers, child.finalizers),
        owners=_owners(owner, child.owners),
        spec=to_object(app.spec),
    )


def current(child: Child) -> Desired:
    """What an Application is. Raises MalformedObjectError."""
    return Desired(
        labels=child.labels,
        annotations=child.annotations,
        finalizers=child.finalizers,
        owners=child.owners,
        spec=to_object(child.spec().normalized()),
    )


def differs(to_be: Desired, there: Desired) -> bool:
    """Whether anything is to be written."""
    return (
        to_be.labels != there.labels
        or to_be.annotations != there.annotations
        or sorted(to_be.finalizers) != sorted(there.finalizers)
        or {owner.uid: owner for owner in to_be.owners} != {owner.uid: owner for owner in there.owners}
        or to_be.spec != there.spec
    )


def _finalizers(wanted: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    hooks = [finalizer for finalizer in there if kept.is_of_hooks(finalizer)]
    return tuple(dict.fromkeys((*wanted, *hooks)))


def _owners(owner: OwnerReference, there: Sequence[OwnerReference]) -> tuple[OwnerReference, ...]:
    """Ours in place of the controlling one; who owns it beside us stays."""
    others = [it for it in there if not it.controller and it.uid != owner.uid]
    return (owner, *others)
