"""What every judge asks of an object, whatever the object says."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.health import assess
from fairlead.health.judge import is_outdated


@pytest.mark.parametrize(
    ("observed", "outdated"),
    [("1", True), ("2", False), (1, True), (None, False), ("one", False), ("9" * 5000, False), ({}, False)],
)
def test_a_generation_may_be_said_as_anything(observed: Any, outdated: bool) -> None:
    assert (
        is_outdated({"metadata": {"generation": 2}, "status": {"observedGeneration": observed}}) == outdated
    )


def test_a_number_without_end_is_no_exception() -> None:
    status = {"observedGeneration": "9" * 5000, "conditions": [{"type": "Ready", "status": "True"}]}
    obj = {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {}, "status": status}
    health = assess(obj)
    assert health is not None
    assert health.status == "Healthy"


def test_an_annotation_without_end_is_no_exception() -> None:
    annotations = {"autoscaling.alpha.kubernetes.io/conditions": "[" * 50_000}
    metadata = {"name": "a", "annotations": annotations}
    obj = {"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": metadata}
    assert assess(obj) is not None
