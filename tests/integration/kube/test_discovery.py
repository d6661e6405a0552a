"""What the real API server says it serves, whole, in part, and in the older form."""

import asyncio

from aiohttp import web

from fairlead.kube.catalogue import Presence
from fairlead.kube.discovery import Discovery
from fairlead.kube.rest import KubeClient
from tests.integration.kube.fault_proxy import FaultProxy


async def test_kinds_scopes_versions_and_capabilities_are_known(discovery: Discovery) -> None:
    assert discovery.is_namespaced("apps", "Deployment") is True
    assert discovery.is_namespaced("", "Namespace") is False
    assert discovery.is_namespaced("ex.io", "Nothing") is None
    assert discovery.server_version.kube_version.startswith("v1.")
    assert {"v1", "apps/v1", "apps/v1/Deployment", "v1/ConfigMap"} <= set(discovery.api_versions)
    scalers = discovery.resource_for("autoscaling", "HorizontalPodAutoscaler")
    assert scalers is not None
    assert (scalers.version, scalers.plural) == ("v2", "horizontalpodautoscalers")
    assert discovery.resource_for("autoscaling", "HorizontalPodAutoscaler", "v1") is not None


async def test_an_unchanged_discovery_costs_no_bodies(proxy: FaultProxy) -> None:
    async with KubeClient(proxy.connection) as client:
        discovery = Discovery(client)
        assert await discovery.refresh()
        assert not await discovery.refresh()
    assert proxy.statuses[-2:] == [304, 304]


async def test_the_older_form_of_discovery_says_the_same(proxy: FaultProxy, discovery: Discovery) -> None:
    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        if "APIGroupDiscoveryList" in request.headers["Accept"]:
            proxy.override[id(request)] = "application/json"
        return None

    proxy.rule = rule
    async with KubeClient(proxy.connection) as client:
        older = Discovery(client)
        await older.refresh()
    assert set(older.catalogue.preferred()) == set(discovery.catalogue.preferred())
    assert older.api_versions == discovery.api_versions


async def test_a_group_version_that_fails_in_the_older_form_is_unknown(proxy: FaultProxy) -> None:
    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        if request.path == "/apis/batch/v1":
            return web.Response(status=503, text="down")
        proxy.override[id(request)] = "application/json"
        return None

    proxy.rule = rule
    async with KubeClient(proxy.connection) as client:
        older = Discovery(client)
        await older.refresh()
    assert older.catalogue.failures == {"batch/v1": "down"}
    assert older.presence("batch", "Job") is Presence.UNKNOWN
    assert older.presence("apps", "Job") is Presence.ABSENT


async def test_a_broken_api_service_makes_its_group_unknown_not_absent(client: KubeClient) -> None:
    discovery = Discovery(client)
    await discovery.refresh()
    services = discovery.resource_for("apiregistration.k8s.io", "APIService")
    assert services is not None
    body = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": "v1.broken.example.io"},
        "spec": {
            "group": "broken.example.io",
            "version": "v1",
            "service": {"name": "none", "namespace": "default"},
            "insecureSkipTLSVerify": True,
            "groupPriorityMinimum": 10,
            "versionPriority": 10,
        },
    }
    await client.create(services, body)
    try:
        async with asyncio.timeout(60):
            while discovery.presence("broken.example.io", "Thing") is not Presence.UNKNOWN:
                await asyncio.sleep(0.2)
                await discovery.refresh()
        assert "broken.example.io/v1" in discovery.catalogue.failures
        assert discovery.presence("apps", "Deployment") is Presence.PRESENT
    finally:
        await client.delete(services, "v1.broken.example.io")


async def test_before_any_discovery_every_kind_is_unknown(proxy: FaultProxy) -> None:
    async with KubeClient(proxy.connection) as client:
        assert Discovery(client).presence("apps", "Deployment") is Presence.UNKNOWN
