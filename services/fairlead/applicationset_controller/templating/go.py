"""Go templates with Sprig's functions, filled in by the render engine.

Invariant: what a template is given is what Argo CD gives it: numbers are floats, labels are maps of texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.applicationset_controller.templating.fill import Room, TemplateError
from fairlead.applicationset_controller.templating.params import StrMap
from fairlead.render import ScriptError, Scripts

TEXTS = "\0"
"""The only key of what stands for a map of texts on the way to the engine."""


class GoTemplates:
    """Has the engine fill in."""

    is_go = True

    def __init__(self, scripts: Scripts, options: Sequence[str] = ()) -> None:
        self._scripts = scripts
        self._options = tuple(options)
        self._room = Room()

    async def fill(self, tree: Any, sets: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The tree for each set. Raises TemplateError for the first that it cannot be filled in for."""
        if not _is_templated(tree):
            return [tree] * len(sets)
        filled: list[Any] = []
        try:
            async for one in self._scripts.fill(tree, map(_marked, sets), options=self._options):
                if one.error:
                    raise TemplateError(one.error, place=len(filled), field=one.field)
                self._room.keep(one.size)
                filled.append(one.value)
        except ScriptError as error:
            raise TemplateError(str(error), place=len(filled), took_too_long=error.took_too_long) from error
        return filled


def _is_templated(tree: Any) -> bool:
    if isinstance(tree, str):
        return "{{" in tree
    if isinstance(tree, Mapping):
        return any("{{" in key or _is_templated(item) for key, item in tree.items())
    return isinstance(tree, list | tuple) and any(map(_is_templated, tree))


def _marked(value: Any) -> Any:
    if isinstance(value, StrMap):
        return {TEXTS: dict(value)}
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item) for item in value]
    return value
