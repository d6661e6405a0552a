"""What keeps a set from being generated.

Invariant: whoever meets one writes, changes and deletes nothing: less than everything is nothing.
"""

from __future__ import annotations

from typing import Final

PARAMETERS: Final = "ApplicationGenerationFromParamsError"
"""The reason of a failure of a generator (contract 4)."""
TEMPLATE: Final = "RenderTemplateParamsError"
"""The reason of a failure of the template."""


class GenerationError(Exception):
    """A set that cannot be generated now; reason and message are those of its condition.

    One that `took_too_long` cost the engine all the time that it may have, while other sets waited for it: to
    try it again soon would cost them as much again.
    """

    def __init__(self, reason: str, message: str, *, took_too_long: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.took_too_long = took_too_long


class GeneratorError(Exception):
    """A generator that gave no complete answer; the words are for whoever wrote the set."""


class SourceError(GeneratorError):
    """What a generator asks could not be asked, or is not there."""
