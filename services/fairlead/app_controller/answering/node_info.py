"""What a node of the resource tree says beside its name: a pod's state, a revision, who serves whom.

Invariant: a field of an unexpected shape reads as absent; only names, numbers and addresses are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.app_controller.comparing.addresses import is_allowed
from fairlead.app_controller.comparing.marks import IGNORE_DEFAULT_LINKS, urls_of
from fairlead.app_controller.destination.requested import requests_of
from fairlead.health.assess import has_rule
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import annotation_of, list_at, maps_at, text_at, value_at

Manifest = Mapping[str, Any]
Item = dict[str, str]

REVISIONS = {
    ("apps", "Deployment"): "deployment.kubernetes.io/revision",
    ("apps", "ReplicaSet"): "deployment.kubernetes.io/revision",
    ("argoproj.io", "Rollout"): "rollout.argoproj.io/revision",
}
"""Where the revision of a workload is written."""
_SHOWN = frozenset({("", "Node"), ("", "Pod"), ("", "Service")})
_INGRESSES = frozenset({("networking.k8s.io", "Ingress"), ("extensions", "Ingress")})


def shows(group: str, kind: str) -> bool:
    """Whether the tree says more of objects of a kind than their metadata: a state, addresses, a health."""
    key = (group, kind)
    return key in _SHOWN or key in REVISIONS or key in _INGRESSES or has_rule(group, kind)


def info_of(live: LiveObject, obj: Manifest, shown_labels: Iterable[str] = ()) -> tuple[Item, ...]:
    """The node's `info`, with those of its labels that are to be shown (`resource.customLabels`)."""
    return (*_info(live, obj), *_labels(obj, shown_labels))


def _info(live: LiveObject, obj: Manifest) -> Iterator[Item]:
    key = (live.key.group, live.key.kind)
    if key == ("", "Pod"):
        yield from _pod(obj)
        return
    annotation = REVISIONS.get(key)
    if revision := annotation_of(obj, annotation) if annotation else "":
        yield {"name": "Revision", "value": f"Rev:{revision}"}


def _labels(obj: Manifest, shown: Iterable[str]) -> Iterator[Item]:
    labels = _texts(obj, "metadata", "labels")
    return ({"name": name, "value": labels[name]} for name in shown if name in labels)


def networking_of(live: LiveObject, obj: Manifest) -> dict[str, object] | None:
    """The node's `networkingInfo`; None for what serves nobody and is not served."""
    key = (live.key.group, live.key.kind)
    if key == ("", "Pod"):
        labels = _texts(obj, "metadata", "labels")
        return {"labels": labels} if labels else None
    is_ingress = key in _INGRESSES
    found: dict[str, object] = {}
    if key == ("", "Service"):
        found["targetLabels"] = _texts(obj, "spec", "selector")
    if is_ingress:
        names = sorted(set(_backends(obj)))
        found["targetRefs"] = [_service(live.key.namespace, name) for name in names]
    if is_ingress or key == ("", "Service"):
        found["ingress"] = [dict(entry) for entry in maps_at(obj, "status", "loadBalancer", "ingress")]
    found["externalURLs"] = sorted({*urls_of(obj), *_own_urls(key, obj)})
    return {name: value for name, value in found.items() if value} or None


def _pod(obj: Manifest) -> Iterator[Item]:
    if reason := status_reason(obj):
        yield {"name": "Status Reason", "value": reason}
    yield {"name": "Node", "value": text_at(obj, "spec", "nodeName")}
    statuses = maps_at(obj, "status", "containerStatuses")
    ready = sum(
        status.get("ready") is True and isinstance(status.get("state"), dict) and "running" in status["state"]
        for status in statuses
    )
    yield {"name": "Containers", "value": f"{ready}/{len(maps_at(obj, 'spec', 'containers'))}"}
    restarts = sum(count for status in statuses if isinstance(count := status.get("restartCount"), int))
    if restarts:
        yield {"name": "Restart Count", "value": str(restarts)}
    if text_at(obj, "status", "phase") not in ("Succeeded", "Failed"):
        cpu, memory = requests_of(obj)
        yield {"name": "cpu", "value": str(cpu)}
        yield {"name": "memory", "value": str(memory)}


def status_reason(obj: Manifest) -> str:
    """What `kubectl get pods` shows as a pod's status."""
    status = obj.get("status")
    status = status if isinstance(status, dict) else {}
    reason = text_at(status, "reason") or text_at(status, "phase")
    waiting = _initializing(obj, status)
    if waiting:
        reason = waiting
    else:
        is_running = False
        for container in reversed(maps_at(status, "containerStatuses")):
            found = _container_reason(container)
            if found:
                reason = found
            elif container.get("ready") is True and "running" in (container.get("state") or {}):
                is_running = True
        if reason == "Completed" and is_running:
            reason = "Running" if _is_ready(status) else "NotReady"
    if text_at(obj, "metadata", "deletionTimestamp"):
        return "Unknown" if text_at(status, "reason") == "NodeLost" else "Terminating"
    return reason


def _initializing(obj: Manifest, status: Manifest) -> str:
    """Which of the containers that run first keeps the pod, or ""."""
    sidecars = {
        text_at(container, "name")
        for container in maps_at(obj, "spec", "initContainers")
        if text_at(container, "restartPolicy") == "Always"
    }
    total = len(maps_at(obj, "spec", "initContainers"))
    for number, container in enumerate(maps_at(status, "initContainerStatuses")):
        state = container.get("state")
        state = state if isinstance(state, dict) else {}
        ended = state.get("terminated")
        if isinstance(ended, dict) and ended.get("exitCode") == 0:
            continue
        if text_at(container, "name") in sidecars and container.get("started") is True:
            continue
        if isinstance(ended, dict):
            return f"Init:{_ended(ended)}"
        reason = text_at(state, "waiting", "reason")
        return f"Init:{reason}" if reason not in ("", "PodInitializing") else f"Init:{number}/{total}"
    return ""


def _container_reason(container: Manifest) -> str:
    state = container.get("state")
    state = state if isinstance(state, dict) else {}
    if reason := text_at(state, "waiting", "reason"):
        return reason
    ended = state.get("terminated")
    return _ended(ended) if isinstance(ended, dict) else ""


def _ended(ended: Manifest) -> str:
    if reason := text_at(ended, "reason"):
        return reason
    signal = ended.get("signal")
    return f"Signal:{signal}" if signal else f"ExitCode:{ended.get('exitCode', 0)}"


def _is_ready(status: Manifest) -> bool:
    return any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in maps_at(status, "conditions")
    )


def _texts(obj: Manifest, *path: str) -> dict[str, str]:
    found: Any = obj
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return (
        {key: value for key, value in found.items() if isinstance(value, str)}
        if isinstance(found, dict)
        else {}
    )


def _backends(obj: Manifest) -> Iterator[str]:
    """The names of the Services an Ingress leads to, in either of its versions."""
    backends = [value_at(obj, "spec", name) for name in ("defaultBackend", "backend")]
    for rule in maps_at(obj, "spec", "rules"):
        backends += [path.get("backend") for path in maps_at(rule, "http", "paths")]
    for backend in backends:
        if isinstance(backend, dict):
            name = text_at(backend, "service", "name") or text_at(backend, "serviceName")
            if name:
                yield name


def _own_urls(key: tuple[str, str], obj: Manifest) -> list[str]:
    """Addresses of an Ingress without hosts, by those of its load balancer."""
    if key not in _INGRESSES or annotation_of(obj, IGNORE_DEFAULT_LINKS) == "true":
        return []
    if any(text_at(rule, "host") for rule in maps_at(obj, "spec", "rules")):
        return []
    scheme = "https" if list_at(obj, "spec", "tls") else "http"
    entries = maps_at(obj, "status", "loadBalancer", "ingress")
    hosts = [text_at(entry, "hostname") or text_at(entry, "ip") for entry in entries]
    return [url for host in hosts if host and is_allowed(url := f"{scheme}://{host}/")]


def _service(namespace: str, name: str) -> dict[str, str]:
    return {"kind": "Service", "namespace": namespace, "name": name}
