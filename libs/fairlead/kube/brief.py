"""What is kept of an object that no application manages: as much of its text as is shown of it.

A pod keeps its containers' names, images, requests and states, a workload its numbers and conditions, a
definition the kind and versions it defines; other kinds keep all but managedFields. Who the object is, the
live object says itself, so that is left out and put back when it is opened.

Invariant: what reads a brief finds every field that it would show of the whole object.
"""

from typing import Any, Final

import msgspec

from fairlead.manifest.identity import GroupKind

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_SAID_BY_ITSELF: Final = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "ownerReferences",
    "managedFields",
    "generateName",
    "selfLink",
)
_TEMPLATED: Final = frozenset(
    GroupKind("apps", kind) for kind in ("ReplicaSet", "Deployment", "StatefulSet", "DaemonSet")
) | {GroupKind("", "ReplicationController"), GroupKind("batch", "Job"), GroupKind("batch", "CronJob")}
"""Kinds of whose specification only what stands beside the pods' template is shown."""
_UNSEEN: Final = frozenset({"template", "jobTemplate", "volumeClaimTemplates"})

_Raw = msgspec.Raw | msgspec.UnsetType


class _Container(msgspec.Struct, rename="camel", gc=False):
    name: _Raw = msgspec.UNSET
    image: _Raw = msgspec.UNSET
    resources: _Raw = msgspec.UNSET
    restart_policy: _Raw = msgspec.UNSET


class _PodSpec(msgspec.Struct, rename="camel", gc=False):
    node_name: _Raw = msgspec.UNSET
    restart_policy: _Raw = msgspec.UNSET
    containers: list[_Container] | msgspec.UnsetType = msgspec.UNSET
    init_containers: list[_Container] | msgspec.UnsetType = msgspec.UNSET


class _Condition(msgspec.Struct, gc=False):
    type: _Raw = msgspec.UNSET
    status: _Raw = msgspec.UNSET
    reason: _Raw = msgspec.UNSET
    message: _Raw = msgspec.UNSET


class _ContainerStatus(msgspec.Struct, rename="camel", gc=False):
    name: _Raw = msgspec.UNSET
    image: _Raw = msgspec.UNSET
    ready: _Raw = msgspec.UNSET
    started: _Raw = msgspec.UNSET
    restart_count: _Raw = msgspec.UNSET
    state: _Raw = msgspec.UNSET
    last_state: _Raw = msgspec.UNSET


class _PodStatus(msgspec.Struct, rename="camel", gc=False):
    phase: _Raw = msgspec.UNSET
    reason: _Raw = msgspec.UNSET
    message: _Raw = msgspec.UNSET
    conditions: list[_Condition] | msgspec.UnsetType = msgspec.UNSET
    container_statuses: list[_ContainerStatus] | msgspec.UnsetType = msgspec.UNSET
    init_container_statuses: list[_ContainerStatus] | msgspec.UnsetType = msgspec.UNSET


class _Names(msgspec.Struct, gc=False):
    kind: _Raw = msgspec.UNSET


class _Version(msgspec.Struct, gc=False):
    name: _Raw = msgspec.UNSET
    served: _Raw = msgspec.UNSET


class _DefinitionSpec(msgspec.Struct, gc=False):
    group: _Raw = msgspec.UNSET
    names: _Names | msgspec.UnsetType = msgspec.UNSET
    versions: list[_Version] | msgspec.UnsetType = msgspec.UNSET


class _Conditions(msgspec.Struct, gc=False):
    conditions: _Raw = msgspec.UNSET


class _Pod(msgspec.Struct, gc=False):
    metadata: dict[str, msgspec.Raw]
    spec: _PodSpec | msgspec.UnsetType = msgspec.UNSET
    status: _PodStatus | msgspec.UnsetType = msgspec.UNSET


class _Definition(msgspec.Struct, gc=False):
    metadata: dict[str, msgspec.Raw]
    spec: _DefinitionSpec | msgspec.UnsetType = msgspec.UNSET
    status: _Conditions | msgspec.UnsetType = msgspec.UNSET


_SHAPES: Final[dict[GroupKind, "msgspec.json.Decoder[_Pod] | msgspec.json.Decoder[_Definition]"]] = {
    GroupKind("", "Pod"): msgspec.json.Decoder(_Pod),
    GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"): msgspec.json.Decoder(_Definition),
}
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode: Final = msgspec.json.Encoder().encode


def brief_text(kind: GroupKind, raw: bytes) -> bytes:
    """What is kept of an object's JSON; nothing where it is no object at all."""
    try:
        shape = _SHAPES.get(kind)
        if shape is not None:
            try:
                found = shape.decode(raw)
            except msgspec.ValidationError:
                pass
            else:
                _less(found.metadata)
                return _encode(found)
        return _encode(_bare(kind, _FIELDS.decode(raw)))
    except (msgspec.DecodeError, RecursionError):
        return b""


def _bare(kind: GroupKind, fields: dict[str, Any]) -> dict[str, Any]:
    fields.pop("apiVersion", None)
    fields.pop("kind", None)
    if "metadata" in fields:
        metadata = fields["metadata"] = _FIELDS.decode(fields["metadata"])
        _less(metadata)
    if kind in _TEMPLATED and "spec" in fields:
        spec = _FIELDS.decode(fields["spec"])
        fields["spec"] = {name: value for name, value in spec.items() if name not in _UNSEEN}
    return fields


def _less(metadata: dict[str, Any]) -> None:
    for name in _SAID_BY_ITSELF:
        metadata.pop(name, None)
    annotations = metadata.get("annotations")
    if annotations is not None and LAST_APPLIED.encode() in bytes(annotations):
        metadata["annotations"] = kept = _FIELDS.decode(annotations)
        kept.pop(LAST_APPLIED, None)


def opened(api_version: str, kind: str, said: dict[str, Any], text: bytes) -> dict[str, Any]:
    """A brief as a manifest, with what the object says of itself; None there stands for not there."""
    fields: dict[str, Any] = msgspec.json.decode(text)
    metadata = {name: value for name, value in said.items() if value is not None}
    return {
        "apiVersion": api_version,
        "kind": kind,
        **fields,
        "metadata": {**metadata, **(fields.get("metadata") or {})},
    }
