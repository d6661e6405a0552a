"""What judges a kind: anything that says how well one object is doing.

Invariant: a judge reads and never raises, whatever the object looks like.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

from fairlead.health.status import Health, healthy
from fairlead.manifest.fields import Manifest, flag_at, integer_at, text_at

Path: TypeAlias = tuple[str, ...]
"""Field names from the root of an object."""

UNSEEN = "Waiting for the controller to see the newest spec"
SUSPENDED = "Reconciling is suspended"
MOST_DIGITS = 19
"""Of a generation: more is no number of Kubernetes, and Python refuses to read very many."""


class Judge(Protocol):
    """Says how well an object is doing; None where that is not told of its kind."""

    def assess(self, obj: Manifest) -> Health | None:
        """Judge one object."""
        ...


class AtOnce(NamedTuple):
    """Of kinds that are only read by others: one that is there is as it should be."""

    def assess(self, obj: Manifest) -> Health | None:
        """Healthy."""
        return healthy()


class By(NamedTuple):
    """Of kinds that no other judge fits: a function of their own."""

    rule: Callable[[Manifest], Health | None]

    def assess(self, obj: Manifest) -> Health | None:
        """What the function says."""
        return self.rule(obj)


def is_outdated(obj: Manifest) -> bool:
    """Whether the controller's word is about an earlier generation; one that names none is believed.

    Argo Rollouts writes the generation as text.
    """
    said = text_at(obj, "status", "observedGeneration")
    is_number = said.isdecimal() and len(said) <= MOST_DIGITS
    observed = int(said) if is_number else integer_at(obj, "status", "observedGeneration", default=-1)
    return 0 <= observed < integer_at(obj, "metadata", "generation")


def is_held(obj: Manifest, flags: tuple[Path, ...]) -> bool:
    """Whether one of the flags is set that tell a controller to leave the object alone."""
    return any(flag_at(obj, *path) or text_at(obj, *path) == "true" for path in flags)
