"""HorizontalPodAutoscaler: can it scale, and can it see what it scales by.

Invariant: conditions are judged in the order the cluster lists them; the first that says something decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from fairlead.health.conditions import conditions_of, is_true
from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, annotation_of, text_at

V1_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
"""Where ``autoscaling/v1`` keeps what later versions have in ``status.conditions``."""

_FAILURES = {
    "AbleToScale": frozenset({"FailedGetScale", "FailedUpdateScale"}),
    "ScalingActive": frozenset(
        {
            "FailedGetResourceMetric",
            "FailedGetObjectMetric",
            "FailedGetPodsMetric",
            "FailedGetExternalMetric",
            "FailedComputeMetricsReplicas",
            "InvalidSelector",
        }
    ),
}


def assess(obj: Manifest) -> Health:
    """Judge one HorizontalPodAutoscaler."""
    for condition in _conditions(obj):
        kind, message = condition.get("type"), text_at(condition, "message")
        if condition.get("reason") in _FAILURES.get(str(kind), ()):
            return degraded(message)
        if kind in ("AbleToScale", "ScalingLimited") and is_true(condition):
            return healthy(message)
    return progressing("Waiting to Autoscale")


def _conditions(obj: Manifest) -> Sequence[Manifest]:
    if obj.get("apiVersion") != "autoscaling/v1":
        return conditions_of(obj)
    try:
        found: Any = msgspec.json.decode(annotation_of(obj, V1_CONDITIONS))
    except (msgspec.DecodeError, RecursionError):
        return ()
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else ()
