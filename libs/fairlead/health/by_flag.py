"""Judging an object by one field that is true once it is done, beside one that says what went wrong.

Invariant: an error that is told counts more than the flag.
"""

from __future__ import annotations

from typing import NamedTuple

from fairlead.health.judge import UNSEEN, Path, is_outdated
from fairlead.health.status import Code, Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, text_at, value_at


class ByFlag(NamedTuple):
    """Where the flag, an error and a message are; `on_false` is what a flag means that is there and false."""

    flag: Path
    error: Path = ()
    message: Path = ("status", "message")
    on_false: Code = Code.PROGRESSING

    def assess(self, obj: Manifest) -> Health:
        """Judge one object."""
        if is_outdated(obj):
            return progressing(UNSEEN)
        if self.error and (problem := text_at(obj, *self.error)):
            return degraded(problem)
        message = text_at(obj, *self.message)
        flag = value_at(obj, *self.flag)
        if flag is True:
            return healthy(message)
        return Health(self.on_false, message) if flag is False else progressing(message)
