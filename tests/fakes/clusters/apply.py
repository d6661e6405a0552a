"""Writes to an object and who owns its fields since: server-side apply, and everything else.

Invariant: pure; the object that was there is never changed in place, and a write that changes nothing answers
the very object that was there.
"""

import datetime
from typing import Any

from fairlead.diff.list_keys import WELL_KNOWN
from fairlead.manifest.identity import GroupVersionKind
from tests.fakes.clusters.fields import (
    HERE,
    Steps,
    is_atomic,
    paths_in,
    paths_of,
    remove,
    step_of,
    tree_of,
    value_at,
)

Object = dict[str, Any]
Entry = dict[str, Any]


class OwnedByOthersError(Exception):
    """An apply without force would change what others own: manager and field of each."""

    def __init__(self, conflicts: list[tuple[str, str]]) -> None:
        super().__init__(f"Apply failed with {len(conflicts)} conflict" + "s" * (len(conflicts) != 1))
        self.conflicts = conflicts


def now() -> str:
    """As metadata says times."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def applied(
    live: Object | None, given: Object, gvk: GroupVersionKind, manager: str, *, force: bool
) -> Object:
    """The object after a server-side apply. Raises OwnedByOthersError."""
    wanted = paths_of(given, gvk)
    before = live or {"apiVersion": gvk.api_version, "kind": gvk.kind, "metadata": {}}
    entries = _entries(before)
    own = next((entry for entry in entries if _is_apply(entry, manager)), None)
    had = set(paths_in(own["fieldsV1"])) if own is not None else set()
    merged = _merged(before, given, gvk, ())
    taken: list[tuple[str, str]] = []
    others: dict[int, set[Steps]] = {}
    for entry in entries:
        if entry is own or entry.get("subresource"):
            continue
        theirs = set(paths_in(entry["fieldsV1"]))
        moved = {path for path in wanted & theirs if value_at(before, path) != value_at(merged, path)}
        taken += [(entry["manager"], _text(path)) for path in sorted(moved) if path[-1] != HERE]
        others[id(entry)] = theirs - moved
    if taken and not force:
        raise OwnedByOthersError(taken)
    kept = set().union(*others.values()) if others else set()
    for path in sorted(had - wanted - kept, key=lambda path: path[-1] != HERE):
        if path[-1] == HERE and any(other[: len(path) - 1] == path[:-1] for other in wanted | kept):
            continue
        merged = remove(merged, path)
    left = []
    for entry in entries:
        if entry is own:
            continue
        fields = others.get(id(entry))
        if fields is None:
            left.append(entry)
        elif fields:
            left.append({**entry, "fieldsV1": tree_of(fields)})
    entry = _entry(manager, "Apply", gvk, tree_of(wanted))
    if own is not None and own["fieldsV1"] == entry["fieldsV1"]:
        entry["time"] = own["time"]
    return _with_entries(merged, [*left, entry], before)


def updated(
    live: Object | None, new: Object, gvk: GroupVersionKind, manager: str, *, subresource: str = ""
) -> Object:
    """The object after a write that says how it is to be as a whole."""
    before = live or {}
    entries = _entries(new)
    paths = paths_of(new, gvk)
    changed = {path for path in paths if value_at(before, path) != value_at(new, path)}
    if not subresource:
        changed = {path for path in changed if path[0] != "f:status"}
    gone = paths_of(before, gvk) - paths if before else set()
    if not changed and not gone and entries == _entries(before):
        return _with_entries(new, entries, before) if before else new
    found, is_known = [], False
    for entry in entries:
        fields = set(paths_in(entry["fieldsV1"])) - gone
        is_ours = (entry["manager"], entry["operation"], entry.get("subresource", "")) == (
            manager,
            "Update",
            subresource,
        )
        is_known = is_known or is_ours
        fields = fields | changed if is_ours else fields - changed
        if fields:
            found.append({**entry, "fieldsV1": tree_of(fields)})
    if changed and not is_known:
        made = _entry(manager, "Update", gvk, tree_of(changed))
        found.append({**made, "subresource": subresource} if subresource else made)
    return _with_entries(new, found, before)


def merge_patched(value: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for name, below in patch.items():
        if below is None:
            result.pop(name, None)
        else:
            result[name] = merge_patched(result.get(name), below)
    return result


def _merged(live: Any, given: Any, gvk: GroupVersionKind, names: Steps) -> Any:
    if isinstance(given, dict) and isinstance(live, dict) and not is_atomic(names):
        result = dict(live)
        for name, value in given.items():
            result[name] = _merged(live.get(name), value, gvk, (*names, name))
        return result
    keys = WELL_KNOWN.keys_at(gvk, names) if isinstance(given, list) and isinstance(live, list) else None
    if keys is None:
        return given
    by_step = {step_of(item, keys): item for item in live}
    for item in given:
        step = step_of(item, keys)
        by_step[step] = _merged(by_step[step], item, gvk, names) if step in by_step else item
    return list(by_step.values())


def _entries(value: Object) -> list[Entry]:
    return list(value.get("metadata", {}).get("managedFields") or ())


def _is_apply(entry: Entry, manager: str) -> bool:
    return (entry["manager"], entry["operation"]) == (manager, "Apply") and not entry.get("subresource")


def _entry(manager: str, operation: str, gvk: GroupVersionKind, fields: dict[str, Any]) -> Entry:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": gvk.api_version,
        "time": now(),
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }


def _with_entries(value: Object, entries: list[Entry], before: Object) -> Object:
    metadata = {**value.get("metadata", {}), "managedFields": entries}
    if not entries:
        del metadata["managedFields"]
    result = {**value, "metadata": metadata}
    return before if result == before else result


def _text(path: Steps) -> str:
    parts = []
    for step in path:
        if step.startswith("f:"):
            parts.append(f".{step[2:]}")
        elif step != HERE:
            parts.append(f"[{step[2:]}]")
    return "".join(parts)
