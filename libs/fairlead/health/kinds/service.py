"""Service: only a load balancer has anything to wait for.

Invariant: every other type is healthy as soon as it exists.
"""

from __future__ import annotations

from fairlead.health.status import Health, healthy, progressing
from fairlead.manifest.fields import Manifest, list_at, text_at


def assess(obj: Manifest) -> Health:
    """Judge one Service."""
    if text_at(obj, "spec", "type") != "LoadBalancer":
        return healthy()
    return healthy() if list_at(obj, "status", "loadBalancer", "ingress") else progressing()
