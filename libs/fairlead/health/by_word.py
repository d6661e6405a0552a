"""Judging an object by one word of its status, as kinds with phases report.

Invariant: a word that is in no list is no judgement: the object is progressing, with the word, or judged by
what else its status says.
"""

from __future__ import annotations

from typing import NamedTuple

from fairlead.health.judge import SUSPENDED, UNSEEN, Judge, Path, is_held, is_outdated
from fairlead.health.status import Code, Health, progressing, suspended
from fairlead.manifest.fields import Manifest, text_at


class ByWord(NamedTuple):
    """The field that holds the word, and what the words mean; `message` is the field with an explanation.

    `rest` judges objects whose word is in no list, `none` those that have no word; `held_by` are flags that
    tell the controller to leave the object alone.
    """

    words: dict[str, Code]
    path: Path = ("status", "phase")
    message: Path = ("status", "message")
    rest: Judge | None = None
    none: Judge | None = None
    held_by: tuple[Path, ...] = ()

    def assess(self, obj: Manifest) -> Health | None:
        """Judge one object."""
        if is_held(obj, self.held_by):
            return suspended(SUSPENDED)
        if is_outdated(obj):
            return progressing(UNSEEN)
        word, message = text_at(obj, *self.path), text_at(obj, *self.message)
        code = self.words.get(word)
        if code is None:
            other = self.rest if word or self.none is None else self.none
            return other.assess(obj) if other is not None else progressing(message or word)
        return Health(code, message or ("" if code is Code.HEALTHY else word))
