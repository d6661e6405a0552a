"""Which fields an object has, as paths, and as FieldsV1 writes them down.

Invariant: a list nothing is known about is one field; what names an object is none.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from fairlead.diff.list_keys import WELL_KNOWN
from fairlead.manifest.identity import GroupVersionKind

Steps = tuple[str, ...]
HERE = "."
ATOMIC = frozenset(
    {
        "claimRef",
        "configMapKeyRef",
        "fieldRef",
        "labelSelector",
        "namespaceSelector",
        "nodeSelector",
        "podSelector",
        "resourceFieldRef",
        "roleRef",
        "secretKeyRef",
        "selector",
    }
)
"""Maps that are one field, by name; of built-in kinds all of a name are."""
_NAMES = frozenset({"apiVersion", "kind"})
_SERVERS_OWN = frozenset(
    {
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "managedFields",
        "selfLink",
    }
)
_DEFAULTS = {"protocol": "TCP"}


def paths_of(value: dict[str, Any], gvk: GroupVersionKind) -> set[Steps]:
    """Every field of an object; of items of lists with keys, the item itself too."""
    return set(_paths(value, gvk, (), ()))


def _paths(value: Any, gvk: GroupVersionKind, names: Steps, steps: Steps) -> Iterator[Steps]:
    if isinstance(value, dict) and value and not is_atomic(names):
        for name, below in value.items():
            if not names and name in _NAMES:
                continue
            if names == ("metadata",) and name in _SERVERS_OWN:
                continue
            yield from _paths(below, gvk, (*names, name), (*steps, f"f:{name}"))
        return
    if isinstance(value, list) and value:
        keys = WELL_KNOWN.keys_at(gvk, names)
        if keys is not None:
            for item in value:
                step = step_of(item, keys)
                yield (*steps, step, HERE) if keys else (*steps, step)
                if keys and isinstance(item, dict):
                    yield from _paths(item, gvk, names, (*steps, step))
            return
    if steps and steps != ("f:metadata",):
        yield steps


def is_atomic(names: Steps) -> bool:
    """Whether the map at a path is one field."""
    return len(names) > 1 and names[-1] in ATOMIC and names[0] != "metadata"


def step_of(item: Any, keys: tuple[str, ...]) -> str:
    """How an item of a list is told from its like."""
    if not keys or not isinstance(item, dict):
        return "v:" + msgspec.json.encode(item).decode()
    named = {key: item.get(key, _DEFAULTS.get(key)) for key in keys}
    return "k:" + msgspec.json.encode(named, order="sorted").decode()


def tree_of(paths: Iterable[Steps]) -> dict[str, Any]:
    """FieldsV1."""
    root: dict[str, Any] = {}
    for path in sorted(paths):
        at = root
        for step in path:
            at = at.setdefault(step, {})
    return root


def paths_in(tree: dict[str, Any], above: Steps = ()) -> Iterator[Steps]:
    """The paths of FieldsV1."""
    for step, below in tree.items():
        if below:
            yield from paths_in(below, (*above, step))
        else:
            yield (*above, step)


def value_at(value: Any, path: Steps) -> Any:
    """What is at a path; None where nothing is."""
    for step in path:
        if step == HERE:
            return value
        if step.startswith("f:"):
            value = value.get(step[2:]) if isinstance(value, dict) else None
        else:
            value = _item(value, step)
    return value


def _item(items: Any, step: str) -> Any:
    if not isinstance(items, list):
        return None
    wanted = msgspec.json.decode(step[2:])
    if step.startswith("k:"):
        keys = tuple(wanted)
        return next((item for item in items if step_of(item, keys) == step), None)
    return wanted if wanted in items else None


def remove(value: Any, path: Steps) -> Any:
    """The value without what is at a path; maps and lists that become empty stay, as on a real server."""
    step, below = path[0], path[1:]
    if step.startswith("f:"):
        return _without_field(value, step[2:], below)
    if not isinstance(value, list):
        return value
    wanted = _item(value, step)
    if wanted is None:
        return value
    if not below or below == (HERE,):
        return [item for item in value if item is not wanted and item != wanted]
    return [remove(item, below) if item is wanted else item for item in value]


def _without_field(value: Any, name: str, below: Steps) -> Any:
    if not isinstance(value, dict) or name not in value:
        return value
    if not below:
        return {key: item for key, item in value.items() if key != name}
    return {**value, name: remove(value[name], below)}
