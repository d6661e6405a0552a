"""Where two descriptions of one thing differ, in the words of contract 14 (`difference in keys "A,0,B"`).

The words are the names that Go has for the fields, and places in lists; the order is that of the fields.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.api_server.operations.refusal import Code, RefusalError

Shape = Mapping[str, "tuple[str, Shape | None]"]
"""JSON name of a field to its Go name and, where it holds objects, their shape."""

MAX_PATHS = 200
"""Differences that are named; whoever reads them needs no more."""


def fields(text: str, below: Mapping[str, Shape] | None = None) -> Shape:
    """A shape from words: JSON names in order, each with `=Go` behind it where that is not the same word
    with a capital letter; `below` has the shapes of those that hold objects."""
    found: dict[str, tuple[str, Shape | None]] = {}
    for word in text.split():
        name, _, go = word.partition("=")
        found[name] = (go or name[0].upper() + name[1:], (below or {}).get(name))
    return found


def differing(before: Mapping[str, Any], after: Mapping[str, Any], shape: Shape) -> str:
    """The words for all differences, joined with commas; what is absent is its zero value."""
    paths = _objects(before, after, shape)
    return ",".join(",".join(path) for path in paths[:MAX_PATHS])


def different(what: str, keys: str) -> RefusalError:
    """The refusal of what would overwrite something else by accident."""
    return RefusalError(
        Code.INVALID_ARGUMENT,
        f'existing {what} spec is different; use upsert flag to force update; difference in keys "{keys}"',
    )


def _objects(before: Mapping[str, Any], after: Mapping[str, Any], shape: Shape) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, (go, below) in shape.items():
        found += [(go, *path) for path in _values(before.get(name), after.get(name), below)]
    return found


def _values(before: Any, after: Any, shape: Shape | None) -> list[tuple[str, ...]]:
    if isinstance(before, list) or isinstance(after, list):
        return _lists(before or [], after or [], shape)
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = before or {}, after or {}
        if shape is None:
            shape = {key: (key, None) for key in sorted({*old, *new})}
        return _objects(old, new, shape)
    return [] if (before or None) == (after or None) else [()]


def _lists(before: Sequence[Any], after: Sequence[Any], shape: Shape | None) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for place in range(max(len(before), len(after))):
        old = before[place] if place < len(before) else None
        new = after[place] if place < len(after) else None
        found += [(str(place), *path) for path in _values(old, new, shape)]
    return found
