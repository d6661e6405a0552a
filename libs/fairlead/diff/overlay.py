"""A desired object laid over the live one, for what a server-side apply can neither express nor reach.

What nobody desired stays as it is, as with an apply: defaults, other managers' fields, items of keyed lists.
A list that names one key twice has no such items and is taken as desired. Of a list of which the server
refused a field (``refused``), items that have the same there as one of ours make way for ours: they are what
somebody made of ours by changing its key. All others stay.

Invariant: arguments are never changed; ``metadata`` keeps every item of its lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, Final, TypeAlias

import msgspec

from fairlead.diff.fieldset import Fields
from fairlead.diff.list_keys import WELL_KNOWN, ListKeys, Path
from fairlead.diff.ownership import without_owned
from fairlead.diff.subset import identity
from fairlead.manifest.fields import Manifest, value_at
from fairlead.manifest.identity import GroupVersionKind, gvk_of

Refused: TypeAlias = Mapping[Path, Set[Path]]
"""Fields of items that cannot stand beside each other, by the path of their list."""
NOTHING: Final[Refused] = {}
_LEFT_ALONE = frozenset({("metadata", "resourceVersion"), ("metadata", "uid")})


class Overlaid(msgspec.Struct, frozen=True, kw_only=True):
    """The object to write, and whether items that nobody desired had to go for it."""

    object: dict[str, Any]
    makes_way: bool


def overlay(
    desired: Manifest,
    live: Manifest,
    *,
    keys: ListKeys = WELL_KNOWN,
    dropped: Fields | None = None,
    refused: Refused = NOTHING,
) -> Overlaid:
    """``live`` without ``dropped``, with everything that ``desired`` says."""
    below = without_owned(live, dropped) if dropped else live
    walk = _Walk(gvk_of(desired), keys, refused=refused)
    return Overlaid(object=walk.maps(desired, below, ()), makes_way=walk.makes_way)


def repeats_a_key(obj: Manifest, keys: ListKeys = WELL_KNOWN) -> bool:
    """Whether a keyed list names one key twice, which no apply can express."""
    return _any_repeats(obj, gvk_of(obj), keys, ())


def _any_repeats(value: Any, gvk: GroupVersionKind, keys: ListKeys, path: Path) -> bool:
    if isinstance(value, Mapping):
        return any(_any_repeats(below, gvk, keys, (*path, name)) for name, below in value.items())
    if not isinstance(value, list):
        return False
    names = keys.keys_at(gvk, path)
    if names and _repeats(value, names):
        return True
    return any(_any_repeats(item, gvk, keys, path) for item in value)


class _Walk:
    def __init__(self, gvk: GroupVersionKind, keys: ListKeys, *, refused: Refused) -> None:
        self._gvk = gvk
        self._keys = keys
        self._refused = refused
        self.makes_way = False

    def maps(self, desired: Manifest, live: Manifest, path: Path) -> dict[str, Any]:
        result = dict(live)
        for name, wanted in desired.items():
            below = (*path, name)
            if below in _LEFT_ALONE:
                continue
            if wanted is None:
                result.pop(name, None)
            else:
                result[name] = self._value(wanted, live.get(name), below)
        return result

    def _value(self, wanted: Any, found: Any, path: Path) -> Any:
        if isinstance(wanted, Mapping) and isinstance(found, Mapping):
            return wanted if self._keys.is_atomic(self._gvk, path) else self.maps(wanted, found, path)
        if isinstance(wanted, list) and isinstance(found, list):
            return self._list(wanted, found, path)
        return wanted

    def _list(self, wanted: list[Any], found: list[Any], path: Path) -> list[Any]:
        keys = self._keys.keys_at(self._gvk, path)
        if keys is None:
            return wanted
        if not keys:
            return [*wanted, *(item for item in found if item not in wanted)]
        pairs, foreign = _paired(wanted, found, keys)
        going = foreign if _repeats(wanted, keys) else self._in_the_way(wanted, foreign, path)
        self.makes_way = self.makes_way or bool(going)
        pairs = [(item, live if live is not None else _namesake(item, going)) for item, live in pairs]
        foreign = [item for item in foreign if not any(item is one for one in going)]
        ours = [self._value(item, live, path) if live is not None else item for item, live in pairs]
        return [*ours, *foreign]

    def _in_the_way(self, wanted: list[Any], foreign: list[Any], path: Path) -> list[Any]:
        """Items of others that the server does not take beside ours."""
        fields = () if path[0] == "metadata" else self._refused.get(path, ())
        ours = [(field, value) for field in fields for item in wanted if (value := value_at(item, *field))]
        return [item for item in foreign if any(value_at(item, *field) == value for field, value in ours)]


def _paired(
    wanted: list[Any], found: list[Any], keys: tuple[str, ...]
) -> tuple[list[tuple[Any, Any]], list[Any]]:
    """Each desired item with the live one of its key, the n-th with the n-th; and the live ones left over."""
    rest = list(found)
    pairs = []
    for item in wanted:
        name = identity(item, keys)
        at = next((at for at, one in enumerate(rest) if identity(one, keys) == name), None)
        pairs.append((item, None if at is None else rest.pop(at)))
    return pairs, rest


def _repeats(items: list[Any], keys: tuple[str, ...]) -> bool:
    names = [identity(item, keys) for item in items]
    return len(set(names)) < len(names)


def _namesake(item: Any, foreign: list[Any]) -> Any:
    """The item that was ours before its key was changed; what the server gave it (a node port) is kept."""
    name = item.get("name") if isinstance(item, Mapping) else None
    found = [one for one in foreign if name and isinstance(one, Mapping) and one.get("name") == name]
    return found[0] if len(found) == 1 else None
