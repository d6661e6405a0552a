"""Ingress: healthy once something answers for it.

Invariant: an address in the status is the only evidence.
"""

from __future__ import annotations

from fairlead.health.status import Health, healthy, progressing
from fairlead.manifest.fields import Manifest, list_at


def assess(obj: Manifest) -> Health:
    """Judge one Ingress, in any version."""
    return healthy() if list_at(obj, "status", "loadBalancer", "ingress") else progressing()
