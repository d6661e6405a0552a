"""Whose an object is: the mark Argo CD puts on what it manages, made and read.

Invariant: a mark counts only when it names the very object that carries it, so a copy made by somebody else
(``kubectl get -o yaml | sed | kubectl apply``) is never ours to compare or delete.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from fairlead.manifest.fields import labels_of, mapping_at, text_at
from fairlead.manifest.identity import GroupKind, ResourceKey, key_of

TRACKING_ID = "argocd.argoproj.io/tracking-id"
INSTALLATION_ID = "argocd.argoproj.io/installation-id"
INSTANCE_LABEL = "app.kubernetes.io/instance"
MAX_LABEL_LENGTH = 63
"""Kubernetes' limit for a label value, in characters."""

CUSTOM_RESOURCE_DEFINITION = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")


class Method(StrEnum):
    """``application.resourceTrackingMethod``."""

    ANNOTATION = "annotation"
    LABEL = "label"
    BOTH = "annotation+label"


class Tracking(NamedTuple):
    """How one control plane marks its objects; the fields are the last arguments of the functions below."""

    method: Method = Method.ANNOTATION
    label_key: str = INSTANCE_LABEL
    installation_id: str = ""


DEFAULT_TRACKING = Tracking()


class TrackingId(NamedTuple):
    """The parts of a ``tracking-id`` annotation."""

    instance: str
    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """``<instance>:<group>/<kind>:<namespace>/<name>``."""
        return f"{self.instance}:{self.group}/{self.kind}:{self.namespace}/{self.name}"


def make_tracking_id(instance: str, key: ResourceKey, destination_namespace: str) -> str:
    """The mark of an object. A cluster-scoped object is marked with the destination namespace."""
    return str(TrackingId(instance, key.group, key.kind, key.namespace or destination_namespace, key.name))


def parse_tracking_id(text: str) -> TrackingId | None:
    """The parts of a mark, or None when it is not one. Names may contain colons (``system:viewer``)."""
    parts = text.split(":", 2)
    if len(parts) != 3 or not parts[0]:
        return None
    group, slash, kind = parts[1].rpartition("/")
    namespace, second_slash, name = parts[2].partition("/")
    if not (slash and second_slash and kind and name) or "/" in group:
        return None
    return TrackingId(parts[0], group, kind, namespace, name)


def is_self_referenced(mark: TrackingId, key: ResourceKey) -> bool:
    """Whether a mark names the object that carries it. Cluster-scoped objects match on any namespace."""
    return (mark.group, mark.kind, mark.name) == (key.group, key.kind, key.name) and (
        not key.namespace or mark.namespace == key.namespace
    )


def owner_of(
    metadata: Mapping[str, Any],
    method: Method = Method.ANNOTATION,
    label_key: str = INSTANCE_LABEL,
    installation_id: str = "",
) -> str | None:
    """The application instance named by an object's ``metadata``, or None when it carries no mark of ours.

    A copied mark is still returned here; :func:`self_referenced` tells it apart.
    """
    if installation_id and text_at(metadata, "annotations", INSTALLATION_ID) != installation_id:
        return None
    if method is Method.LABEL:
        return text_at(metadata, "labels", label_key) or None
    mark = parse_tracking_id(text_at(metadata, "annotations", TRACKING_ID))
    return mark.instance if mark else None


def self_referenced(live: Mapping[str, Any], method: Method = Method.ANNOTATION) -> bool:
    """Whether a live object's mark names the object itself. Labels cannot tell, so with them it is assumed.

    An object without mark is not a copy of anything: true.
    """
    if method is Method.LABEL:
        return True
    text = text_at(live, "metadata", "annotations", TRACKING_ID)
    if not text:
        return True
    mark = parse_tracking_id(text)
    return mark is not None and is_self_referenced(mark, key_of(live))


def is_managed_by(instance: str, live: Mapping[str, Any], tracking: Tracking = DEFAULT_TRACKING) -> bool:
    """Whether a live object carries this application's mark, in its own name, and is nobody's child."""
    metadata = mapping_at(live, "metadata")
    return (
        owner_of(metadata, *tracking) == instance
        and not metadata.get("ownerReferences")
        and self_referenced(live, tracking.method)
    )


def stamp(  # noqa: PLR0917 - one interface with owner_of, so that ``*tracking`` fits both
    obj: Mapping[str, Any],
    app_instance: str,
    destination_namespace: str,
    method: Method = Method.ANNOTATION,
    label_key: str = INSTANCE_LABEL,
    installation_id: str = "",
) -> dict[str, Any]:
    """A copy of the object that carries the application's mark; the argument is left alone.

    Custom resource definitions are never marked: several applications may bring the same one.
    """
    key = key_of(obj)
    if key.group_kind == CUSTOM_RESOURCE_DEFINITION:
        return dict(obj)
    metadata = dict(obj["metadata"])
    annotations = dict(metadata.get("annotations") or {})
    if method is not Method.LABEL:
        annotations[TRACKING_ID] = make_tracking_id(app_instance, key, destination_namespace)
    if installation_id:
        annotations[INSTALLATION_ID] = installation_id
    if annotations:
        metadata["annotations"] = annotations
    if method is not Method.ANNOTATION:
        value = app_instance if method is Method.LABEL else shortened_label(app_instance)
        metadata["labels"] = {**labels_of(obj), label_key: value}
    return {**obj, "metadata": metadata}


def shortened_label(value: str) -> str:
    """A value cut to what a label holds, ending in a letter or digit."""
    value = value[:MAX_LABEL_LENGTH]
    while value and not value[-1].isalnum():
        value = value[:-1]
    return value
