"""Sets of parameters: nested as Go templates see them, or flat texts for the fast mode.

Invariant: what one set holds is its own; joining two changes neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.applicationset_controller.templating.params import Params, StrMap

__all__ = [
    "MOST_SETS",
    "ConflictError",
    "Params",
    "StrMap",
    "combined",
    "flattened",
    "laid_over",
    "looked_up",
    "shown",
]

MOST_SETS = 10_000
"""Sets of parameters that one generator may come to, and applications that one ApplicationSet may."""


class ConflictError(Exception):
    """Two sets that say different things of one key."""

    def __init__(self, key: str, first: object, second: object) -> None:
        super().__init__(f"found duplicate key {key} with different value, a: {first} ,b: {second}")


def flattened(value: Mapping[str, Any]) -> dict[str, str]:
    """Nested parameters as texts by their dotted paths; items of lists go by their place."""
    return dict(_flat(value, ""))


def _flat(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _flat(item, f"{path}.{place}" if path else str(place))
    else:
        yield path, shown(value)


def shown(value: object) -> str:
    """A scalar as text: numbers as they are written, switches as `true` and `false`, nothing as ""."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return "" if value is None else str(value)


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> Params:
    """Both sets; where both have a key the upper one's value, and maps joined in the same way."""
    joined = dict(below)
    for key, item in above.items():
        under = joined.get(key)
        if isinstance(item, dict) and isinstance(under, dict):
            both = laid_over(under, item)
            is_of_texts = isinstance(item, StrMap) and isinstance(under, StrMap)
            joined[key] = StrMap(both) if is_of_texts else both
        else:
            joined[key] = item
    return joined


def combined(first: Mapping[str, Any], second: Mapping[str, Any]) -> Params:
    """Both flat sets. Raises ConflictError where they differ."""
    for key in first.keys() & second.keys():
        if first[key] != second[key]:
            raise ConflictError(key, first[key], second[key])
    return {**first, **second}


def looked_up(params: Mapping[str, Any], key: str) -> object:
    """What a key, or else a dotted path, names; None for nothing."""
    if key in params:
        return params[key]
    found: object = params
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found
