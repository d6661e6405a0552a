"""Filling in trees of texts, in whichever language a set is written.

Invariant: every set of parameters is filled in, or none is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class TemplateError(Exception):
    """A template that cannot be filled in; `place` says with which set of parameters, `field` where."""

    def __init__(self, message: str, *, place: int = 0, field: str = "", took_too_long: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.took_too_long = took_too_long
        self.place = place
        self.field = field

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class Templates(Protocol):
    """One of the two languages."""

    @property
    def is_go(self) -> bool:
        """Whether parameters are nested, as Go templates see them; else they are flat texts."""

    async def fill(self, tree: Any, sets: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The tree with every text in it, keys too, filled in for each set. Raises TemplateError."""
        ...


async def fill_one(templates: Templates, tree: Any, params: Mapping[str, Any]) -> Any:
    """The tree filled in for one set. Raises TemplateError."""
    (filled,) = await templates.fill(tree, [params])
    return filled
