"""Judging an object by its conditions, as most custom kinds report (the API conventions of Kubernetes).

Invariant: a status about an earlier spec says nothing about this one, so the object is progressing until its
controller has seen it.
"""

from __future__ import annotations

from typing import NamedTuple

from fairlead.health.conditions import condition_of, is_false, is_true
from fairlead.health.status import Code, Health, degraded, healthy, progressing, suspended
from fairlead.manifest.fields import Manifest, flag_at, integer_at, text_at

SUSPENDED = "Reconciling is suspended"


class ByConditions(NamedTuple):
    """`ready` are the conditions that are all to be True. While one of `working` is True it goes on; one of
    `failed` that is True, or of `demanded` that is False, is a failure. `on_false` is what a False `ready`
    means, unless its reason is one of `passing`. `may_suspend` heeds `spec.suspend`; `bare` is said of an
    object that has no such condition yet.
    """

    ready: tuple[str, ...] = ("Ready",)
    working: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    demanded: tuple[str, ...] = ()
    on_false: Code = Code.DEGRADED
    passing: tuple[str, ...] = ()
    may_suspend: bool = False
    bare: str = ""

    def assess(self, obj: Manifest) -> Health:
        """Judge one object."""
        if self.may_suspend and flag_at(obj, "spec", "suspend"):
            return suspended(SUSPENDED)
        if is_outdated(obj):
            return progressing("Waiting for the controller to see the newest spec")
        for name in self.failed:
            if is_true(found := condition_of(obj, name)):
                return degraded(_words(found))
        for name in self.demanded:
            if is_false(found := condition_of(obj, name)):
                return degraded(_words(found))
        for name in self.working:
            if is_true(found := condition_of(obj, name)):
                return progressing(_words(found))
        return self._by_ready(obj)

    def _by_ready(self, obj: Manifest) -> Health:
        message = ""
        for name in self.ready:
            found = condition_of(obj, name)
            if found is None:
                return progressing(self.bare or f"Waiting for the condition {name}")
            if is_false(found) and text_at(found, "reason") not in self.passing:
                return Health(self.on_false, _words(found))
            if not is_true(found):
                return progressing(_words(found))
            message = _words(found)
        return healthy(message)


def is_outdated(obj: Manifest) -> bool:
    """Whether the controller's word is about an earlier generation; one that names none is believed."""
    observed = integer_at(obj, "status", "observedGeneration", default=-1)
    return 0 <= observed < integer_at(obj, "metadata", "generation")


def _words(condition: Manifest | None) -> str:
    return text_at(condition, "message") or text_at(condition, "reason")
