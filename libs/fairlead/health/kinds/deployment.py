"""Deployment: done when every replica is new and available.

Invariant: nothing is concluded from a status that has not seen the newest spec.
"""

from __future__ import annotations

from fairlead.health.conditions import condition_of
from fairlead.health.status import Health, degraded, healthy, progressing, suspended
from fairlead.manifest.fields import Manifest, flag_at, integer_at, text_at, value_at

WAITING = "Waiting for rollout to finish: "


def assess(obj: Manifest) -> Health:
    """Judge one Deployment."""
    if flag_at(obj, "spec", "paused"):
        return suspended("Deployment is paused")
    if integer_at(obj, "metadata", "generation") > integer_at(obj, "status", "observedGeneration"):
        return progressing(WAITING + "observed deployment generation less than desired generation")
    condition = condition_of(obj, "Progressing")
    if condition is not None and condition.get("reason") == "ProgressDeadlineExceeded":
        name = text_at(obj, "metadata", "name")
        return degraded(f'Deployment "{name}" exceeded its progress deadline')
    return _rollout(obj)


def _rollout(obj: Manifest) -> Health:
    wanted = integer_at(obj, "spec", "replicas")
    updated = integer_at(obj, "status", "updatedReplicas")
    total = integer_at(obj, "status", "replicas")
    available = integer_at(obj, "status", "availableReplicas")
    if value_at(obj, "spec", "replicas") is not None and updated < wanted:
        return progressing(f"{WAITING}{updated} out of {wanted} new replicas have been updated...")
    if total > updated:
        return progressing(f"{WAITING}{total - updated} old replicas are pending termination...")
    if available < updated:
        return progressing(f"{WAITING}{available} of {updated} updated replicas are available...")
    return healthy()
