"""Places in a block, such as `attachments` or `facts.*.value`; `*` is any key or number.

Invariant: pure; a block that came in is not changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Path = tuple[str, ...]


def leaves(block: Any, paths: Sequence[Path]) -> Iterator[str]:
    """The texts that stand at the places, or below them."""
    for path in paths:
        yield from _texts_at(block, path)


def replaced(block: Any, paths: Sequence[Path], by: Callable[[str], Any]) -> Any:
    """The block with the texts at the places, or below them, replaced."""
    for path in paths:
        block = _replaced_at(block, path, by)
    return block


def is_empty_at(block: Mapping[str, Any], path: Path) -> bool:
    """Whether nothing stands at a place without `*`."""
    found: Any = block
    for part in path:
        found = found.get(part) if isinstance(found, dict) else None
    return found in (None, "", [], {})


def put_at(block: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """The block with a value at a place without `*`."""
    first, rest = path[0], path[1:]
    below = block.get(first)
    return {**block, first: put_at(below if isinstance(below, dict) else {}, rest, value) if rest else value}


def merged(first: Any, second: Any) -> Any:
    """The second over the first, map by map; what is empty in the second leaves the first."""
    if isinstance(first, dict) and isinstance(second, dict):
        return {**first, **{key: merged(first.get(key), value) for key, value in second.items()}}
    return first if second in (None, "", [], {}) and first is not None else second


def _texts_at(value: Any, path: Path) -> Iterator[str]:
    if path and isinstance(value, dict):
        for key in value if path[0] == "*" else (path[0],):
            yield from _texts_at(value.get(key), path[1:])
    elif path and isinstance(value, list):
        for item in value:
            yield from _texts_at(item, path[1:] if path[0] == "*" else path)
    elif not path or path == ("*",):
        yield from _texts_below(value)


def _texts_below(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts_below(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts_below(item)


def _replaced_at(value: Any, path: Path, by: Callable[[str], Any]) -> Any:
    if path and isinstance(value, dict):
        return {
            key: _replaced_at(item, path[1:], by) if path[0] in ("*", key) else item
            for key, item in value.items()
        }
    if path and isinstance(value, list):
        rest = path[1:] if path[0] == "*" else path
        return [_replaced_at(item, rest, by) for item in value]
    return _replaced_below(value, by) if not path or path == ("*",) else value


def _replaced_below(value: Any, by: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return by(value)
    if isinstance(value, dict):
        return {key: _replaced_below(item, by) for key, item in value.items()}
    return [_replaced_below(item, by) for item in value] if isinstance(value, list) else value
