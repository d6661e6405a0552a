"""The fast mode: `{{ key }}` in any text stands for a parameter (contract 4).

Invariant: a key that no parameter has is left as it was written; what is made is bounded before it is made.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fairlead.applicationset_controller.templating.fill import Room, TemplateError

_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
PAUSE = 200
"""Sets that are filled in before others have their turn."""

Filler = Callable[[Mapping[str, Any], Room], Any]


class FastTemplates:
    """Fills in by itself."""

    is_go = False

    def __init__(self) -> None:
        self._room = Room()

    async def fill(self, tree: Any, sets: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The tree for each set; what has no place in it is shared between them. Raises TemplateError."""
        filler = _compiled(tree)
        if filler is None:
            return [tree] * len(sets)
        filled = []
        for place, params in enumerate(sets):
            self._room.begin()
            try:
                filled.append(filler(params, self._room))
            except TemplateError as error:
                raise TemplateError(error.message, place=place) from error
            if len(filled) % PAUSE == 0:
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
    end = text.rfind("}}") + 2  # to look for the end of what opens behind it would be slow
    found = list(_PLACE.finditer(text[:end]))
    if not found:
        return None
    ends = [0, *(place.end() for place in found)]
    between = [text[ends[at] : place.start()] for at, place in enumerate(found)]
    places = [(place[1].strip(), place[0]) for place in found]
    fixed, rest = sum(map(len, between)), text[ends[-1] :]

    def fill(params: Mapping[str, Any], room: Room) -> str:
        values = [value if isinstance(value := params.get(key), str) else written for key, written in places]
        room.take(fixed + len(rest) + sum(map(len, values)))
        return "".join(part for pair in zip(between, values, strict=True) for part in pair) + rest

    return fill


def _map(tree: Mapping[str, Any]) -> Filler | None:
    parts = [(key, _text(key), item, _compiled(item)) for key, item in tree.items()]
    if not any(by_key or by_item for _, by_key, _, by_item in parts):
        return None

    def fill(params: Mapping[str, Any], room: Room) -> dict[str, Any]:
        return {
            by_key(params, room) if by_key else key: by_item(params, room) if by_item else item
            for key, by_key, item, by_item in parts
        }

    return fill


def _list(tree: Sequence[Any]) -> Filler | None:
    parts = [(item, _compiled(item)) for item in tree]
    if not any(filler for _, filler in parts):
        return None
    return lambda params, room: [filler(params, room) if filler else item for item, filler in parts]
