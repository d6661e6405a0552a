"""One application, compared with a cluster reduced to what a comparison looks at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

import msgspec

from fairlead.app_controller.comparing.grounds import Terms
from fairlead.app_controller.comparing.item import Subject
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.destination.scripted import HealthScripts
from fairlead.app_controller.permission import Permission
from fairlead.diff.compare import Fingerprints
from fairlead.diff.list_keys import WELL_KNOWN
from fairlead.kube.head import decode_head
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_object import Kept, LiveObject, as_live
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.prepare import Desired, Prepared, make_desired
from fairlead.model.appproject import AppProject
from fairlead.model.decode import decode_app_project
from fairlead.render.jq import Jq
from fairlead.settings import ControllerSettings

Object = dict[str, Any]
KEY = ResourceKey("", "ConfigMap", "work", "settings")
ITSELF = ResourceKey("argoproj.io", "Application", "argocd", "app")


class Live:
    """Live objects, and how much is known of all kinds."""

    def __init__(self, *objects: LiveObject) -> None:
        self.objects = {item.key: item for item in objects}
        self.state = KindState.KNOWN
        self.reason = ""

    def get(self, key: ResourceKey) -> LiveObject | None:
        return self.objects.get(key)

    async def complete(self, _: Iterable[ResourceKey]) -> dict[ResourceKey, str]:
        return {}

    def owned_by(self, instance: str) -> list[LiveObject]:
        return [item for item in self.objects.values() if item.instance == instance]

    def state_of(self, _: GroupKind) -> KindState:
        return self.state

    def unknown_kinds(self) -> dict[GroupKind, str]:
        return {KEY.group_kind: self.reason} if self.state is KindState.UNKNOWN else {}


class Keys:
    """What is known of lists without asking."""

    keys_at = WELL_KNOWN.keys_at
    is_atomic = WELL_KNOWN.is_atomic

    async def learn(self, _: set[tuple[str, str]]) -> bool:
        return False


class Discovery:
    """Serves config maps."""

    def __init__(self) -> None:
        self.served = True

    def resource_for(self, *_: str) -> Resource | None:
        found = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)
        return found if self.served else None


class FakeCluster:
    """As much of a cluster as a comparison without questions needs."""

    def __init__(self, *objects: LiveObject) -> None:
        self.live = Live(*objects)
        self.fingerprints = Fingerprints()
        self.list_keys = Keys()
        self.discovery = Discovery()
        self.health = HealthScripts()


def config_map(**changes: str) -> Object:
    marks = {"argocd.argoproj.io/tracking-id": "app:/ConfigMap:work/settings"}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "work", "annotations": marks},
        "data": {"colour": "blue", **changes},
    }


def wanted(obj: Object | None = None) -> Desired:
    return make_desired(KEY, obj or config_map(), namespaced=True)


def live(
    obj: Object | None = None,
    *,
    version: str = "5",
    uid: str = "u",
    instance: str = "app",
    spelling: str = "v1",
) -> LiveObject:
    obj = obj or config_map()
    raw = json.dumps(
        {**obj, "metadata": {**obj["metadata"], "uid": uid, "resourceVersion": version}}
    ).encode()
    resource = Resource(group="", version=spelling, plural="configmaps", kind="ConfigMap", namespaced=True)
    return as_live(resource, decode_head(raw), raw, instance, Kept.WHOLE)


def project(*kinds: str) -> AppProject:
    """A project that allows namespaced objects of these kinds."""
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "default"},
        "spec": {
            "destinations": [{"namespace": "*", "server": "*"}],
            "namespaceResourceWhitelist": [{"group": "*", "kind": kind} for kind in kinds],
        },
    }
    return decode_app_project(json.dumps(body).encode())


def terms(**changes: Any) -> Terms:
    found: dict[str, Any] = {
        "instance": "app",
        "itself": ITSELF,
        "settings": ControllerSettings(),
        "permitted": Permission(project=project("*"), server="https://one", cluster_name="one"),
        **changes,
    }
    return Terms(**found)


def subject(cluster: FakeCluster, *desired: Desired, **changes: Any) -> Subject:
    prepared = Prepared(objects=desired, remarks=())
    nobody = cast(Jq, None)
    return Subject(prepared=prepared, cluster=cast(Cluster, cluster), terms=terms(**changes), jq=nobody)


def otherwise(about: Subject, **changes: Any) -> Subject:
    """The very same, on other terms."""
    return msgspec.structs.replace(about, terms=terms(**changes))
