"""Walking ``managedFields``: the FieldsV1 format, in which the API server says who owns which field.

A step is ``f:<name>`` (field of a map), ``k:<json>`` (list item by its keys), ``v:<json>`` (list item by its
value), ``i:<n>`` (list item by place) or ``.`` (the thing itself); an empty map is a leaf.

Invariant: looking a step up in a value never raises; what cannot be found is :data:`MISSING`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import msgspec

Fields: TypeAlias = Mapping[str, Any]
"""A decoded FieldsV1 tree."""


class Missing:
    """The type of :data:`MISSING`."""

    def __repr__(self) -> str:
        """For people reading a failed assertion."""
        return "MISSING"


MISSING: Final = Missing()

KEY_DEFAULTS: Final[Mapping[str, Any]] = {"protocol": "TCP"}
"""List keys that may be left out because the API server fills them in."""

_CACHED_STEPS = 8192


@lru_cache(maxsize=_CACHED_STEPS)
def said_by(text: str) -> Any:
    """The JSON of a step, or :data:`MISSING`."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return MISSING


def has_keys(item: Any, keys: Mapping[str, Any]) -> bool:
    """Whether a list item carries these key values, defaults included."""
    if not isinstance(item, Mapping):
        return False
    return all(item.get(name, KEY_DEFAULTS.get(name)) == value for name, value in keys.items())


def child(value: Any, step: str) -> Any:
    """The part of a value that a step names, or :data:`MISSING`."""
    kind, text = step[:2], step[2:]
    if kind == "f:":
        is_map = type(value) is dict or isinstance(value, Mapping)
        return value.get(text, MISSING) if is_map else MISSING
    if not isinstance(value, list | tuple):
        return MISSING
    wanted = said_by(text)
    if kind == "k:" and isinstance(wanted, Mapping):
        return next((item for item in value if has_keys(item, wanted)), MISSING)
    if kind == "v:":
        return wanted if wanted in value else MISSING
    if kind == "i:" and isinstance(wanted, int) and 0 <= wanted < len(value):
        return value[wanted]
    return MISSING


def children(value: Any, step: str) -> list[Any]:
    """Every item of a list that a ``k:`` step names; the API server takes some lists that repeat a key."""
    wanted = said_by(step[2:])
    if not isinstance(value, list | tuple) or not isinstance(wanted, Mapping):
        return []
    return [item for item in value if has_keys(item, wanted)]


def merged(one: Fields, other: Fields) -> Fields:
    """The union of two field sets."""
    if not one or not other:
        return one or other
    result = dict(one)
    for step, below in other.items():
        result[step] = merged(result[step], below) if step in result else below
    return result


def path_text(steps: tuple[str, ...]) -> str:
    """A path for people: ``.spec.containers[name=web].image``."""
    return "".join(_step_text(step) for step in steps)


def _step_text(step: str) -> str:
    kind, text = step[:2], step[2:]
    if kind == "f:":
        return f".{text}"
    decoded = said_by(text)
    if isinstance(decoded, Mapping):
        return "[" + ",".join(f"{name}={value}" for name, value in decoded.items()) + "]"
    return f"[{text}]"
