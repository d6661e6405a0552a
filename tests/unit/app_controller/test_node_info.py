"""What the nodes of a tree say."""

from typing import Any

import msgspec
import pytest

from fairlead.app_controller.answering.node_info import info_of, networking_of, shows, status_reason
from fairlead.app_controller.destination.requested import requests_of
from fairlead.kube.head import decode_head
from fairlead.kube.live_object import LiveObject, live_object
from fairlead.kube.resource import Resource

POD = Resource(group="", version="v1", plural="pods", kind="Pod", namespaced=True)


def live(group: str, kind: str) -> LiveObject:
    api = f"{group}/v1" if group else "v1"
    obj = {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": "n", "uid": "u"}}
    raw = msgspec.json.encode(obj)
    resource = Resource(group=group, version="v1", plural="x", kind=kind, namespaced=True)
    return live_object(resource, decode_head(raw), raw, lambda _: None)


def pod(**status: Any) -> dict[str, Any]:
    return {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"nodeName": "node-1", "containers": [{"resources": {"requests": {"cpu": "250m"}}}]},
        "status": {"phase": "Running", **status},
    }


def container(**fields: Any) -> dict[str, Any]:
    return {"name": "main", "ready": True, "restartCount": 0, "state": {"running": {}}, **fields}


def test_a_pod_says_where_and_how_it_runs() -> None:
    found = info_of(live("", "Pod"), pod(containerStatuses=[container(restartCount=2)]))
    assert {item["name"]: item["value"] for item in found} == {
        "Status Reason": "Running",
        "Node": "node-1",
        "Containers": "1/1",
        "Restart Count": "2",
        "cpu": "250",
        "memory": "0",
    }
    assert networking_of(live("", "Pod"), pod()) == {"labels": {"app": "web"}}


WAITING = {"waiting": {"reason": "CrashLoopBackOff"}}
FIRST_WAITS = {"name": "i", "state": {"waiting": {"reason": "PodInitializing"}}}
FIRST_FAILED = {"name": "i", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({}, "Running"),
        ({"reason": "Evicted", "phase": "Failed"}, "Evicted"),
        ({"containerStatuses": [container(state=WAITING)]}, "CrashLoopBackOff"),
        ({"containerStatuses": [container(state={"terminated": {"exitCode": 3}})]}, "ExitCode:3"),
        ({"containerStatuses": [container(state={"terminated": {"signal": 9}})]}, "Signal:9"),
        ({"initContainerStatuses": [FIRST_WAITS]}, "Init:0/0"),
        ({"initContainerStatuses": [FIRST_FAILED]}, "Init:Error"),
    ],
)
def test_a_pods_status_is_that_of_kubectl(status: dict[str, Any], reason: str) -> None:
    assert status_reason(pod(**status)) == reason


def test_requests_count_what_runs_first_when_it_needs_more() -> None:
    requests = [{"resources": {"requests": {"cpu": "1", "memory": "1Ki"}}}]
    spec = {"containers": [{"resources": {"requests": {"cpu": "250m", "memory": "2Ki"}}}]}
    assert requests_of({"spec": spec | {"initContainers": requests}}) == (1000, 2048_000)
    assert requests_of({"spec": {"containers": [{"resources": {"requests": {"cpu": "much"}}}]}}) == (0, 0)
    assert requests_of({"spec": {"containers": "none"}}) == (0, 0)


def test_services_and_ingresses_say_whom_they_lead_to() -> None:
    service = {
        "spec": {"selector": {"app": "web"}},
        "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}},
    }
    assert networking_of(live("", "Service"), service) == {
        "targetLabels": {"app": "web"},
        "ingress": [{"ip": "1.2.3.4"}],
    }
    path = {"path": "/", "backend": {"service": {"name": "web"}}}
    ingress = {"kind": "Ingress", "spec": {"rules": [{"host": "x.example", "http": {"paths": [path]}}]}}
    assert networking_of(live("networking.k8s.io", "Ingress"), ingress) == {
        "targetRefs": [{"kind": "Service", "namespace": "n", "name": "web"}],
        "externalURLs": ["http://x.example/"],
    }
    assert networking_of(live("apps", "Deployment"), {"spec": {}}) is None
    assert networking_of(live("networking.k8s.io", "Ingress"), {"spec": ["nonsense"]}) is None


def test_the_tree_shows_something_of_kinds_with_a_state_an_address_or_a_health() -> None:
    for group, kind in (("", "Pod"), ("", "Service"), ("apps", "ReplicaSet"), ("argoproj.io", "Rollout")):
        assert shows(group, kind)
    for group, kind in (("", "ConfigMap"), ("", "Secret"), ("rbac.authorization.k8s.io", "Role")):
        assert not shows(group, kind)
