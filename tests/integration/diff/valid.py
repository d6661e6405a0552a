"""Makes of a random object one that the API server takes: by its own words about what is wrong with it."""

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from fairlead.kube.errors import BadRequestError, Cause, KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from tests.integration.diff.schemas import Maker

ATTEMPTS = 25
"""Refusals that are answered before an object is given up."""
MANAGER = "argocd-controller"
_SUPPORTED = re.compile(r'"([^"]*)"')
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")

Object = dict[str, Any]
Wait = Callable[[Coroutine[Any, Any, Any]], Any]
"""Has work done on the loop, and waits for it: whoever draws does so in a thread of their own."""
Path = tuple[str | int, ...]

LABELS = {"app": "x"}
CONTAINER = {"name": "main", "image": "nginx:1.27"}
POD = {"containers": [CONTAINER]}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": POD}
SELECTOR = {"matchLabels": LABELS}
NOBODYS = {
    "apiGroups": ["none.example.com"],
    "apiVersions": ["v1"],
    "resources": ["nothings"],
    "operations": ["CREATE"],
}
WEBHOOK = {
    "name": "a.example.com",
    "clientConfig": {"url": "https://127.0.0.1:1/never"},
    "rules": [NOBODYS],
    "sideEffects": "None",
    "admissionReviewVersions": ["v1"],
    "failurePolicy": "Ignore",
}
POLICY = {
    "failurePolicy": "Ignore",
    "matchConstraints": {"resourceRules": [NOBODYS]},
}
SKELETONS: Mapping[str, Object] = {
    "Pod": {"spec": POD},
    "PodTemplate": {"template": TEMPLATE},
    "ReplicationController": {"spec": {"selector": LABELS, "template": TEMPLATE}},
    "Deployment": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "ReplicaSet": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "DaemonSet": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "StatefulSet": {"spec": {"selector": SELECTOR, "template": TEMPLATE, "serviceName": "x"}},
    "Job": {"spec": {"template": {"spec": {**POD, "restartPolicy": "Never"}}}},
    "CronJob": {
        "spec": {
            "schedule": "0 0 1 1 *",
            "jobTemplate": {"spec": {"template": {"spec": {**POD, "restartPolicy": "Never"}}}},
        }
    },
    "Service": {"spec": {"ports": [{"port": 80}]}},
    "PersistentVolume": {
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/tmp/none"},
        }
    },
    "PersistentVolumeClaim": {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    },
    "MutatingWebhookConfiguration": {"webhooks": [WEBHOOK]},
    "ValidatingWebhookConfiguration": {"webhooks": [WEBHOOK]},
    "ValidatingAdmissionPolicy": {"spec": {**POLICY, "validations": [{"expression": "true"}]}},
    "RoleBinding": {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "none"}
    },
    "ClusterRoleBinding": {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "none"}
    },
    "HorizontalPodAutoscaler": {
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"},
            "maxReplicas": 3,
        }
    },
    "Ingress": {"spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}}},
    "NetworkPolicy": {"spec": {"podSelector": {}}},
    "Endpoints": {"subsets": [{"addresses": [{"ip": "10.9.8.7"}], "ports": [{"port": 80}]}]},
    "EndpointSlice": {"addressType": "IPv4", "endpoints": [{"addresses": ["10.9.8.7"]}]},
    "Lease": {"spec": {"leaseDurationSeconds": 10}},
    "StorageClass": {"provisioner": "example.com/none"},
    "CSIDriver": {"spec": {}},
    "PriorityClass": {"value": 10},
    "RuntimeClass": {"handler": "none"},
    "IngressClass": {"spec": {"controller": "example.com/none"}},
    "IPAddress": {"spec": {"parentRef": {"resource": "services", "namespace": "default", "name": "none"}}},
    "ServiceCIDR": {"spec": {"cidrs": ["10.250.0.0/28"]}},
    "CSIStorageCapacity": {"storageClassName": "none"},
    "VolumeAttachment": {
        "spec": {"attacher": "example.com", "nodeName": "none", "source": {"persistentVolumeName": "none"}}
    },
    "VolumeAttributesClass": {"driverName": "example.com", "parameters": {"a": "b"}},
    "ResourceSlice": {
        "spec": {
            "driver": "example.com",
            "pool": {"name": "p", "generation": 1, "resourceSliceCount": 1},
            "nodeName": "none",
            "devices": [{"name": "d"}],
        }
    },
}
FIXED = {
    "MutatingWebhookConfiguration": {"webhooks": [WEBHOOK]},
    "ValidatingWebhookConfiguration": {"webhooks": [WEBHOOK]},
    "ValidatingAdmissionPolicy": POLICY,
}
"""What stays as it is, so that nobody else's requests are touched."""


def overlaid(obj: Any, base: Any) -> Any:
    """`obj` with all that `base` has; items of lists one by one."""
    if isinstance(obj, dict) and isinstance(base, Mapping):
        return {**obj, **{name: overlaid(obj.get(name), value) for name, value in base.items()}}
    if isinstance(obj, list) and isinstance(base, list) and obj and base:
        return [overlaid(obj[0], base[0]), *base[1:], *obj[1:]]
    return base


class RefusedError(Exception):
    """The server takes no such object, whatever is left out."""


class Valid:
    """Has random objects accepted."""

    def __init__(self, client: KubeClient, resource: Resource, namespace: str, wait: Wait) -> None:
        self._client = client
        self._wait = wait
        self._resource = resource
        self._namespace = namespace if resource.namespaced else ""

    def made(self, maker: Maker, name: str) -> Object:
        """An object that the server would take. Raises RefusedError."""
        base = SKELETONS.get(self._resource.kind, {})
        obj = overlaid(maker.object(), base)
        metadata = {**maker.metadata(), "name": name}
        if self._namespace:
            metadata["namespace"] = self._namespace
        head = {"apiVersion": self._resource.api_version, "kind": self._resource.kind}
        obj = {**head, "metadata": metadata, **obj}
        plain = {
            **head,
            "metadata": {key: metadata[key] for key in ("name", "namespace") if key in metadata},
            **base,
        }
        for attempt in range(ATTEMPTS + 1):
            try:
                self._wait(self.tried(obj))
            except BadRequestError as error:
                if attempt == ATTEMPTS - 1:
                    obj = plain
                    continue
                obj = self._mended(obj, error, maker)
                continue
            except KubeError as error:
                raise RefusedError(str(error)) from error
            return obj
        raise RefusedError(f"{self._resource.kind} {msgspec.json.encode(obj).decode()[:2000]}")

    async def tried(self, obj: Object) -> Object:
        """The server's answer to a dry run. Raises KubeError."""
        answer = await self._client.apply(
            self._resource,
            obj["metadata"]["name"],
            obj,
            self._namespace or None,
            field_manager=MANAGER,
            force=True,
            params={"dryRun": "All", "fieldValidation": "Ignore"},
        )
        found: Object = msgspec.json.decode(answer.body)
        return found

    def _mended(self, obj: Object, error: BadRequestError, maker: Maker) -> Object:
        if not error.causes:
            return self._with_less(obj, error)
        for cause in error.causes:
            obj = _mended_at(obj, cause, maker)
        return obj

    def _with_less(self, obj: Object, error: BadRequestError) -> Object:
        """The server does not say where: leave out a part that is not needed."""
        named = re.findall(r"\.([A-Za-z0-9_.\[\]]+)", error.message)
        for text in named:
            path = tuple(step for step in _path(text))
            if path and _has(obj, path):
                return _without(obj, path)
        spec = obj.get("spec")
        base = SKELETONS.get(self._resource.kind, {}).get("spec", {})
        if isinstance(spec, dict):
            for name in spec:
                if name not in base:
                    return {**obj, "spec": {key: value for key, value in spec.items() if key != name}}
        for name in obj:
            if name not in ("apiVersion", "kind", "metadata") and name not in SKELETONS.get(
                self._resource.kind, {}
            ):
                return {key: value for key, value in obj.items() if key != name}
        return obj


def _mended_at(obj: Object, cause: Cause, maker: Maker) -> Object:
    path = _path(cause.field)
    if not path or path[0] in ("apiVersion", "kind"):
        return obj
    if cause.reason == "FieldValueNotSupported":
        values = _SUPPORTED.findall(cause.message.partition("supported values:")[2])
        if values:
            return _with(obj, path, values[0])
    if cause.reason == "FieldValueRequired" and not _has_value(obj, path):
        try:
            return _with(obj, path, maker.at(path))
        except (KeyError, TypeError, IndexError, AttributeError):
            return obj
    while path and not _has(obj, path):
        path = path[:-1]
    return _without(obj, path) if path and path not in (("metadata",), ("metadata", "name")) else obj


def _path(field: str) -> Path:
    steps: list[str | int] = []
    for inner, plain in _STEP.findall(field):
        steps.append(int(inner) if inner.isdecimal() else inner or plain)
    return tuple(steps)


def _has(obj: Any, path: Path) -> bool:
    for step in path:
        if isinstance(step, int):
            if not isinstance(obj, list) or step >= len(obj):
                return False
        elif not isinstance(obj, dict) or step not in obj:
            return False
        obj = obj[step]
    return True


def _has_value(obj: Any, path: Path) -> bool:
    if not _has(obj, path):
        return False
    for step in path:
        obj = obj[step]
    return obj not in (None, "", [], {})


def _without(obj: Any, path: Path) -> Any:
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [*obj[:step], *([_without(obj[step], rest)] if rest else []), *obj[step + 1 :]]
    if rest:
        return {**obj, step: _without(obj[step], rest)}
    return {name: value for name, value in obj.items() if name != step}


def _with(obj: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = obj if isinstance(obj, list) else []
        if step >= len(items):
            return [*items, _with(None, rest, value)]
        return [*items[:step], _with(items[step], rest, value), *items[step + 1 :]]
    fields = obj if isinstance(obj, dict) else {}
    return {**fields, step: _with(fields.get(step), rest, value)}
