"""Finding a condition among an object's ``status.conditions``.

Invariant: the first condition of a type is the one that counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.manifest.fields import Manifest, maps_at


def conditions_of(obj: Manifest) -> list[Manifest]:
    """``status.conditions``, items of the wrong type left out."""
    return maps_at(obj, "status", "conditions")


def condition_of(obj: Manifest, kind: str) -> Manifest | None:
    """The first condition of a type, or None."""
    return first_of(conditions_of(obj), kind)


def first_of(conditions: Iterable[Manifest], kind: str) -> Manifest | None:
    """The first of these conditions that has the type, or None."""
    return next((item for item in conditions if item.get("type") == kind), None)


def is_true(condition: Manifest | None) -> bool:
    """Whether a condition is there and its status is ``True``."""
    return condition is not None and condition.get("status") == "True"


def is_false(condition: Manifest | None) -> bool:
    """Whether a condition is there and its status is ``False``."""
    return condition is not None and condition.get("status") == "False"
