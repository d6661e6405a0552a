"""Hands fields that another manager once wrote over to ours, before an object's first server-side apply.

Without it, what `kubectl apply` or Argo CD's client-side apply wrote stays owned by them, and stays in the
cluster when Git drops it. Invariant: only ownership moves; no field's value changes.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from fairlead.kube.errors import ConflictError, InvalidError
from fairlead.kube.resource import Resource
from fairlead.kube.write import json_patch
from fairlead.kube.writer import FIELD_MANAGER, ClusterWriter

CLIENT_SIDE_MANAGERS: Final = frozenset({"kubectl-client-side-apply", FIELD_MANAGER})
"""Who wrote with client-side apply before us: kubectl, and Argo CD itself (operation Update)."""


async def adopt(
    writer: ClusterWriter,
    resource: Resource,
    live: Mapping[str, Any],
    *,
    managers: Collection[str] = CLIENT_SIDE_MANAGERS,
) -> bytes | None:
    """Moves what `managers` own by Update to our apply; the object as it is then, None if there was nothing.

    `live` is the whole decoded object. Raises ConflictError when it has changed since.
    """
    metadata = live["metadata"]
    fields = moved(metadata.get("managedFields") or (), managers, writer.field_manager)
    if fields is None:
        return None
    operations: list[dict[str, object]] = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]},
        {"op": "replace", "path": "/metadata/managedFields", "value": fields},
    ]
    try:
        return await json_patch(
            writer, resource, metadata["name"], msgspec.json.encode(operations), metadata.get("namespace")
        )
    except InvalidError as error:
        raise ConflictError(f"{metadata['name']} has changed since it was read: {error.message}") from error


def moved(
    entries: Sequence[Mapping[str, Any]], managers: Collection[str], to: str
) -> list[dict[str, Any]] | None:
    """`managedFields` with the Update entries of `managers` merged into the Apply entry of `to`, or None."""
    taken = [entry for entry in entries if _is_movable(entry, managers)]
    if not taken:
        return None
    kept = [dict(entry) for entry in entries if not _is_movable(entry, managers)]
    own = next((entry for entry in kept if _is_apply_of(entry, to)), None)
    if own is None:
        own = {**taken[0], "manager": to, "operation": "Apply"}
        kept.append(own)
    for entry in taken:
        own["fieldsV1"] = union(own.get("fieldsV1") or {}, entry.get("fieldsV1") or {})
    return kept


def union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of either set; a set is a tree of `f:`, `k:` and `v:` names whose leaves are empty."""
    both: dict[str, Any] = {**one}
    for name, below in other.items():
        both[name] = union(both[name], below) if name in both else below
    return both


def _is_movable(entry: Mapping[str, Any], managers: Collection[str]) -> bool:
    return (
        entry.get("operation") == "Update"
        and entry.get("manager") in managers
        and not entry.get("subresource")
    )


def _is_apply_of(entry: Mapping[str, Any], manager: str) -> bool:
    return (
        entry.get("operation") == "Apply" and entry.get("manager") == manager and not entry.get("subresource")
    )
