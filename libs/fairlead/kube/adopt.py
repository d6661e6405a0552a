"""Makes an object's fields ours to give up, before the apply that gives them up.

Before our first apply what `kubectl apply` or Argo CD's client-side apply wrote becomes ours. Before any
apply, what our last desired state had and the new one lacks is taken from whoever else owns it, or it would
stay in the cluster when Git drops it. Invariant: only ownership moves; no field's value changes.
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

KUBECTL: Final = "kubectl-client-side-apply"
CLIENT_SIDE_MANAGERS: Final = frozenset({KUBECTL, FIELD_MANAGER})
"""Who wrote with client-side apply before us: kubectl, and Argo CD itself (operation Update)."""
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
    own = moved(entries, managers, to)
    alone = without_co_owners(entries if own is None else own, dropped, to) if dropped else None
    return own if alone is None else alone


def moved(
    entries: Sequence[Mapping[str, Any]], managers: Collection[str], to: str
) -> list[dict[str, Any]] | None:
    """`managedFields` with the Update entries of `managers` as the first Apply entry of `to`.

    None when there are none, or when `to` has applied before: what they write since then is their own.
    """
    taken = [entry for entry in entries if _is_movable(entry, managers)]
    if not taken or any(is_apply_of(entry, to) for entry in entries):
        return None
    own = {**taken[0], "manager": to, "operation": "Apply"}
    for entry in taken:
        own["fieldsV1"] = merged(own.get("fieldsV1") or {}, entry.get("fieldsV1") or {})
    return [*(dict(entry) for entry in entries if not _is_movable(entry, managers)), own]


def _is_movable(entry: Mapping[str, Any], managers: Collection[str]) -> bool:
    return (
        entry.get("operation") == "Update"
        and entry.get("manager") in managers
        and not entry.get("subresource")
    )
