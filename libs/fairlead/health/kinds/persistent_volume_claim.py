"""PersistentVolumeClaim: bound, waiting, or its volume lost.

Invariant: a phase nobody has heard of is Unknown, never Healthy.
"""

from __future__ import annotations

from fairlead.health.status import Code, Health
from fairlead.manifest.fields import Manifest, text_at

_PHASES = {"Bound": Code.HEALTHY, "Pending": Code.PROGRESSING, "Lost": Code.DEGRADED}


def assess(obj: Manifest) -> Health:
    """Judge one PersistentVolumeClaim."""
    return Health(_PHASES.get(text_at(obj, "status", "phase"), Code.UNKNOWN))
