"""`fields=`: only the parts of an answer that a client asked for.

The invariant: a list keeps its items and their order; only their contents shrink.
"""

from typing import Any

MAX_FIELDS = 100


class Selection:
    """`a.b,c` keeps these paths; with a leading `-` all but these."""

    def __init__(self, text: str) -> None:
        self._excludes = text.startswith("-")
        paths = [path.split(".") for path in text.removeprefix("-").split(",") if path]
        self._tree: dict[str, Any] = {}
        for path in paths[:MAX_FIELDS]:
            node = self._tree
            for part in path:
                node = node.setdefault(part, {})

    def of(self, value: Any) -> Any:
        """The selected part of a JSON value."""
        return _without(value, self._tree) if self._excludes else _only(value, self._tree)


def _only(value: Any, tree: dict[str, Any]) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_only(item, tree) for item in value]
    if isinstance(value, dict):
        return {key: _only(value[key], below) for key, below in tree.items() if key in value}
    return value


def _without(value: Any, tree: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_without(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if key not in tree or tree[key]}
    return {key: _without(item, tree[key]) if key in tree else item for key, item in kept.items()}
