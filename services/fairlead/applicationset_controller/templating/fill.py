"""Filling in trees of texts, in whichever language a set is written.

Invariant: every set of parameters is filled in, or none is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol


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


MOST_OF_ONE: Final = 4 << 20
"""Bytes of what one set of parameters makes of a template."""
MOST_OF_ALL: Final = 256 << 20
"""Bytes of what all sets of parameters make of the templates of one generation."""


class Room:
    """How much may still be filled in, in one generation: a few texts may stand in a template very often."""

    def __init__(self) -> None:
        self._of_all = MOST_OF_ALL
        self._of_one = MOST_OF_ONE

    def begin(self) -> None:
        """Another set of parameters."""
        self._of_one = MOST_OF_ONE

    def take(self, size: int) -> None:
        """So much is about to be made. Raises TemplateError."""
        self._of_one -= size
        if self._of_one < 0:
            raise TemplateError(
                f"what one set of parameters makes of the template is longer than {MOST_OF_ONE >> 20} MiB"
            )
        self.keep(size)

    def keep(self, size: int) -> None:
        """So much of one set, which was bounded as it was made, is kept. Raises TemplateError."""
        self._of_all -= size
        if self._of_all < 0:
            raise TemplateError(
                f"what all sets of parameters make of the templates is longer than {MOST_OF_ALL >> 20} MiB"
            )


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
