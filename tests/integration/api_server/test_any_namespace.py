"""Applications beside those of the control plane's namespace."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, PROJECTS
from fairlead.events.envelope import decode, encode
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.rpc import LiveResource
from fairlead.rpc.resource import PATCH, PatchResource
from tests.integration.api_server.conftest import Answer, Door, application, serving

CONTROL, TEAM, CLOSED = "api-anywhere", "team-apps", "closed-apps"
APPS = "/api/v1/applications"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def anywhere(
    kube: KubeClient, control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> AsyncIterator[Door]:
    """A service that is told of the team's namespaces, with an application of one name in three of them."""
    for namespace in (CONTROL, TEAM, CLOSED):
        await control_plane.kubectl("create", "namespace", namespace)
        await application(kube, "same", namespace)
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argocd-cmd-params-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}},
        "data": {"application.namespaces": "team-*"},
    }
    await kube.create(CONFIG_MAPS, config, CONTROL)
    async with serving(kube, control_plane, nats_server, redis_server, CONTROL) as door:
        yield door
    for namespace in (CONTROL, TEAM, CLOSED):
        await kube.delete(APPLICATIONS, "same", namespace)


async def listed(door: Door, **query: str) -> list[tuple[str, str]]:
    _, found = await door.ask("GET", APPS, **query)
    items = msgspec.convert(found, dict[str, Any])["items"]
    return sorted((item["metadata"]["namespace"], item["metadata"]["name"]) for item in items)


async def test_applications_of_one_name_are_told_apart_by_their_namespaces(
    anywhere: Door, kube: KubeClient, scripted: dict[str, Answer]
) -> None:
    async with asyncio.timeout(60):
        while len(await listed(anywhere)) < 2:
            await asyncio.sleep(0.1)
    assert await listed(anywhere) == [(CONTROL, "same"), (TEAM, "same")]
    assert await listed(anywhere, appNamespace=TEAM) == [(TEAM, "same")]
    for namespace in (CONTROL, TEAM):
        _, found = await anywhere.ask("GET", f"{APPS}/same", appNamespace=namespace)
        assert msgspec.convert(found, dict[str, Any])["metadata"]["namespace"] == namespace
    status, found = await anywhere.ask("GET", f"{APPS}/same", appNamespace=CLOSED)
    assert (status, found) == (
        403,
        {
            "error": f"namespace '{CLOSED}' is not permitted",
            "code": 7,
            "message": f"namespace '{CLOSED}' is not permitted",
        },
    )

    body: dict[str, Any] = {
        "metadata": {"name": "made", "namespace": TEAM},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/x.git", "path": "."},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
        },
    }
    status, found = await anywhere.ask("POST", APPS, body, validate="false")
    words = 'app is not allowed in project "default", or the project does not exist'
    assert (status, msgspec.convert(found, dict[str, Any])["message"]) == (400, words)
    allowing = {"spec": {"sourceNamespaces": ["team-*"]}}
    await kube.merge_patch(PROJECTS, "default", allowing, CONTROL)
    async with asyncio.timeout(60):
        while (await anywhere.ask("POST", APPS, body, validate="false"))[0] != 200:
            await asyncio.sleep(0.1)
    assert await kube.find(APPLICATIONS, "made", TEAM) is not None
    spec = {**body["spec"], "info": [{"name": "a", "value": "b"}]}
    query = {"appNamespace": TEAM, "validate": "false"}
    assert (await anywhere.ask("PUT", f"{APPS}/made/spec", spec, **query))[0] == 200
    raw = msgspec.json.decode(await kube.get(APPLICATIONS, "made", TEAM))
    assert raw["spec"]["info"] == [{"name": "a", "value": "b"}]
    await kube.delete(APPLICATIONS, "made", TEAM)

    asked: list[PatchResource] = []

    async def patched(_: str, payload: bytes) -> bytes:
        asked.append(decode(PatchResource, payload))
        return encode(LiveResource(manifest="{}"))

    scripted[PATCH] = patched
    query = {
        "namespace": "x",
        "resourceName": "web",
        "kind": "Deployment",
        "group": "apps",
        "version": "v1",
        "patchType": "application/merge-patch+json",
        "appNamespace": TEAM,
    }
    assert (await anywhere.ask("POST", f"{APPS}/same/resource", "{}", **query))[0] == 200
    assert (asked[0].namespace, asked[0].name) == (TEAM, "same")

    status, _ = await anywhere.ask("DELETE", f"{APPS}/same", appNamespace=TEAM, cascade="false")
    assert status == 200
    assert await kube.find(APPLICATIONS, "same", TEAM) is None
    assert await kube.find(APPLICATIONS, "same", CONTROL) is not None
    await application(kube, "same", TEAM)
