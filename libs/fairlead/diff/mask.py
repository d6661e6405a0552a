"""Hiding the values of Secrets while still showing which of them differ.

Invariant: no value of a Secret leaves this module, in ``data``, ``stringData``, a field that Secrets do
not have, or the last-applied annotation. When something cannot be read it is removed, not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fairlead.diff.normalize import LAST_APPLIED
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.fields import Manifest, annotations_of, mapping_at
from fairlead.manifest.identity import gvk_of
from fairlead.manifest.secret import SECRET, with_encoded_data

MASK = "++++++++"
LONGER = "++++"
_SHOWN = frozenset({"apiVersion", "kind", "metadata", "type", "data", "stringData", "status"})
"""Fields of a Secret that are shown, or hidden value by value; of others only a boolean is."""


def is_secret(obj: Manifest) -> bool:
    """Whether an object's values must be hidden."""
    try:
        return gvk_of(obj).group_kind == SECRET
    except IdentityError:
        return obj.get("kind") == "Secret"


def masked(*versions: Manifest | None, annotations: Iterable[str] = ()) -> tuple[dict[str, Any] | None, ...]:
    """Several versions of one object (target, live, predicted …) with equal values masked equally.

    The first distinct value of a key is ``++++++++``; each further one is four longer. ``annotations`` names
    annotations to hide as well. Objects that are no Secret come back with only those hidden.
    """
    hidden = _Masks()
    opened = [_open(version) if version is not None else None for version in versions]
    inner = [_last_applied(version) if version is not None else None for version in opened]
    for version in (*opened, *inner):
        if version is not None:
            _hide(version, hidden, frozenset(annotations))
    for version, last in zip(opened, inner, strict=True):
        if version is not None:
            _write_last_applied(version, last)
    return tuple(opened)


class _Masks:
    """The mask of each value seen, per place."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[str, str]] = {}

    def of_all(self, values: object) -> object:
        if not isinstance(values, Mapping):
            return MASK
        return {name: self.of("data", name, value) for name, value in values.items()}

    def of(self, place: str, name: str, value: object) -> str:
        seen = self._seen.setdefault((place, name), {})
        return seen.setdefault(str(value), MASK + LONGER * len(seen))


def _open(obj: Manifest) -> dict[str, Any]:
    """A copy deep enough to write masks into, with ``stringData`` folded into ``data``."""
    copy = with_encoded_data(obj) if is_secret(obj) else dict(obj)
    if isinstance(obj.get("metadata"), Mapping):
        copy["metadata"] = dict(obj["metadata"])
    return copy


def _hide(obj: dict[str, Any], masks: _Masks, names: frozenset[str]) -> None:
    for field in ("data", "stringData"):
        values = obj.get(field)
        if values is not None and is_secret(obj):
            obj[field] = masks.of_all(values)
    if is_secret(obj):
        for field in obj.keys() - _SHOWN:
            if not isinstance(obj[field], bool):
                obj[field] = masks.of("fields", field, obj[field])
    annotations = annotations_of(obj)
    if names & annotations.keys():
        obj["metadata"]["annotations"] = {
            name: masks.of("annotations", name, value) if name in names else value
            for name, value in annotations.items()
        }


def _last_applied(obj: Manifest) -> dict[str, Any] | None:
    text = annotations_of(obj).get(LAST_APPLIED)
    if not isinstance(text, str):
        return None
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return _open(found) if isinstance(found, dict) else None


def _write_last_applied(obj: dict[str, Any], last: dict[str, Any] | None) -> None:
    annotations = annotations_of(obj)
    if LAST_APPLIED not in annotations:
        return
    if last is not None and is_secret(last) is is_secret(obj):
        text = msgspec.json.encode(last).decode()
        obj["metadata"]["annotations"] = {**annotations, LAST_APPLIED: text}
    elif is_secret(obj):
        rest = {name: value for name, value in annotations.items() if name != LAST_APPLIED}
        obj["metadata"]["annotations"] = rest


def masked_one(obj: Manifest, *, annotations: Iterable[str] = ()) -> dict[str, Any]:
    """One object with its values hidden."""
    return next(_present(masked(obj, annotations=annotations)))


def _present(objects: Iterable[dict[str, Any] | None]) -> Iterator[dict[str, Any]]:
    return (obj for obj in objects if obj is not None)


def masked_data(obj: Manifest) -> Mapping[str, Any]:
    """Only the masked ``data`` of a Secret."""
    return mapping_at(masked_one(obj), "data")
