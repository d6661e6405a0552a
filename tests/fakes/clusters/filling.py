"""What a cluster adds to what is written: a few defaults, and what its controllers make of it at once.

Invariant: what was said is never changed. No pods are run; what would run them is done when it is asked for.
"""

import base64
from collections.abc import Callable
from typing import Any

from tests.fakes.clusters.kinds import Kind

Object = dict[str, Any]
_SERVICE = {
    "type": "ClusterIP",
    "clusterIP": "10.0.0.1",
    "clusterIPs": ["10.0.0.1"],
    "sessionAffinity": "None",
    "internalTrafficPolicy": "Cluster",
}
_DEPLOYMENT = {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}
_DEFAULTS: dict[str, Object] = {"Service": _SERVICE, "Deployment": _DEPLOYMENT}


def filled(kind: Kind, value: Object) -> Object:
    """The object as it is stored."""
    defaults = _DEFAULTS.get(kind.name)
    if defaults is not None:
        value = {**value, "spec": {**defaults, **(value.get("spec") or {})}}
    if kind.name == "Secret":
        value = _secret(value)
    return value


def settled(kind: Kind, value: Object) -> Object | None:
    """The status that the controllers of a cluster give it, None when it has that already."""
    make = _STATUS.get(kind.name)
    if make is None:
        return None
    status = make(value)
    return None if status == value.get("status") else status


def _secret(value: Object) -> Object:
    given = value.get("stringData")
    if not given:
        return value
    data = {name: base64.b64encode(text.encode()).decode() for name, text in given.items()}
    rest = {name: item for name, item in value.items() if name != "stringData"}
    return {**rest, "data": {**(value.get("data") or {}), **data}}


def _replicas(value: Object) -> Object:
    count = value["spec"].get("replicas", 1)
    counts = {
        name: count for name in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas") if count
    }
    return {
        "observedGeneration": value["metadata"].get("generation", 1),
        **counts,
        "conditions": [
            {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
            {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
        ],
    }


def _job(value: Object) -> Object:
    return {
        "succeeded": 1,
        "conditions": [{"type": "Complete", "status": "True", "reason": "CompletionsReached"}],
    }


def _service(value: Object) -> Object:
    return value.get("status") or {"loadBalancer": {}}


_STATUS: dict[str, Callable[[Object], Object]] = {
    "Deployment": _replicas,
    "ReplicaSet": _replicas,
    "StatefulSet": _replicas,
    "Job": _job,
    "Service": _service,
    "Namespace": lambda _: {"phase": "Active"},
    "PersistentVolumeClaim": lambda _: {"phase": "Bound"},
}
