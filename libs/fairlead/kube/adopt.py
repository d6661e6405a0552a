"""Makes an object's fields ours to give up, before the apply that gives them up.

Before our first apply what `kubectl apply`, Argo CD's client-side apply or the objects' Helm release wrote
becomes ours; what we wrote whole is ours at any time. Before any apply, what our last desired state had and
the new one lacks is taken from whoever else owns it, or it would stay in the cluster when Git drops it.
Invariant: only ownership moves; no field's value changes.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from fairlead.diff.dropped import dropped_fields, without_co_owners
from fairlead.diff.fieldset import merged
from fairlead.diff.list_keys import WELL_KNOWN, ListKeys
from fairlead.diff.ownership import is_apply_of
from fairlead.kube.errors import ConflictError, InvalidError
from fairlead.kube.resource import Resource
from fairlead.kube.write import json_patch
from fairlead.kube.writer import FIELD_MANAGER, ClusterWriter
from fairlead.manifest.fields import annotations_of, labels_of

KUBECTL: Final = "kubectl-client-side-apply"
CLIENT_SIDE_MANAGERS: Final = frozenset({KUBECTL, FIELD_MANAGER})
"""Who wrote with client-side apply before us: kubectl, and Argo CD itself (operation Update)."""
RELEASE_MANAGERS: Final = frozenset({"helm", "Helm", "helm-controller"})
"""Who writes the objects of a Helm release: its objects are Git's once an application has them."""
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
RELEASE_NAME: Final = "meta.helm.sh/release-name"
HELM_MARKS: Final[Mapping[str, Any]] = {
    "f:metadata": {
        "f:annotations": {f"f:{RELEASE_NAME}": {}, "f:meta.helm.sh/release-namespace": {}},
        "f:labels": {f"f:{MANAGED_BY}": {}},
    }
}
ATTEMPTS: Final = 5
"""Looks at an object that others keep changing."""


async def adopt(
    writer: ClusterWriter,
    resource: Resource,
    live: Mapping[str, Any],
    desired: Mapping[str, Any],
    *,
    managers: Collection[str] = CLIENT_SIDE_MANAGERS,
    keys: ListKeys = WELL_KNOWN,
) -> bytes | None:
    """Prepares `live` for an apply of `desired`; the object then, None if it was ready.

    One without `managedFields`, of which only a part is known, is read first.
    Raises ConflictError when it changed at every look.
    """
    if not live["metadata"].get("managedFields"):
        name, namespace = live["metadata"]["name"], live["metadata"].get("namespace")
        found = await writer.client.find(resource, name, namespace)
        if found is None:
            return None
        live = msgspec.json.decode(found)
    for _ in range(ATTEMPTS):
        metadata = live["metadata"]
        fields = claimed(live, desired, managers, writer.field_manager, keys)
        if fields is None:
            return None
        operations: list[dict[str, object]] = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]},
            {"op": "replace", "path": "/metadata/managedFields", "value": fields},
        ]
        name, namespace = metadata["name"], metadata.get("namespace")
        try:
            return await json_patch(writer, resource, name, msgspec.json.encode(operations), namespace)
        except (ConflictError, InvalidError):
            live = msgspec.json.decode(await writer.client.get(resource, name, namespace))
    raise ConflictError(f"{live['metadata']['name']} was changed by others each time it was to be applied")


def claimed(
    live: Mapping[str, Any],
    desired: Mapping[str, Any],
    managers: Collection[str],
    to: str,
    keys: ListKeys = WELL_KNOWN,
) -> list[dict[str, Any]] | None:
    """`managedFields` as they have to be before `desired` is applied; None when they are so."""
    entries = live["metadata"].get("managedFields") or ()
    dropped = dropped_fields(live, desired, to, keys=keys)
    releases = RELEASE_MANAGERS if managers and is_of_release(live) else frozenset()
    own = moved(entries, managers, to, releases=releases)
    alone = without_co_owners(entries if own is None else own, dropped, to) if dropped else None
    return own if alone is None else alone


def is_of_release(live: Mapping[str, Any]) -> bool:
    """Whether Helm counts an object to a release of its own."""
    marked = labels_of(live).get(MANAGED_BY) == "Helm"
    return marked and bool(annotations_of(live).get(RELEASE_NAME))


def moved(
    entries: Sequence[Mapping[str, Any]],
    managers: Collection[str],
    to: str,
    *,
    releases: Collection[str] = frozenset(),
) -> list[dict[str, Any]] | None:
    """`managedFields` with the Update entries of `managers` in the Apply entry of `to`.

    Of `releases` what they applied, too, but for Helm's own marks. Once `to` has applied, only its own Update
    entries are moved: what others write since then is theirs. None when there is nothing to move.
    """
    applied = next((entry for entry in entries if is_apply_of(entry, to)), None)
    taken, left = [], []
    for entry in entries:
        mine, rest = _taken(entry, managers, to, releases, is_first=applied is None)
        taken += [mine] if mine is not None else []
        left += [rest] if rest is not None and entry is not applied else []
    if not taken:
        return None
    own = {**(applied or taken[0]), "manager": to, "operation": "Apply"}
    for entry in taken:
        own["fieldsV1"] = merged(own.get("fieldsV1") or {}, entry.get("fieldsV1") or {})
    return [*left, own]


_Split = tuple[dict[str, Any] | None, dict[str, Any] | None]


def _taken(
    entry: Mapping[str, Any],
    managers: Collection[str],
    to: str,
    releases: Collection[str],
    *,
    is_first: bool,
) -> _Split:
    """What of an entry is moved, and what stays."""
    whole, name = dict(entry), entry.get("manager")
    if entry.get("subresource"):
        return None, whole
    if entry.get("operation") == "Update" and name in managers and (is_first or name == to):
        return whole, None
    if is_first and name in releases:
        marks, rest = _split(entry.get("fieldsV1") or {}, HELM_MARKS)
        return {**whole, "fieldsV1": rest}, {**whole, "fieldsV1": marks} if marks else None
    return None, whole


def _split(fields: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The part of a field set that `wanted` names, and the rest."""
    part, rest = {}, {}
    for step, below in fields.items():
        inner = wanted.get(step)
        if inner is None:
            rest[step] = below
        elif not inner:
            part[step] = below
        else:
            some, others = _split(below, inner)
            part.update({step: some} if some else {})
            rest.update({step: others} if others else {})
    return part, rest
