"""ReplicaSet: done when as many pods are available as are wanted.

Invariant: nothing is concluded from a status that has not seen the newest spec.
"""

from __future__ import annotations

from fairlead.health.conditions import condition_of, is_true
from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, integer_at, text_at, value_at

WAITING = "Waiting for rollout to finish: "


def assess(obj: Manifest) -> Health:
    """Judge one ReplicaSet."""
    if integer_at(obj, "metadata", "generation") > integer_at(obj, "status", "observedGeneration"):
        return progressing(WAITING + "observed replica set generation less than desired generation")
    failure = condition_of(obj, "ReplicaFailure")
    if is_true(failure):
        return degraded(text_at(failure, "message"))
    wanted = integer_at(obj, "spec", "replicas")
    available = integer_at(obj, "status", "availableReplicas")
    if value_at(obj, "spec", "replicas") is not None and available < wanted:
        return progressing(f"{WAITING}{available} out of {wanted} new replicas are available...")
    return healthy()
