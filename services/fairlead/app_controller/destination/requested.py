"""What pods ask for of their nodes, in thousandths: of a processor, of a byte.

Invariant: a quantity that cannot be read counts as nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from fairlead.app_controller.destination.clusters import Cluster
from fairlead.diff.quantity import parse_quantity
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import Manifest, mapping_at
from fairlead.manifest.identity import GroupKind

POD = GroupKind("", "Pod")
NODE = GroupKind("", "Node")
OVER = ("Succeeded", "Failed")
MAX_HOSTS = 1000
"""Nodes of one tree."""


class _Container(msgspec.Struct):
    resources: dict[str, Any] | None = None
    restart_policy: str | None = msgspec.field(name="restartPolicy", default=None)


class _Spec(msgspec.Struct):
    node: str | None = msgspec.field(name="nodeName", default=None)
    containers: list[_Container] | None = None
    init: list[_Container] | None = msgspec.field(name="initContainers", default=None)


class _Status(msgspec.Struct):
    phase: str | None = None


class _Pod(msgspec.Struct):
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class _Use(msgspec.Struct, frozen=True):
    version: str
    node: str
    cpu: int
    memory: int


_POD = msgspec.json.Decoder(_Pod)


class Hosts:
    """What runs on the nodes of clusters; each version of a pod is read once."""

    def __init__(self) -> None:
        self._uses: dict[str, dict[str, _Use]] = {}

    def of(
        self, cluster: Cluster, pods: Iterable[str], shown_labels: Iterable[str] = ()
    ) -> list[dict[str, object]]:
        """The nodes that these pods (by uid) run on, as the tree shows them (contract 14), with those of
        their labels that are to be shown (`application.allowedNodeLabels`)."""
        uses = self._read(cluster)
        mine = set(pods)
        names = sorted({uses[uid].node for uid in mine if uid in uses and uses[uid].node})[:MAX_HOSTS]
        asked = {name: [0, 0, 0, 0] for name in names}
        for uid, use in uses.items():
            sums = asked.get(use.node)
            if sums is not None:
                at = 0 if uid in mine else 2
                sums[at] += use.cpu
                sums[at + 1] += use.memory
        nodes = {live.key.name: live for live in cluster.live.index.of_kind(NODE)}
        shown = tuple(shown_labels)
        return [_host(nodes[name].brief(), name, asked[name], shown) for name in names if name in nodes]

    def _read(self, cluster: Cluster) -> dict[str, _Use]:
        before = self._uses.get(cluster.server, {})
        now = {pod.uid: _use(pod, before.get(pod.uid)) for pod in cluster.live.index.of_kind(POD)}
        self._uses[cluster.server] = now
        return now


def requests_of(pod: Manifest) -> tuple[int, int]:
    """What one pod asks for: thousandths of processors, of bytes."""
    try:
        return _asked(msgspec.convert({"spec": pod.get("spec", {})}, _Pod))
    except msgspec.ValidationError:
        return 0, 0


def _use(pod: LiveObject, known: _Use | None) -> _Use:
    if known is not None and known.version == pod.resource_version:
        return known
    try:
        found = _POD.decode(pod.text)
    except msgspec.DecodeError:
        return _Use(pod.resource_version, "", 0, 0)
    is_over = found.status.phase in OVER
    cpu, memory = (0, 0) if is_over else _asked(found)
    return _Use(pod.resource_version, found.spec.node or "", cpu, memory)


def _asked(pod: _Pod) -> tuple[int, int]:
    """The sum over the containers, or what the largest of those that run first needs, if that is more."""
    init = pod.spec.init or []
    lasting = [item for item in init if item.restart_policy == "Always"]
    passing = [item for item in init if item.restart_policy != "Always"]
    sums = [_sum([*(pod.spec.containers or []), *lasting], name) for name in ("cpu", "memory")]
    most = [max((_sum([item], name) for item in passing), default=0) for name in ("cpu", "memory")]
    return max(sums[0], most[0]), max(sums[1], most[1])


def _sum(containers: Iterable[_Container], name: str) -> int:
    return sum(_thousandths(((item.resources or {}).get("requests") or {}).get(name)) for item in containers)


def _thousandths(value: object) -> int:
    amount = parse_quantity(str(value)) if isinstance(value, (str, int, float)) else None
    return int(amount * 1000) if amount is not None else 0


def _host(
    node: Mapping[str, Any], name: str, asked: list[int], shown_labels: tuple[str, ...]
) -> dict[str, object]:
    status = node.get("status")
    status = status if isinstance(status, dict) else {}
    capacity = status.get("capacity")
    capacity = capacity if isinstance(capacity, dict) else {}
    resources = [
        _stated("cpu", asked[0], asked[2], _thousandths(capacity.get("cpu"))),
        _stated("memory", asked[1], asked[3], _thousandths(capacity.get("memory"))),
    ]
    labels = mapping_at(node, "metadata", "labels")
    shown = {label: str(labels[label]) for label in shown_labels if label in labels}
    host = {"name": name, "resourcesInfo": resources, "systemInfo": status.get("nodeInfo") or {}}
    return {**host, **({"labels": shown} if shown else {})}


def _stated(name: str, mine: int, others: int, capacity: int) -> dict[str, object]:
    """Zeros are left out, as the Go clients' JSON has it."""
    counts = {"requestedByApp": mine, "requestedByNeighbors": others, "capacity": capacity}
    return {"resourceName": name, **{key: value for key, value in counts.items() if value}}
