"""Judging an object by its conditions, as most custom kinds report (the API conventions of Kubernetes).

Invariant: a status about an earlier spec says nothing about this one, so the object is progressing until its
controller has seen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fairlead.health.conditions import first_of, is_false, is_true
from fairlead.health.judge import SUSPENDED, UNSEEN, Path, is_held, is_outdated
from fairlead.health.status import Code, Health, degraded, healthy, progressing, suspended
from fairlead.manifest.fields import Manifest, integer_at, maps_at, text_at


class ByConditions(NamedTuple):
    """`ready` are the conditions that are all to be True.

    One of `held` that is True, or a flag at one of `held_by`, means that it is held on purpose. One of
    `failed` that is True, or of `demanded` that is False, is a failure; while one of `working` is True it
    goes on. `on_false` is what a False `ready` means, unless its reason is one of `passing` or of `fatal`.
    `bare` is said of an object that has no such condition yet, unless `optional` has it that it then needs
    none. Where they are `dated`, a condition about an earlier generation is none.
    """

    ready: tuple[str, ...] = ("Ready",)
    working: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    demanded: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    held_by: tuple[Path, ...] = ()
    on_false: Code = Code.DEGRADED
    passing: tuple[str, ...] = ()
    fatal: tuple[str, ...] = ()
    bare: str = ""
    optional: bool = False
    dated: bool = False
    path: Path = ("status", "conditions")

    def assess(self, obj: Manifest) -> Health:
        """Judge one object."""
        if is_held(obj, self.held_by):
            return suspended(SUSPENDED)
        if is_outdated(obj):
            return progressing(UNSEEN)
        return self.judge(maps_at(obj, *self.path), integer_at(obj, "metadata", "generation"))

    def judge(self, conditions: Sequence[Manifest], generation: int = 0) -> Health:
        """Judge by these conditions of an object of a generation."""
        if self.dated:
            conditions = [item for item in conditions if not _is_earlier(item, generation)]
        for names, is_so, means in (
            (self.held, is_true, suspended),
            (self.failed, is_true, degraded),
            (self.demanded, is_false, degraded),
            (self.working, is_true, progressing),
        ):
            for name in names:
                if (found := first_of(conditions, name)) is not None and is_so(found):
                    passes = means is degraded and text_at(found, "reason") in self.passing
                    return progressing(_words(found)) if passes else means(_words(found))
        return self._by_ready(conditions)

    def _by_ready(self, conditions: Sequence[Manifest]) -> Health:
        message = ""
        for name in self.ready:
            found = first_of(conditions, name)
            if found is None:
                if self.optional:
                    continue
                return progressing(self.bare or f"Waiting for the condition {name}")
            if is_false(found):
                return Health(self._false(text_at(found, "reason")), _words(found))
            if not is_true(found):
                return progressing(_words(found))
            message = _words(found)
        return healthy(message)

    def _false(self, reason: str) -> Code:
        if reason in self.fatal:
            return Code.DEGRADED
        return Code.PROGRESSING if reason in self.passing else self.on_false


def _is_earlier(condition: Manifest, generation: int) -> bool:
    observed = integer_at(condition, "observedGeneration", default=-1)
    return 0 <= observed < generation


def _words(condition: Manifest) -> str:
    return text_at(condition, "message") or text_at(condition, "reason")
