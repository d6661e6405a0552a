"""DaemonSet: done when every node that should run a pod runs the new one.

Invariant: nothing is concluded from a status that has not seen the newest spec.
"""

from __future__ import annotations

from fairlead.health.status import Health, healthy, progressing
from fairlead.manifest.fields import Manifest, integer_at, text_at


def assess(obj: Manifest) -> Health:
    """Judge one DaemonSet."""
    if integer_at(obj, "metadata", "generation") > integer_at(obj, "status", "observedGeneration"):
        return progressing(
            "Waiting for rollout to finish: observed daemon set generation less than desired generation"
        )
    desired = integer_at(obj, "status", "desiredNumberScheduled")
    updated = integer_at(obj, "status", "updatedNumberScheduled")
    available = integer_at(obj, "status", "numberAvailable")
    if text_at(obj, "spec", "updateStrategy", "type") == "OnDelete":
        return healthy(f"daemon set {updated} out of {desired} new pods have been updated")
    waiting = f'Waiting for daemon set "{text_at(obj, "metadata", "name")}" rollout to finish: '
    if updated < desired:
        return progressing(f"{waiting}{updated} out of {desired} new pods have been updated...")
    if available < desired:
        return progressing(f"{waiting}{available} of {desired} updated pods are available...")
    return healthy()
