"""Judging an object by one word of its status, as kinds with phases report.

Invariant: a word that is in no list is no judgement: the object is progressing, with the word.
"""

from __future__ import annotations

from typing import NamedTuple

from fairlead.health.status import Code, Health, progressing
from fairlead.manifest.fields import Manifest, text_at


class ByWord(NamedTuple):
    """The field that holds the word, and what the words mean; `message` is the field with an explanation."""

    words: dict[str, Code]
    path: tuple[str, ...] = ("status", "phase")
    message: tuple[str, ...] = ("status", "message")

    def assess(self, obj: Manifest) -> Health:
        """Judge one object."""
        word, message = text_at(obj, *self.path), text_at(obj, *self.message)
        code = self.words.get(word)
        if code is None:
            return progressing(message or word)
        return Health(code, message or ("" if code is Code.HEALTHY else word))
