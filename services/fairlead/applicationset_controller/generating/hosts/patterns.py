"""Patterns of filters: regular expressions as RE2 reads them, found anywhere in a text.

Invariant: one that cannot be read is an error, never a filter that lets everything or nothing through.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.rbac import expressions
from fairlead.rbac.policy import Mode

Matches = Callable[[str], bool]


def pattern(what: str, text: str | None) -> Matches | None:
    """Whether a text is meant; None for no pattern. Raises GeneratorError."""
    if text is None:
        return None
    if not expressions.is_readable(text, Mode.REGEX):
        raise GeneratorError(f"error compiling {what} regexp {text[:100]!r}: it is no regular expression")
    return expressions.combined((text,), Mode.REGEX, denies=False)
