"""The fast mode: `{{ key }}` in any text stands for a parameter (contract 4).

Invariant: a key that no parameter has is left as it was written.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
PAUSE = 200
"""Sets that are filled in before others have their turn."""

Filler = Callable[[Mapping[str, Any]], Any]


class FastTemplates:
    """Fills in by itself."""

    is_go = False

    async def fill(self, tree: Any, sets: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The tree for each set; what has no place in it is shared between them."""
        filler = _compiled(tree)
        if filler is None:
            return [tree] * len(sets)
        filled = []
        for place, params in enumerate(sets, 1):
            filled.append(filler(params))
            if place % PAUSE == 0:
                await asyncio.sleep(0)
        return filled


def _compiled(tree: Any) -> Filler | None:
    """What fills in a tree; None for one without places."""
    if isinstance(tree, str):
        return _text(tree)
    if isinstance(tree, Mapping):
        return _map(tree)
    if isinstance(tree, list | tuple):
        return _list(tree)
    return None


def _text(text: str) -> Filler | None:
    if not _PLACE.search(text):
        return None

    def fill(params: Mapping[str, Any]) -> str:
        def replaced(found: re.Match[str]) -> str:
            value = params.get(found[1].strip())
            return value if isinstance(value, str) else found[0]

        return _PLACE.sub(replaced, text)

    return fill


def _map(tree: Mapping[str, Any]) -> Filler | None:
    parts = [(key, _text(key), item, _compiled(item)) for key, item in tree.items()]
    if not any(by_key or by_item for _, by_key, _, by_item in parts):
        return None

    def fill(params: Mapping[str, Any]) -> dict[str, Any]:
        return {
            by_key(params) if by_key else key: by_item(params) if by_item else item
            for key, by_key, item, by_item in parts
        }

    return fill


def _list(tree: Sequence[Any]) -> Filler | None:
    parts = [(item, _compiled(item)) for item in tree]
    if not any(filler for _, filler in parts):
        return None
    return lambda params: [filler(params) if filler else item for item, filler in parts]
