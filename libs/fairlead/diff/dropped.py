"""What our last desired state had and the new one lacks: it has to leave the cluster, whoever else owns it.

A server-side apply takes out what its manager alone owned. What another client wrote first (``kubectl
create``, Helm, Terraform), or wrote again with the same value, has two owners and would stay for ever, and
the apply would leave no trace of it ever having been ours. So the last desired state is read before the
apply, from where it survives restarts: our own ``Apply`` entry of ``managedFields``, or, before we ever
applied, the annotation in which ``kubectl apply`` and Argo CD's client-side apply keep theirs.

Invariant: only what was named by us counts. A list item that we put is dropped whole; of a map only the
fields that we named, and the map itself when nothing of anybody's is left in it. What is owned through a
subresource (``scale``: an autoscaler's replicas) is never taken from its owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from fairlead.diff.fieldset import KEY_DEFAULTS, MISSING, Fields, child
from fairlead.diff.list_keys import WELL_KNOWN, ListKeys, Path
from fairlead.diff.normalize import LAST_APPLIED
from fairlead.diff.ownership import applied_fields, is_apply_of
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.fields import Manifest, annotation_of, maps_at
from fairlead.manifest.identity import GroupVersionKind, gvk_of
from fairlead.manifest.secret import SECRET, with_encoded_data
from fairlead.manifest.stated import SERVER_METADATA

ITSELF: Final = "."
_IDENTITY: Final = frozenset(
    {("apiVersion",), ("kind",), *(("metadata", name) for name in ("name", "namespace", *SERVER_METADATA))}
    | {("metadata", "annotations", LAST_APPLIED)}
)


def dropped_fields(
    live: Manifest,
    desired: Manifest,
    manager: str,
    *,
    there: Manifest | None = None,
    keys: ListKeys = WELL_KNOWN,
) -> Fields:
    """The fields of the last desired state that are live and that the desired object no longer has.

    ``there`` is the live object as it is compared, when that is not the whole of it.
    """
    values = live if there is None else there
    fields = applied_fields(live, manager)
    if fields is not None:
        return _of_fields(fields, desired, values)
    last = last_applied(live)
    return _Values(gvk_of(desired), keys).maps(last, desired, values, ()) if last else {}


def dropped_paths(dropped: Fields) -> Iterator[tuple[str, ...]]:
    """Every dropped field, as a tuple of FieldsV1 steps."""
    yield from _leaves(dropped, ())


def without_co_owners(
    entries: Iterable[Mapping[str, Any]], dropped: Fields, manager: str
) -> list[dict[str, Any]] | None:
    """``managedFields`` in which only ``manager`` owns what was dropped; None when that is so already."""
    before = [dict(entry) for entry in entries]
    dropped = _without_subresources(before, dropped)
    after = []
    for entry in before:
        fields = entry.get("fieldsV1")
        if entry.get("subresource") or is_apply_of(entry, manager) or not isinstance(fields, Mapping):
            after.append(entry)
        elif left := _taken(fields, dropped):
            after.append({**entry, "fieldsV1": left})
    return after if after != before else None


def left_behind(
    predicted: Manifest, live: Manifest, desired: Manifest, manager: str, keys: ListKeys = WELL_KNOWN
) -> Fields:
    """What an apply alone would leave there of what was dropped, since somebody else owns it too.

    ``predicted`` is the server's answer to a dry run, whose own account of our fields is exact.
    """
    before, after = applied_fields(live, manager), applied_fields(predicted, manager)
    if before is None:
        dropped = dropped_fields(live, desired, manager, keys=keys)
    else:
        dropped = _difference(before, after or {})
    entries = maps_at(predicted, "metadata", "managedFields")
    dropped = _without_subresources(entries, dropped)
    found: Fields = {}
    for entry in entries:
        fields = entry.get("fieldsV1")
        if not entry.get("subresource") and not is_apply_of(entry, manager) and isinstance(fields, Mapping):
            found = _joined(found, _shared(fields, dropped))
    return found


def last_applied(live: Manifest) -> Manifest:
    """The object in the last-applied annotation; empty when there is none that can be read."""
    text = annotation_of(live, LAST_APPLIED)
    if not text:
        return {}
    try:
        found = msgspec.json.decode(text)
        is_secret = isinstance(found, dict) and gvk_of(found).group_kind == SECRET
    except (msgspec.DecodeError, RecursionError, IdentityError):
        return {}
    if not isinstance(found, dict):
        return {}
    return with_encoded_data(found) if is_secret else found


def _is_item(step: str) -> bool:
    return step[:2] in ("k:", "v:", "i:")


def _is_absent(value: Any) -> bool:
    return value is MISSING or value is None


def _of_fields(fields: Fields, desired: Any, live: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for step, below in fields.items():
        found, wanted = child(live, step), child(desired, step)
        if step == ITSELF or _is_absent(found):
            continue
        is_gone = _is_absent(wanted)
        if not below or (is_gone and _is_item(step)):
            if is_gone:
                result[step] = {}
            continue
        under = _of_fields(below, wanted, found)
        if under:
            result[step] = {**under, ITSELF: {}} if is_gone else under
        elif is_gone and _is_hollow(found):
            result[step] = {}
    return result


def _is_hollow(value: Any) -> bool:
    """A map of which nothing but nulls is left."""
    return isinstance(value, Mapping) and all(item is None for item in value.values())


class _Values:
    """The same, from the values that were desired instead of from a field set."""

    def __init__(self, gvk: GroupVersionKind, keys: ListKeys) -> None:
        self._gvk = gvk
        self._keys = keys

    def maps(self, last: Manifest, desired: Any, live: Any, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, was in last.items():
            below, step = (*path, name), f"f:{name}"
            found, wanted = child(live, step), child(desired, step)
            if below in _IDENTITY or was is None or _is_absent(found):
                continue
            under = self._below(was, wanted, found, below)
            if under is None:
                if _is_absent(wanted):
                    result[step] = {}
            elif under:
                result[step] = {**under, ITSELF: {}} if _is_absent(wanted) else under
        return result

    def _below(self, was: Any, wanted: Any, found: Any, path: Path) -> dict[str, Any] | None:
        """What is dropped inside a value; None for a value that is one whole."""
        if isinstance(was, Mapping) and was:
            return self.maps(was, wanted, found, path)
        keys = self._keys.keys_at(self._gvk, path) if isinstance(was, list) and was else None
        if keys is None:
            return None
        result: dict[str, Any] = {}
        for item in was:
            step = _step_of(item, keys)
            there, still = child(found, step), child(wanted, step)
            if there is MISSING:
                continue
            if still is MISSING:
                result[step] = {}
            elif keys and (under := self.maps(item, still, there, path)):
                result[step] = under
        return result


def _step_of(item: Any, keys: tuple[str, ...]) -> str:
    if not keys:
        return "v:" + msgspec.json.encode(item).decode()
    named = item if isinstance(item, Mapping) else {}
    found = {key: named.get(key, KEY_DEFAULTS.get(key)) for key in sorted(keys)}
    return "k:" + msgspec.json.encode(found).decode()


def _difference(before: Fields, after: Fields) -> dict[str, Any]:
    """What one field set has and the other lacks, list items whole."""
    result: dict[str, Any] = {}
    for step, below in before.items():
        if step == ITSELF:
            continue
        if step not in after:
            result[step] = {} if not below or _is_item(step) else {**below, ITSELF: {}}
        elif below and (under := _difference(below, after[step])):
            result[step] = under
    return result


def _owns_itself(fields: Fields) -> bool:
    return not fields or ITSELF in fields


def _taken(fields: Fields, dropped: Fields) -> Fields:
    """A field set without what was dropped; the argument itself when it has nothing of it."""
    result: dict[str, Any] = {}
    for step, below in fields.items():
        gone = dropped.get(step) if step != ITSELF else None
        left = below if gone is None else _rest(step, below, gone)
        if left is not None:
            result[step] = left
    return fields if result == fields else result


def _rest(step: str, below: Fields, gone: Fields) -> Fields | None:
    """What somebody keeps of one field of which something was dropped; None for nothing."""
    if not gone:
        left = {} if _is_item(step) else {name: it for name, it in below.items() if name != ITSELF}
        return left or None
    if not below:
        return None if ITSELF in gone else below
    left = dict(_taken(below, gone))
    is_bare = ITSELF in gone and set(left) == {ITSELF}
    return None if is_bare or not left else left


def _shared(fields: Fields, dropped: Fields) -> dict[str, Any]:
    """The part of what was dropped that a field set has too."""
    result: dict[str, Any] = {}
    for step, gone in dropped.items():
        if step not in fields or step == ITSELF:
            continue
        if not gone:
            if _is_item(step) or _owns_itself(fields[step]):
                result[step] = {}
        elif under := _shared(fields[step], gone):
            result[step] = under
    return result


def _without_subresources(entries: Iterable[Mapping[str, Any]], dropped: Fields) -> Fields:
    for entry in entries:
        fields = entry.get("fieldsV1")
        if dropped and entry.get("subresource") and isinstance(fields, Mapping):
            dropped = _not_in(dropped, fields)
    return dropped


def _not_in(dropped: Fields, fields: Fields) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for step, gone in dropped.items():
        if step not in fields or step == ITSELF:
            result[step] = gone
        elif gone and (under := _not_in(gone, fields[step])) and set(under) != {ITSELF}:
            result[step] = under
    return result


def _joined(one: Fields, other: Fields) -> Fields:
    """Both, where an empty set stands for the whole of something and so holds any part of it."""
    result = dict(one)
    for step, below in other.items():
        result[step] = _joined(result[step], below) if result.get(step) and below else {}
        if step not in one:
            result[step] = below
    return result


def _leaves(dropped: Fields, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for step, below in dropped.items():
        if step == ITSELF:
            continue
        if below:
            yield from _leaves(below, (*path, step))
        else:
            yield (*path, step)
