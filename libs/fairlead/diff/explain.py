"""Every field in which two states of an object differ, with who owns it live and how it could be left out.

Invariant: what is the same in another spelling is no difference; nothing is said that neither the states nor
`managedFields` say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple, TypeAlias

import msgspec

from fairlead.diff.dropped import dropped_paths
from fairlead.diff.fieldset import MISSING, Fields, child
from fairlead.diff.list_keys import WELL_KNOWN, ListKeys, Path
from fairlead.diff.place import Keyed, Member, Place, is_owned, place_of, rule_of, text_of
from fairlead.diff.subset import SKIPPED, Spelling, identity, is_identical
from fairlead.manifest.fields import Manifest, text_at
from fairlead.manifest.identity import GroupVersionKind, ResourceKey, gvk_of
from fairlead.model.explanation import Explanation

MAX_EXPLAINED = 100
"""Differences of one object."""
MAX_VALUE = 1000
"""Characters of a value that are told."""
Items: TypeAlias = dict[tuple[Any, ...], Any]


class Difference(NamedTuple):
    """A place, and what is there in either state (MISSING for nothing)."""

    place: Place
    desired: Any
    live: Any


def explained(
    key: ResourceKey, found: Iterable[Difference], entries: Iterable[Manifest], *, manager: str
) -> tuple[Explanation, ...]:
    """At most MAX_EXPLAINED differences, explained.

    `entries` are the live object's `managedFields`; `manager` is our own name in them.
    """
    known = [entry for entry in entries if isinstance(entry.get("fieldsV1"), Mapping)]
    return tuple(_explanation(key, one, known, manager) for one in islice(found, MAX_EXPLAINED))


def differing(desired: Manifest, live: Manifest, keys: ListKeys = WELL_KNOWN) -> Iterator[Difference]:
    """Where what there would be and what is there are not the same, as deep as they can be told apart."""
    return _Walk(gvk_of(desired), keys, is_whole=True).maps(desired, live, (), ())


def lacking(
    desired: Manifest, live: Manifest, dropped: Fields, keys: ListKeys = WELL_KNOWN
) -> Iterator[Difference]:
    """Where the live object has not what is desired, then where it has what is `dropped`."""
    walk = _Walk(gvk_of(desired), keys, is_whole=False).maps(desired, live, (), ())
    return chain(walk, (_left_over(live, steps) for steps in dropped_paths(dropped)))


def _left_over(live: Any, steps: tuple[str, ...]) -> Difference:
    for step in steps:
        live = child(live, step)
    return Difference(place_of(steps), MISSING, live)


def _explanation(key: ResourceKey, one: Difference, entries: list[Manifest], manager: str) -> Explanation:
    owner = _owner(entries, one.place, manager) if one.live is not MISSING else {}
    return Explanation(
        path=text_of(one.place),
        desired=_shown(one.desired),
        live=_shown(one.live),
        manager=text_at(owner, "manager"),
        operation=text_at(owner, "operation"),
        subresource=text_at(owner, "subresource"),
        since=text_at(owner, "time"),
        rule=rule_of(key, one.place),
    )


def _owner(entries: list[Manifest], place: Place, manager: str) -> Manifest:
    """The last of the others who own it, else we ourselves."""
    owners = [entry for entry in entries if is_owned(entry["fieldsV1"], place)]
    return max(
        owners,
        key=lambda entry: (text_at(entry, "manager") != manager, text_at(entry, "time")),
        default={},
    )


def _shown(value: Any) -> str:
    if value is MISSING:
        return ""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


class _Walk:
    """`is_whole` when what is live and not desired is a difference too."""

    def __init__(self, gvk: GroupVersionKind, keys: ListKeys, *, is_whole: bool) -> None:
        self._gvk = gvk
        self._keys = keys
        self._is_whole = is_whole
        self._spelling = Spelling(gvk)

    def maps(self, desired: Manifest, live: Manifest, place: Place, path: Path) -> Iterator[Difference]:
        for name in dict.fromkeys((*desired, *live)) if self._is_whole else desired:
            below = (*path, name)
            wanted, found = desired.get(name), live.get(name)
            is_nothing = found is None and self._spelling.is_nothing(wanted, below)
            if below in SKIPPED or (is_nothing and (wanted is None or not self._is_whole)):
                continue
            there = MISSING if found is None else found
            yield from self._values(desired.get(name, MISSING), there, (*place, name), below)

    def _values(self, wanted: Any, found: Any, place: Place, path: Path) -> Iterator[Difference]:
        if isinstance(wanted, Mapping) and isinstance(found, Mapping):
            if not self._keys.is_atomic(self._gvk, path):
                yield from self.maps(wanted, found, place, path)
            elif not self._spelling.is_same_whole(wanted, found, path):
                yield from self._whole().maps(wanted, found, place, path)
        elif isinstance(wanted, list) and isinstance(found, list):
            yield from self._lists(wanted, found, place, path)
        elif not is_identical(wanted, found) and not self._spelling.is_same_amount(wanted, found, path):
            yield Difference(place, wanted, found)

    def _lists(self, wanted: list[Any], found: list[Any], place: Place, path: Path) -> Iterator[Difference]:
        keys = self._keys.keys_at(self._gvk, path)
        if keys == ():
            yield from (Difference((*place, Member(it)), it, MISSING) for it in wanted if it not in found)
            if self._is_whole:
                yield from (Difference((*place, Member(it)), MISSING, it) for it in found if it not in wanted)
            return
        ours, theirs = (_by_identity(items, keys) if keys else None for items in (wanted, found))
        if keys and ours is not None and theirs is not None:
            yield from self._keyed(ours, theirs, keys, place, path)
            if _is_reordered(ours, theirs):
                yield Difference(place, wanted, found)
        elif not is_identical(wanted, found):
            yield from self._atomic(wanted, found, place, path)

    def _keyed(
        self, ours: Items, theirs: Items, keys: tuple[str, ...], place: Place, path: Path
    ) -> Iterator[Difference]:
        for name in dict.fromkeys((*ours, *theirs)) if self._is_whole else ours:
            step = Keyed(dict(zip(keys, name, strict=True)))
            yield from self._values(ours.get(name, MISSING), theirs.get(name, MISSING), (*place, step), path)

    def _atomic(self, wanted: list[Any], found: list[Any], place: Place, path: Path) -> Iterator[Difference]:
        """Item by item where as many are there; what is not desired of an item is a difference here."""
        if len(wanted) != len(found):
            yield Difference(place, wanted, found)
            return
        whole = self._whole()
        for at, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from whole._values(one, other, (*place, at), path)

    def _whole(self) -> _Walk:
        return _Walk(self._gvk, self._keys, is_whole=True)


def _by_identity(items: list[Any], keys: tuple[str, ...]) -> Items | None:
    """The items by their keys; None when one cannot be told from another."""
    found: Items = {}
    for item in items:
        name = identity(item, keys)
        if name is None or name in found or MISSING in name:
            return None
        found[name] = item
    return found


def _is_reordered(ours: Items, theirs: Items) -> bool:
    return [name for name in ours if name in theirs] != [name for name in theirs if name in ours]
