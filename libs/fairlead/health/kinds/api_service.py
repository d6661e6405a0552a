"""APIService: whether the API it announces is served.

Invariant: an API that is not available is still coming, never Degraded.
"""

from __future__ import annotations

from fairlead.health.conditions import condition_of, is_true
from fairlead.health.status import Health, healthy, progressing
from fairlead.manifest.fields import Manifest, text_at


def assess(obj: Manifest) -> Health:
    """Judge one APIService."""
    available = condition_of(obj, "Available")
    if available is None:
        return progressing("Waiting to be processed")
    message = f"{text_at(available, 'reason')}: {text_at(available, 'message')}"
    return healthy(message) if is_true(available) else progressing(message)
