"""Job: failed, held, done, or still at it.

Invariant: a Failed condition outweighs every other, wherever it stands in the list.
"""

from __future__ import annotations

from fairlead.health.conditions import condition_of, conditions_of, is_true
from fairlead.health.status import Health, degraded, healthy, progressing, suspended
from fairlead.manifest.fields import Manifest, text_at


def assess(obj: Manifest) -> Health:
    """Judge one Job. The statuses of Failed and Complete are not looked at, as users' dashboards expect."""
    failed = condition_of(obj, "Failed")
    if failed is not None:
        return degraded(text_at(failed, "message"))
    held = condition_of(obj, "Suspended")
    if is_true(held):
        return suspended(text_at(held, "message"))
    for condition in conditions_of(obj):
        if condition.get("type") in ("Complete", "Suspended"):
            return healthy(text_at(condition, "message"))
    return progressing()
