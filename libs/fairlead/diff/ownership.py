"""What of a live object is ours, by the API server's own account, and whether that part moved.

Somebody else's write to a field of ours takes the field from us (or makes it shared, when the value is the
same), so a hash over our fields and their values stands still exactly as long as nothing of ours was changed,
whatever defaults, webhooks and other managers add beside it.

Invariant: only entries of the main resource count; those of ``status`` and ``scale`` are other doors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.diff.fieldset import MISSING, Fields, child, children, merged
from fairlead.manifest.digest import canonical
from fairlead.manifest.fields import Manifest, mapping_at, maps_at

APPLY = "Apply"
HASH_BYTES = 16
_HEAD = frozenset({"apiVersion", "kind", "metadata"})
_IDENTITY = frozenset({"name", "namespace"})
_NONE: Fields = {}


def applied_fields(live: Manifest, manager: str) -> Fields | None:
    """What the manager owns through server-side apply, or None when it never applied."""
    return _fields_of(live, manager, applied=True)


def owned_fields(live: Manifest, manager: str) -> Fields | None:
    """What the manager owns: by server-side apply, else by any other write, else None."""
    return _fields_of(live, manager, applied=True) or _fields_of(live, manager, applied=False)


def owned_paths(live: Manifest, manager: str) -> set[tuple[str, ...]]:
    """Every leaf the manager owns, as a tuple of FieldsV1 steps."""
    return set(_leaves(owned_fields(live, manager) or {}, ()))


def projection_hash(live: Manifest, manager: str) -> bytes | None:
    """A hash over the manager's fields and their live values; None when it owns nothing here."""
    fields = owned_fields(live, manager)
    if fields is None:
        return None
    if "f:stringData" in fields:
        live = {**live, "stringData": live.get("data")}
    return content_hash(project(live, fields))


def covers(fields: Fields, desired: Manifest) -> bool:
    """Whether a field set has all that is desired: what it lacks could be changed without a trace in it.

    Identity aside. A null, and what the server neither stores nor owns (`paused: false`), is not covered.
    """
    metadata = {
        name: value for name, value in mapping_at(desired, "metadata").items() if name not in _IDENTITY
    }
    rest = {name: value for name, value in desired.items() if name not in _HEAD}
    return _covers_map(fields.get("f:metadata", _NONE), metadata) and _covers_map(fields, rest)


def _covers(below: Fields, value: Any) -> bool:
    if value is None:
        return False
    if not below:
        return True
    if isinstance(value, Mapping):
        return _covers_map(below, value)
    if isinstance(value, list):
        return all(_covers_item(below, item) for item in value)
    return False


def _covers_map(fields: Fields, value: Mapping[str, Any]) -> bool:
    return all(
        (below := fields.get(f"f:{name}")) is not None and _covers(below, item)
        for name, item in value.items()
    )


def _covers_item(fields: Fields, item: Any) -> bool:
    return any(
        step != "." and child([item], step) is not MISSING and _covers(below, item)
        for step, below in fields.items()
    )


def content_hash(value: Any) -> bytes:
    """A hash over a value."""
    return hashlib.blake2b(canonical(value), digest_size=HASH_BYTES).digest()


def project(value: Any, fields: Fields) -> Any:
    """The part of a value that a field set names: ``[value]`` at a leaf, ``[]`` where it is gone."""
    if value is MISSING:
        return []
    if not fields:
        return [value]
    return {step: _projected(value, step, below) for step, below in fields.items()}


def _projected(value: Any, step: str, below: Fields) -> Any:
    if step == ".":
        return value is not MISSING
    if step.startswith("k:"):
        items = children(value, step)
        if len(items) > 1:
            return items
    return project(child(value, step), below)


def is_apply_of(entry: Mapping[str, Any], manager: str) -> bool:
    """Whether an entry of ``managedFields`` is what the manager applied."""
    return (entry.get("operation"), entry.get("manager"), entry.get("subresource") or "") == (
        APPLY,
        manager,
        "",
    )


def without_owned(value: Any, fields: Fields) -> Any:
    """A copy of a value without the fields a set names."""
    if isinstance(value, Mapping):
        return _map_without(value, fields)
    if isinstance(value, list | tuple):
        return _list_without(value, fields)
    return value


def _fields_of(live: Manifest, manager: str, *, applied: bool) -> Fields | None:
    found: Fields | None = None
    for entry in maps_at(live, "metadata", "managedFields"):
        if entry.get("manager") != manager or entry.get("subresource"):
            continue
        fields = entry.get("fieldsV1")
        if (entry.get("operation") == APPLY) is applied and isinstance(fields, Mapping):
            found = fields if found is None else merged(found, fields)
    return found


def _leaves(fields: Fields, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for step, below in fields.items():
        if below:
            yield from _leaves(below, (*path, step))
        else:
            yield path if step == "." else (*path, step)


def _map_without(value: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    result = dict(value)
    for step, below in fields.items():
        name = step[2:]
        if not step.startswith("f:") or name not in result:
            continue
        if below:
            result[name] = without_owned(result[name], below)
        else:
            del result[name]
    return result


def _list_without(value: list[Any] | tuple[Any, ...], fields: Fields) -> list[Any]:
    result = []
    for item in value:
        steps = [step for step in fields if step != "." and child([item], step) is not MISSING]
        named = [step for step in steps if not step.startswith("i:")]
        if not named:
            result.append(item)
        elif all(fields[step] for step in named) and not any("." in fields[step] for step in named):
            for step in named:
                item = without_owned(item, fields[step])  # noqa: PLW2901 - peeled field set by field set
            result.append(item)
    return result
