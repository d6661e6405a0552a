"""Whether everything the desired object says is already so, without asking anybody.

Invariant: no difference here means an apply would change nothing of what is desired; a difference may still
turn out to be one of spelling only. When in doubt this module sees a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.diff.fieldset import KEY_DEFAULTS, MISSING
from fairlead.diff.list_keys import WELL_KNOWN, ListKeys, Path, is_builtin
from fairlead.diff.quantity import is_same_quantity
from fairlead.manifest.identity import GroupVersionKind, gvk_of

_QUANTITY_MAPS = frozenset(
    {"limits", "requests", "hard", "capacity", "allocatable", "overhead", "podFixed", "default"}
    | {"defaultRequest", "max", "min", "maxLimitRequestRatio"}
)
_QUANTITY_FIELDS = frozenset(
    {("emptyDir", "sizeLimit"), ("target", "averageValue"), ("resourceFieldRef", "divisor")}
)
_TEXT_MAPS = frozenset({"labels", "annotations", "nodeSelector", "matchLabels", "limits", "requests"})
_DEFAULTS = {("fieldRef", "apiVersion"): "v1", ("resourceFieldRef", "divisor"): "0"}
"""What the server adds to maps that it replaces whole."""
_TOP_MAPS = frozenset({"data", "binaryData", "stringData"})
SKIPPED = frozenset({("metadata", "namespace"), ("metadata", "name"), ("apiVersion",), ("kind",)})
"""What tells an object from others, and is not compared."""


def differences(
    desired: Mapping[str, Any], live: Mapping[str, Any], keys: ListKeys = WELL_KNOWN
) -> Iterator[str]:
    """Paths (``.spec.replicas``) at which the live object is not what the desired one says.

    Lazy: take the first to know whether there is any. Identity, namespace and version are not compared.
    """
    walk = _Walk(gvk_of(desired), keys)
    return walk.maps(desired, live, (), "")


def is_subset(desired: Mapping[str, Any], live: Mapping[str, Any], keys: ListKeys = WELL_KNOWN) -> bool:
    """Whether the live object already has everything the desired one says."""
    return next(differences(desired, live, keys), None) is None


def _has_more(desired: Mapping[str, Any], live: Mapping[str, Any], path: Path) -> bool:
    """Whether the live map has fields that are not desired, beside those that the server fills in."""
    return any(
        name not in desired and value is not None and _DEFAULTS.get((path[-1], name)) != value
        for name, value in live.items()
    )


def _is_text(path: Path) -> bool:
    """Whether it is an entry of a map whose values are texts."""
    return len(path) > 1 and (path[-2] in _TEXT_MAPS or (len(path) == 2 and path[0] in _TOP_MAPS))


def is_amount(path: Path) -> bool:
    """Whether a field of a built-in type holds a quantity, by the names that lead to it."""
    return len(path) > 1 and (path[-2] in _QUANTITY_MAPS or path[-2:] in _QUANTITY_FIELDS)


class Spelling:
    """What is the same in the objects of a kind though it is written otherwise."""

    __slots__ = ("_is_builtin",)

    def __init__(self, gvk: GroupVersionKind) -> None:
        self._is_builtin = is_builtin(gvk)

    def is_same_amount(self, wanted: Any, found: Any, path: Path) -> bool:
        """Whether both are one quantity. Of built-in kinds only: a custom resource keeps its text."""
        if not self._is_builtin or path[0] in _TOP_MAPS or path[0] == "metadata":
            return False
        return is_amount(path) and is_same_quantity(wanted, found)

    def is_same_whole(self, wanted: Any, found: Any, path: Path) -> bool:
        """Whether a value that is replaced whole is the same: what is not desired must not be there."""
        if isinstance(wanted, Mapping) and isinstance(found, Mapping):
            return not _has_more(wanted, found, path) and all(
                self.is_same_whole(value, found.get(name), (*path, name)) for name, value in wanted.items()
            )
        if isinstance(wanted, list) and isinstance(found, list):
            pairs = zip(wanted, found, strict=False)
            return len(wanted) == len(found) and all(self.is_same_whole(*pair, path) for pair in pairs)
        if found is None:
            return self.is_nothing(wanted, path)
        return _is_equal(wanted, found) or self.is_same_amount(wanted, found, path)

    def is_nothing(self, wanted: Any, path: Path) -> bool:
        """Whether a desired value and no live value are the same thing: a null is, but not in a map of texts,
        where it becomes an empty one."""
        if wanted is None:
            return not _is_text(path)
        if isinstance(wanted, list):
            return self._is_builtin and not wanted
        if isinstance(wanted, Mapping) and not wanted:
            return path[-1] in _TEXT_MAPS or (len(path) == 1 and path[0] in _TOP_MAPS)
        return False


class _Walk:
    __slots__ = ("gvk", "keys", "spelling")

    def __init__(self, gvk: GroupVersionKind, keys: ListKeys) -> None:
        self.gvk = gvk
        self.keys = keys
        self.spelling = Spelling(gvk)

    def maps(
        self, desired: Mapping[str, Any], live: Mapping[str, Any], path: Path, place: str
    ) -> Iterator[str]:
        for name, wanted in desired.items():
            below = (*path, name)
            if below in SKIPPED:
                continue
            found = live.get(name)
            if found is None:
                if not self.spelling.is_nothing(wanted, below):
                    yield f"{place}.{name}"
            elif wanted is None:
                yield f"{place}.{name}"
            else:
                yield from self.values(wanted, found, below, f"{place}.{name}")

    def values(self, wanted: Any, found: Any, path: Path, place: str) -> Iterator[str]:
        if isinstance(wanted, Mapping) and isinstance(found, Mapping):
            if not self.keys.is_atomic(self.gvk, path):
                yield from self.maps(wanted, found, path, place)
            elif not self.spelling.is_same_whole(wanted, found, path):
                yield place
        elif isinstance(wanted, list) and isinstance(found, list):
            yield from self.lists(wanted, found, path, place)
        elif not _is_equal(wanted, found) and not self.spelling.is_same_amount(wanted, found, path):
            yield place

    def lists(self, wanted: list[Any], found: list[Any], path: Path, place: str) -> Iterator[str]:
        keys = self.keys.keys_at(self.gvk, path)
        if keys is None:
            if not is_identical(wanted, found):
                yield place
        elif not keys:
            if any(item not in found or item in wanted[:at] for at, item in enumerate(wanted)):
                yield place  # one that stands in a set twice is refused by every apply
        else:
            yield from self._keyed(wanted, found, keys, path, place)

    def _keyed(
        self, wanted: list[Any], found: list[Any], keys: tuple[str, ...], path: Path, place: str
    ) -> Iterator[str]:
        index = _places(found, keys)
        last, names = -1, set()
        for item in wanted:
            name = identity(item, keys)
            names.add(name)
            places = index.get(name)
            at = places.pop(0) if places else None
            if name is None or at is None or at < last:
                yield f"{place}[{_describe(name)}]"
                continue
            last = at
            yield from self.values(item, found[at], path, f"{place}[{_describe(name)}]")
        for name in names:
            if index.get(name):
                yield f"{place}[{_describe(name)}]"


def is_identical(one: Any, other: Any) -> bool:
    """Deep equality of two values, a null field being the same as none."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = {name for name, value in one.items() if value is not None}
        if names != {name for name, value in other.items() if value is not None}:
            return False
        return all(is_identical(one[name], other[name]) for name in names)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_identical, one, other))
    return _is_equal(one, other)


def _is_equal(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _places(items: list[Any], keys: tuple[str, ...]) -> dict[tuple[Any, ...] | None, list[int]]:
    """Where the items of each key are; the API server takes some lists in which a key is there twice."""
    index: dict[tuple[Any, ...] | None, list[int]] = {}
    for at, item in enumerate(items):
        index.setdefault(identity(item, keys), []).append(at)
    return index


def identity(item: Any, keys: tuple[str, ...]) -> tuple[Any, ...] | None:
    """What tells an item of a keyed list from the others; None when it cannot be told."""
    if not isinstance(item, Mapping):
        return None
    found = tuple(item.get(key, KEY_DEFAULTS.get(key, MISSING)) for key in keys)
    return None if any(isinstance(value, dict | list) for value in found) else found


def _describe(name: tuple[Any, ...] | None) -> str:
    return "?" if name is None else "/".join(str(part) for part in name)
