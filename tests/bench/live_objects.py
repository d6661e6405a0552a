"""What live objects cost: bytes of the process for each, and time for an event about one that nobody manages.

Measured in a process of its own, on objects as a controller meets them: a Deployment and a Service that an
application manages, and beside them a ReplicaSet, two pods, an EndpointSlice, a ConfigMap and a Secret that
nobody does. `python -m tests.bench.live_objects COUNT` prints the figures as JSON.
"""

import asyncio
import gc
import random
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import msgspec

from fairlead.app_controller.destination.keep import Keep
from fairlead.kube.keeping import Keeping
from fairlead.kube.kind_watch import KindWatch
from fairlead.kube.live_index import LiveChange, LiveIndex
from fairlead.kube.resource import Resource
from fairlead.kube.watch_events import Synced, read_item, read_line
from fairlead.manifest.tracking import TRACKING_ID, owner_of
from fairlead.settings import ControllerSettings
from tests.bench.errors import BenchError
from tests.bench.report import Figure, Measured

TITLE = "memory of live objects"
OBJECTS = 50_000
BYTES_EACH = 500
EVENT_MICROSECONDS = 50
EVENTS = 5_000
NAMESPACES = 500
PAGE = 4096
Object = dict[str, Any]


def _resource(group: str, kind: str, plural: str) -> Resource:
    return Resource(group=group, version="v1", plural=plural, kind=kind, namespaced=True)


DEPLOYMENTS = _resource("apps", "Deployment", "deployments")
REPLICA_SETS = _resource("apps", "ReplicaSet", "replicasets")
PODS = _resource("", "Pod", "pods")
SERVICES = _resource("", "Service", "services")
SLICES = _resource("discovery.k8s.io", "EndpointSlice", "endpointslices")
CONFIG_MAPS = _resource("", "ConfigMap", "configmaps")
SECRETS = _resource("", "Secret", "secrets")
KINDS = (DEPLOYMENTS, REPLICA_SETS, PODS, SERVICES, SLICES, CONFIG_MAPS, SECRETS)


class _Told(msgspec.Struct, frozen=True):
    bytes_each: float
    managed_bytes: float
    pod_event: float
    config_map_event: float
    list_each: float


class Population:
    """Objects of so many small applications, none like another in what is random in a cluster."""

    def __init__(self) -> None:
        self._random = random.Random(7)  # noqa: S311
        self._version = 1_000_000

    def application(self, number: int) -> Iterator[tuple[Resource, Object]]:
        """The eight objects of one."""
        app, namespace = f"shop-{number:05d}", f"team-{number % NAMESPACES}"
        deployment = self._object(DEPLOYMENTS, namespace, app, app=app, managers=2)
        deployment |= {"spec": {"replicas": 2, "template": self._template(app)}, "status": self._ready()}
        yield DEPLOYMENTS, deployment
        service = self._object(SERVICES, namespace, app, app=app)
        yield SERVICES, service | {"spec": {"ports": [{"port": 80}], "selector": {"app": app}}}
        replicas = self._object(REPLICA_SETS, namespace, f"{app}-6d4cf56db6", owner=deployment)
        yield REPLICA_SETS, replicas | {"spec": {"template": self._template(app)}, "status": self._ready()}
        for _ in range(2):
            name = f"{app}-6d4cf56db6-{self._random.randrange(16**5):05x}"
            pod = self._object(PODS, namespace, name, owner=replicas, managers=2)
            node = {"nodeName": f"node-{self._random.randrange(200)}", "restartPolicy": "Always"}
            yield PODS, pod | {"spec": {**self._template(app)["spec"], **node}, "status": self._running()}
        yield SLICES, self._object(SLICES, namespace, f"{app}-x8k2d", owner=service) | {"endpoints": [{}]}
        yield CONFIG_MAPS, self._object(CONFIG_MAPS, namespace, f"{app}-made") | {"data": {"a": "x" * 200}}
        secret = self._object(SECRETS, namespace, f"sh.helm.release.v1.{app}")
        yield SECRETS, secret | {"data": {"release": "x" * 2000}}

    def newer(self, obj: Object) -> bytes:
        """A watch event about a newer version of an object."""
        self._version += 1
        metadata = {**obj["metadata"], "resourceVersion": str(self._version)}
        return msgspec.json.encode({"type": "MODIFIED", "object": {**obj, "metadata": metadata}})

    def _object(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        *,
        app: str = "",
        owner: Object | None = None,
        managers: int = 1,
    ) -> Object:
        self._version += 1
        hour, minute, second = (self._random.randrange(most) for most in (24, 60, 60))
        metadata: Object = {
            "name": name,
            "namespace": namespace,
            "uid": str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            "resourceVersion": str(self._version),
            "generation": 1,
            "creationTimestamp": f"2026-01-01T{hour:02d}:{minute:02d}:{second:02d}Z",
            "labels": {"app": name[:10], "pod-template-hash": "6d4cf56db6"},
            "managedFields": [_managed(f"manager-{number}") for number in range(managers)],
        }
        if app:
            mark = f"{app}:{resource.group}/{resource.kind}:{namespace}/{name}"
            metadata["annotations"] = {TRACKING_ID: mark}
        if owner is not None:
            above = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "controller": True}
            named = {"name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
            metadata["ownerReferences"] = [{**above, **named}]
        return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}

    def _template(self, app: str) -> Object:
        container = {
            "name": "web",
            "image": f"registry.example.com/{app}:v1.{self._random.randrange(90)}",
            "ports": [{"containerPort": 8080, "protocol": "TCP"}],
            "env": [{"name": f"SETTING_{number}", "value": f"value-{number}"} for number in range(8)],
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10},
            "volumeMounts": [{"name": "token", "mountPath": "/var/run/secrets/kubernetes.io"}],
        }
        keys = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        tolerations = [{"key": key, "operator": "Exists", "tolerationSeconds": 300} for key in keys]
        return {"spec": {"containers": [container], "tolerations": tolerations}}

    @staticmethod
    def _ready() -> Object:
        condition = {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"}
        return {"replicas": 2, "readyReplicas": 2, "observedGeneration": 1, "conditions": [condition]}

    @staticmethod
    def _running() -> Object:
        types = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
        state = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
        container = {"name": "web", "ready": True, "restartCount": 0, "state": state, "imageID": "a" * 71}
        conditions = [{"type": type_, "status": "True"} for type_ in types]
        return {"phase": "Running", "conditions": conditions, "containerStatuses": [container]}


def _managed(manager: str) -> Object:
    container = {name: {} for name in (".", "f:image", "f:name", "f:ports", "f:resources", "f:env")}
    spec = {"f:containers": {'k:{"name":"web"}': container}, "f:restartPolicy": {}, "f:tolerations": {}}
    fields = {"f:metadata": {"f:labels": {"f:app": {}}}, "f:spec": spec}
    return {"manager": manager, "operation": "Update", "apiVersion": "apps/v1", "fieldsV1": fields}


def weigh(count: int) -> _Told:
    """Read so many objects and weigh what they leave; only sensible in a fresh process."""
    population = Population()
    texts: list[tuple[Resource, msgspec.Raw]] = []
    some: dict[Resource, list[Object]] = {PODS: [], CONFIG_MAPS: []}
    for number in range(count // 8):  # nothing is freed that what is weighed could be put into
        for resource, obj in population.application(number):
            texts.append((resource, msgspec.Raw(msgspec.json.encode(obj))))
            if len(chosen := some.get(resource, [])) < EVENTS and resource in some:
                chosen.append(obj)
    index, keeping = LiveIndex(), Keeping(owner_of, Keep(ControllerSettings))
    watches = {resource: _watch(resource, index, keeping) for resource in KINDS}
    gc.collect()
    before, began = _resident(), time.process_time()
    for resource, text in texts:
        watches[resource].take(read_item(text, resource))
    spent = time.process_time() - began
    gc.collect()
    grown = _resident() - before
    whole = [obj for obj in index if obj.is_whole]
    packed = sum(len(obj.packed) for obj in whole)
    for watch in watches.values():
        watch.take(Synced(str(10**9)))
    return _Told(
        bytes_each=(grown - packed) / len(texts),
        managed_bytes=packed / len(whole),
        pod_event=_event(watches[PODS], population, some[PODS]),
        config_map_event=_event(watches[CONFIG_MAPS], population, some[CONFIG_MAPS]),
        list_each=spent / len(texts) * 1e6,
    )


def _watch(resource: Resource, index: LiveIndex, keeping: Keeping) -> KindWatch:
    def nobody(_change: LiveChange, _initial: bool) -> None: ...

    return KindWatch(resource, index, namespace=None, keeping=keeping, publish=nobody, on_state=lambda: None)


def _event(watch: KindWatch, population: Population, objects: list[Object]) -> float:
    """Microseconds of the processor for an event, from its line on."""
    lines = [population.newer(obj) for obj in objects]
    began = time.process_time()
    for line in lines:
        _version, event = read_line(line)
        if event is not None:
            watch.take(event)
    return (time.process_time() - began) / len(lines) * 1e6


def _resident() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * PAGE


async def measure(count: int = OBJECTS) -> Measured:
    """Raises BenchError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.live_objects", str(count), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise BenchError(f"live objects could not be weighed: exit code {process.returncode}")
    told = msgspec.json.decode(out, type=_Told)
    beyond, bar = "bytes each, beyond the text of what is managed", EVENT_MICROSECONDS
    figures = (
        Figure(name=beyond, value=told.bytes_each, unit="B", bar=BYTES_EACH),
        Figure(name="packed text of a managed object", value=told.managed_bytes, unit="B"),
        Figure(name="event on a pod that nobody manages", value=told.pod_event, unit="us", bar=bar),
        Figure(name="the same on a ConfigMap", value=told.config_map_event, unit="us", bar=bar),
        Figure(name="reading an object of a list", value=told.list_each, unit="us"),
    )
    return Measured(title=f"{TITLE} ({count:,})", figures=figures)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(weigh(int(sys.argv[1]))))
