"""Two sets of manifests side by side: what differs, object by object.

The invariant: Secrets are masked here, equal values equally on both sides, so that a change of a value is
seen and the value is not.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from fairlead.diff.mask import masked
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.identity import ResourceKey, key_of
from fairlead.manifest.stated import as_stated

Manifest = Mapping[str, Any]

MAX_PAIRS = 2_000
"""Objects that are told; of others only how many there are."""
MAX_BYTES = 8 << 20
"""Bytes of all texts together."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One object on both sides as JSON; "" where it is not there."""

    group: str
    kind: str
    namespace: str
    name: str
    left: str = ""
    right: str = ""


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """The objects that differ, by key; how many are the same, and how many that differ are not told."""

    items: tuple[Pair, ...]
    same: int = 0
    more: int = 0


def paired(left: Iterable[Manifest], right: Iterable[Manifest], *, hidden: Iterable[str] = ()) -> Pairs:
    """Both sides compared. Manifests without a name of their own are told apart by their place. `hidden`
    names annotations that are masked too."""
    before, after = _by_key(left), _by_key(right)
    hidden = frozenset(hidden)
    items: list[Pair] = []
    same = more = size = 0
    for key in sorted(before.keys() | after.keys(), key=str):
        one = _pair(key[0], before.get(key), after.get(key), hidden)
        if one.left == one.right:
            same += 1
            continue
        size += len(one.left) + len(one.right)
        if len(items) >= MAX_PAIRS or size > MAX_BYTES:
            more += 1
        else:
            items.append(one)
    return Pairs(items=tuple(items), same=same, more=more)


def _by_key(objects: Iterable[Manifest]) -> dict[tuple[ResourceKey, int], Manifest]:
    found: dict[tuple[ResourceKey, int], Manifest] = {}
    for place, obj in enumerate(objects):
        try:
            key = key_of(obj)
        except IdentityError:
            key = ResourceKey("", "", "", "")
        found[key, 0 if key.name else place] = obj
    return found


def _pair(key: ResourceKey, left: Manifest | None, right: Manifest | None, hidden: frozenset[str]) -> Pair:
    stated = (as_stated(one) if one is not None else None for one in (left, right))
    sides = masked(*stated, annotations=hidden)
    before, after = (msgspec.json.encode(one, order="sorted").decode() if one else "" for one in sides)
    return Pair(**key._asdict(), left=before, right=after)
