"""The live state of the real cluster."""

import msgspec
import pytest
from aiohttp import web

from fairlead.kube import live_state
from fairlead.kube.apply import apply
from fairlead.kube.connection import Connection
from fairlead.kube.custom_resources import API_SERVICE, CRD
from fairlead.kube.delete import delete
from fairlead.kube.discovery import Discovery
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_index import ChangeType, LiveChange
from fairlead.kube.live_state import LiveState
from fairlead.kube.resource_filter import ResourceFilter, ResourceRule
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.tracking import TRACKING_ID, owner_of
from tests.integration.kube.cluster import CONFIG_MAPS, config_map, live_through, running, until
from tests.integration.kube.fault_proxy import FaultProxy

DEPLOYMENT = GroupKind("apps", "Deployment")


def _marked(name: str, app: str, namespace: str) -> dict[str, object]:
    mark = f"{app}:/ConfigMap:{namespace}/{name}"
    return {**config_map(name), "metadata": {"name": name, "annotations": {TRACKING_ID: mark}}}


def _definition(kind: str, *versions: str) -> dict[str, object]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    plural = f"{kind.lower()}s"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.live.example.io"},
        "spec": {
            "group": "live.example.io",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "scope": "Namespaced",
            "versions": [
                {"name": name, "served": True, "storage": name == versions[0], "schema": schema}
                for name in versions
            ],
        },
    }


async def test_every_watchable_kind_is_known_after_the_first_sync(connection: Connection) -> None:
    async with live_through(connection) as live:
        assert live.unknown_kinds() == {}
        assert live.is_known(DEPLOYMENT)
        assert {"default", "kube-system"} <= live.namespaces
        assert live.state_of(GroupKind("", "Event")) is KindState.EXCLUDED
        assert live.state_of(GroupKind("ex.io", "None")) is KindState.ABSENT
        assert live.state_of(GroupKind("", "Binding")) is KindState.UNWATCHABLE
        node = live.get(ResourceKey("", "Node", "", "node-0"))
        assert node is not None
        assert node.decoded()["kind"] == "Node"


async def test_objects_are_found_by_the_application_that_marks_them(
    connection: Connection, writer: ClusterWriter, namespace: str
) -> None:
    async with live_through(connection) as live:
        seen: list[LiveChange] = []
        live.subscribe(seen.append)
        await apply(writer, CONFIG_MAPS, "a", _marked("a", "shop", namespace), namespace)
        key = ResourceKey("", "ConfigMap", namespace, "a")
        await until(lambda: live.get(key))
        assert [obj.key for obj in live.owned_by("shop")] == [key]
        await delete(writer, CONFIG_MAPS, "a", namespace, propagation="background")
        await until(lambda: live.get(key) is None)
        assert live.owned_by("shop") == []
        types = [change.type for change in seen if change.key == key]
        assert types == [ChangeType.ADDED, ChangeType.DELETED]


async def test_our_own_write_is_seen_at_once_and_told_only_once(
    connection: Connection, writer: ClusterWriter, namespace: str
) -> None:
    async with live_through(connection) as live:
        seen: list[LiveChange] = []
        live.subscribe(seen.append)
        done = await apply(writer, CONFIG_MAPS, "a", _marked("a", "own", namespace), namespace)
        live.observe(done.object)
        key = ResourceKey("", "ConfigMap", namespace, "a")
        found = live.get(key)
        assert found is not None
        assert found.resource_version == done.resource_version
        assert not live.observe(done.object)
        await apply(writer, CONFIG_MAPS, "marker", config_map("marker"), namespace)
        await until(lambda: live.get(ResourceKey("", "ConfigMap", namespace, "marker")))
        assert len([change for change in seen if change.key == key]) == 1


async def test_pods_lead_up_to_the_deployment_that_owns_them(
    connection: Connection, writer: ClusterWriter, discovery: Discovery, namespace: str
) -> None:
    deployments = discovery.resource_for(*DEPLOYMENT)
    assert deployments is not None
    labels = {"app": "web"}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "c", "image": "example.invalid/web:1"}]},
        },
    }
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    async with live_through(connection) as live:
        await apply(writer, deployments, "web", body, namespace)

        def pods() -> list[str]:
            found = [obj for obj in live.index.in_namespace(namespace) if obj.key.kind == "Pod"]
            return [root.key.kind for pod in found for root in live.index.roots_of(pod)]

        await until(lambda: pods() == ["Deployment"])
        await delete(writer, deployments, "web", namespace)
        await until(lambda: not pods())


async def test_a_new_kind_is_followed_and_a_removed_one_is_dropped(
    connection: Connection, writer: ClusterWriter, discovery: Discovery, namespace: str
) -> None:
    definitions = discovery.resource_for("apiextensions.k8s.io", "CustomResourceDefinition")
    assert definitions is not None
    gadget = GroupKind("live.example.io", "Gadget")
    async with live_through(connection) as live:
        await apply(writer, definitions, "gadgets.live.example.io", _definition("Gadget", "v1"))
        await until(lambda: live.is_known(gadget))
        resource = live.discovery.resource_for(*gadget)
        assert resource is not None
        body = {"apiVersion": "live.example.io/v1", "kind": "Gadget", "metadata": {"name": "g"}}
        await apply(writer, resource, "g", body, namespace)
        key = ResourceKey(*gadget, namespace, "g")
        await until(lambda: live.get(key))

        await apply(writer, definitions, "gadgets.live.example.io", _definition("Gadget", "v1", "v2"))

        def version() -> str:
            found = live.get(key)
            return found.version if found else ""

        await until(lambda: version() == "v2" and live.is_known(gadget))
        found = live.get(key)
        assert found is not None
        assert msgspec.json.decode(found.raw)["apiVersion"] == "live.example.io/v2"

        await delete(writer, definitions, "gadgets.live.example.io", propagation="background")
        await until(lambda: live.state_of(gadget) is KindState.ABSENT and live.get(key) is None)


async def test_only_the_namespaces_of_a_restricted_cluster_are_followed(
    client: KubeClient, namespace: str
) -> None:
    await client.create(CONFIG_MAPS, config_map("a"), namespace)
    live = LiveState(
        client, Discovery(client), owner_of=owner_of, namespaces=(namespace,), cluster_resources=False
    )
    async with running(live):
        assert {obj.key.namespace for obj in live.index} == {namespace}
        assert live.is_known(GroupKind("", "ConfigMap"))
        assert live.state_of(GroupKind("", "Namespace")) is not KindState.KNOWN


async def test_excluded_kinds_are_not_held(client: KubeClient) -> None:
    rules = (ResourceRule(api_groups=("",), kinds=("ConfigMap",)),)
    live = LiveState(
        client, Discovery(client), owner_of=owner_of, resource_filter=ResourceFilter(exclusions=rules)
    )
    async with running(live):
        assert live.index.of_kind(GroupKind("", "ConfigMap")) == []
        assert not live.is_known(GroupKind("", "ConfigMap"))


async def test_a_subscriber_that_fails_does_not_harm_the_others(
    connection: Connection, client: KubeClient, namespace: str
) -> None:
    seen: list[LiveChange] = []

    def failing(_: LiveChange) -> None:
        raise RuntimeError("a bug")

    async with live_through(connection) as live:
        live.subscribe(failing)
        stop = live.subscribe(seen.append)
        await client.create(CONFIG_MAPS, config_map("a"), namespace)
        await until(lambda: any(change.key.name == "a" for change in seen))
        stop()


async def test_a_kind_that_discovery_lacks_is_in_doubt_first_where_definitions_are_not_followed(
    proxy: FaultProxy, client: KubeClient, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_forgetful = False

    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        if not (is_forgetful and request.path == "/apis"):
            return None
        return web.json_response({"kind": "APIGroupDiscoveryList", "items": []})

    proxy.rule = rule
    async with KubeClient(proxy.connection) as through:
        live = LiveState(
            through, Discovery(through), owner_of=owner_of, namespaces=(namespace,), cluster_resources=False
        )
        async with running(live):
            assert live.is_known(DEPLOYMENT)
            is_forgetful = True
            await live.discovery.refresh()
            assert live.state_of(DEPLOYMENT) is KindState.UNKNOWN
            is_forgetful = False
            await live.discovery.refresh()
            assert live.is_known(DEPLOYMENT)
            is_forgetful = True
            monkeypatch.setattr(live_state, "ABSENCE_SETTLES", 0.0)
            await live.discovery.refresh()
            assert live.state_of(DEPLOYMENT) is KindState.ABSENT


async def test_a_defined_kind_that_discovery_lacks_for_a_while_is_not_dropped(
    proxy: FaultProxy, writer: ClusterWriter, discovery: Discovery, namespace: str
) -> None:
    definitions = discovery.resource_for("apiextensions.k8s.io", "CustomResourceDefinition")
    assert definitions is not None
    gizmo = GroupKind("live.example.io", "Gizmo")
    is_forgetful = False

    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        if not (is_forgetful and request.path == "/apis"):
            return None
        return web.json_response({"kind": "APIGroupDiscoveryList", "items": []})

    proxy.rule = rule
    await apply(writer, definitions, "gizmos.live.example.io", _definition("Gizmo", "v1"))
    async with live_through(proxy.connection) as live:
        await until(lambda: live.is_known(gizmo))
        deleted: list[LiveChange] = []
        live.subscribe(lambda change: deleted.append(change) if change.new is None else None)
        is_forgetful = True
        await live.discovery.refresh()
        assert live.state_of(gizmo) is KindState.UNKNOWN
        await apply(writer, definitions, "gizmos.live.example.io", _definition("Gizmo", "v1", "v2"))
        await until(lambda: proxy.count("/apis") > 3)
        for kind in (gizmo, DEPLOYMENT, CRD, API_SERVICE):
            assert live.state_of(kind) is KindState.UNKNOWN, kind
        is_forgetful = False
        await until(lambda: live.is_known(gizmo) and live.is_known(DEPLOYMENT))
        assert {change.key.kind for change in deleted} <= {"APIService"}
    await delete(writer, definitions, "gizmos.live.example.io", propagation="background")
