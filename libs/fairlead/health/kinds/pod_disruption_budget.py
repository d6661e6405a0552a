"""PodDisruptionBudget: whether the cluster can tell how many pods may go.

Invariant: having too few pods is the budget doing its work, not a fault of it.
"""

from __future__ import annotations

from fairlead.health.conditions import conditions_of, is_false
from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, text_at


def assess(obj: Manifest) -> Health:
    """Judge one PodDisruptionBudget."""
    found = conditions_of(obj)
    for condition in found:
        reason = text_at(condition, "reason")
        if is_false(condition) and reason != "InsufficientPods":
            return degraded(f"PodDisruptionBudget has {reason}")
    if found:
        return healthy(f"PodDisruptionBudget has {text_at(found[0], 'reason')}")
    return progressing("Waiting for status")
