"""Workflow (Argo Workflows): its phase says it all.

Invariant: a phase nobody has heard of is Unknown, never Healthy.
"""

from __future__ import annotations

from fairlead.health.status import Code, Health
from fairlead.manifest.fields import Manifest, text_at

_PHASES = {
    "": Code.PROGRESSING,
    "Pending": Code.PROGRESSING,
    "Running": Code.PROGRESSING,
    "Succeeded": Code.HEALTHY,
    "Failed": Code.DEGRADED,
    "Error": Code.DEGRADED,
}


def assess(obj: Manifest) -> Health:
    """Judge one Workflow."""
    phase = text_at(obj, "status", "phase")
    return Health(_PHASES.get(phase, Code.UNKNOWN), text_at(obj, "status", "message"))
