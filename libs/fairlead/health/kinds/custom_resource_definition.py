"""CustomResourceDefinition: whether the kind it defines can be used.

Invariant: a definition is healthy only when the API server says it is established.
"""

from __future__ import annotations

from fairlead.health.conditions import condition_of, conditions_of, is_false, is_true
from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, text_at


def assess(obj: Manifest) -> Health:
    """Judge one CustomResourceDefinition."""
    if not conditions_of(obj):
        return progressing("Status conditions not found")
    if is_true(condition_of(obj, "Terminating")):
        return progressing("CRD is being terminated")
    names = condition_of(obj, "NamesAccepted")
    if is_false(names):
        return degraded(f"CRD names have not been accepted: {text_at(names, 'message')}")
    loose = condition_of(obj, "NonStructuralSchema")
    if is_true(loose):
        return degraded(f"Schema violations found: {text_at(loose, 'message')}")
    return _established(obj)


def _established(obj: Manifest) -> Health:
    established = condition_of(obj, "Established")
    if is_true(established):
        return healthy("CRD is healthy")
    if is_false(established):
        reason = text_at(established, "reason")
        if reason == "InvalidCABundle":
            return degraded(f"CRD is not established: {text_at(established, 'message')}")
        if reason == "Installing":
            return progressing("CRD is being installed")
    return progressing("CRD is not established")
