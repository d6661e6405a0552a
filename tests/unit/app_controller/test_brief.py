"""What is kept of objects that nobody manages shows what the whole objects show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.app_controller.answering.node_info import info_of, networking_of, shows
from fairlead.app_controller.comparing.marks import images_of
from fairlead.app_controller.destination.keep import Keep
from fairlead.app_controller.destination.requested import requests_of
from fairlead.health import assess
from fairlead.health.kinds import RULES
from fairlead.kube.head import decode_head
from fairlead.kube.keeping import Keeping
from fairlead.kube.live_object import Kept, LiveObject, NotWholeError
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import GroupKind, gvk_of
from fairlead.manifest.tracking import TRACKING_ID, owner_of, self_referenced
from fairlead.settings import ControllerSettings

HEALTH = sorted((Path(__file__).parents[2] / "golden" / "health").rglob("*.yaml"))
OF_PODS = [
    GroupKind(*key)
    for key in (
        ("", "Pod"),
        ("", "Node"),
        ("", "Service"),
        ("apps", "ReplicaSet"),
        ("argoproj.io", "Rollout"),
        ("networking.k8s.io", "Ingress"),
        ("extensions", "Ingress"),
        ("", "ConfigMap"),
    )
]
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def kept(obj: dict[str, Any], settings: ControllerSettings | None = None) -> LiveObject:
    gvk = gvk_of(obj)
    resource = Resource(group=gvk.group, version=gvk.version, plural="x", kind=gvk.kind, namespaced=True)
    raw = msgspec.json.encode(obj)
    keeping = Keeping(lambda _: None, Keep(lambda: settings or ControllerSettings()))
    return keeping.object(resource, decode_head(raw), raw)


def with_bulk(obj: dict[str, Any]) -> dict[str, Any]:
    metadata = dict(obj.get("metadata") or {})
    metadata.setdefault("name", "x")
    metadata |= {"uid": "3c9e23d6-8e0e-4b0c-9d6b-0b7c1f6b2a11", "resourceVersion": "71"}
    metadata["managedFields"] = [{"manager": "kubelet", "fieldsV1": {"f:status": {}}}]
    metadata["annotations"] = {**(metadata.get("annotations") or {}), LAST_APPLIED: "{}"}
    return {**obj, "metadata": metadata}


@pytest.mark.parametrize("path", HEALTH, ids=[f"{path.parent.name}-{path.stem}" for path in HEALTH])
def test_a_brief_is_as_healthy_as_the_object(path: Path) -> None:
    obj = with_bulk(yaml.safe_load(path.read_text())["live"])
    live = kept(obj)
    found = live.brief()
    assert assess(found) == assess(obj)
    assert info_of(live, found) == info_of(live, obj)
    assert networking_of(live, found) == networking_of(live, obj)
    assert "managedFields" not in found["metadata"] or live.is_whole
    assert (found["metadata"]["uid"], found["metadata"]["resourceVersion"]) == (live.uid, "71")


def test_a_pod_shows_its_images_node_and_requests_and_nothing_else_is_kept_of_it() -> None:
    secret = {"name": "PASSWORD", "value": "hunter2"}
    container = {
        "name": "web",
        "image": "web:1",
        "env": [secret],
        "resources": {"requests": {"cpu": "250m", "memory": "1Gi"}},
    }
    obj = with_bulk(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "labels": {"app": "web"}},
            "spec": {"nodeName": "n", "containers": [container], "initContainers": [container]},
            "status": {"phase": "Running", "containerStatuses": [{"name": "web", "ready": True}]},
        }
    )
    live = kept(obj)
    found = live.brief()
    assert (info_of(live, found), networking_of(live, found)) == (
        info_of(live, obj),
        networking_of(live, obj),
    )
    assert images_of(found) == images_of(obj) == ["web:1", "web:1"]
    assert requests_of(found) == requests_of(obj) == (250_000 // 1000, requests_of(obj)[1])
    assert b"hunter2" not in live.text
    with pytest.raises(NotWholeError):
        live.decoded()


def test_of_a_config_map_nothing_is_kept_but_its_links_and_what_holds_its_end() -> None:
    base: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"a": "1"},
    }
    assert kept(base).kept is Kept.NOTHING
    assert kept(base).brief() == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": kept(base).brief()["metadata"],
    }
    link = {"link.argocd.argoproj.io/docs": "https://example.com"}
    linked = {**base, "metadata": {"name": "a", "annotations": link}}
    assert kept(linked).brief()["metadata"]["annotations"] == link
    leaving = {
        **base,
        "metadata": {"name": "a", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["f"]},
    }
    assert assess(kept(leaving).brief()) == assess(leaving)


def test_a_kind_that_a_script_judges_is_kept_whole() -> None:
    obj = with_bulk({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"x": 1}})
    settings = ControllerSettings(health_scripts={"/Pod": "return {}"})
    assert kept(obj, settings).decoded() == obj
    assert Keep(lambda: settings)(GroupKind("", "ConfigMap")) is Kept.NOTHING


def test_what_is_no_pod_although_it_says_so_is_kept_as_it_is() -> None:
    obj = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": "none"}}
    assert kept(obj).brief()["spec"] == {"containers": "none"}


@pytest.mark.parametrize("kind", sorted({*RULES, *OF_PODS}))
def test_a_brief_is_kept_of_every_kind_of_which_the_tree_shows_something(kind: GroupKind) -> None:
    assert not shows(*kind) or Keep(ControllerSettings)(kind) is Kept.BRIEF


def test_of_a_child_that_carries_a_mark_the_brief_has_the_mark() -> None:
    mark = {TRACKING_ID: "app:/ConfigMap:shop/other"}
    metadata = {"name": "a", "namespace": "shop", "annotations": mark, "ownerReferences": [{"uid": "u"}]}
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}}
    raw = msgspec.json.encode(obj)
    resource = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)
    live = Keeping(owner_of, Keep(ControllerSettings)).object(resource, decode_head(raw), raw)
    assert (live.instance, live.is_whole) == ("app", False)
    assert not self_referenced(live.brief())
