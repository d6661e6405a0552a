"""Clusters through the API: Secrets as the contract has them, credentials that never come back."""

import asyncio
import base64
from urllib.parse import quote

import msgspec
import pytest

from fairlead.api_server.kinds import CONFIG_MAPS, SECRETS
from fairlead.api_server.operations.cluster.registered import LOCAL_SERVER
from fairlead.api_server.operations.declared import fnv32a
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.kube.rest import KubeClient
from fairlead.rpc import access
from fairlead.rpc import clusters as rpc
from fairlead.secret.seal import Seal, derive
from tests.integration.api_server.conftest import CACHE_SECRET, NAMESPACE, Answer, Door
from tests.integration.api_server.test_projects import asked, refused

CLUSTERS = "/api/v1/clusters"
SERVER = "https://10.9.8.7:6443"
TOKEN = "t0ken-canary"
CLUSTER = {
    "server": f"{SERVER}/",
    "name": "far",
    "config": {"bearerToken": TOKEN, "tlsClientConfig": {"insecure": True, "serverName": "far.example"}},
    "namespaces": ["a", "b"],
    "labels": {"env": "prod"},
    "annotations": {"owner": "us"},
    "shard": 1,
}


def at(server: str, below: str = "") -> str:
    return f"{CLUSTERS}/{quote(server, safe='')}{below}"


@pytest.fixture
def states(scripted: dict[str, Answer]) -> dict[str, rpc.ClusterState]:
    """What the controller says of each server."""
    told: dict[str, rpc.ClusterState] = {}

    async def state(_: str, payload: bytes) -> bytes:
        server = decode(rpc.ClusterQuery, payload).server
        return encode(told.get(server, rpc.ClusterState(status="Unknown")))

    scripted[rpc.STATE] = state
    return told


async def stored(kube: KubeClient) -> dict[str, object]:
    [raw] = await kube.list_all(SECRETS, NAMESPACE, label_selector="argocd.argoproj.io/secret-type=cluster")
    obj = msgspec.json.decode(raw)
    return {
        "secret": obj["metadata"]["name"],
        "labels": obj["metadata"]["labels"],
        "annotations": obj["metadata"]["annotations"],
        **{key: base64.b64decode(value).decode() for key, value in obj["data"].items()},
    }


async def test_a_cluster_is_registered_changed_and_forgotten(
    door: Door, kube: KubeClient, states: dict[str, rpc.ClusterState]
) -> None:
    made = await asked(door, "POST", CLUSTERS, CLUSTER)
    assert (made["server"], made["name"], made["namespaces"]) == (SERVER, "far", ["a", "b"])
    assert made["config"] == {"tlsClientConfig": {"insecure": True, "serverName": "far.example"}}
    assert (made["labels"], made["annotations"], made["shard"]) == ({"env": "prod"}, {"owner": "us"}, 1)
    assert TOKEN not in str(made)
    secret = await stored(kube)
    assert secret["secret"] == f"cluster-10.9.8.7-{fnv32a(SERVER)}"
    assert secret["annotations"] == {"owner": "us", "managed-by": "argocd.argoproj.io"}
    assert msgspec.json.decode(str(secret["config"]))["bearerToken"] == TOKEN
    assert await asked(door, "POST", CLUSTERS, CLUSTER) == made, "an equal one is returned"
    code, words = await refused(door, "POST", CLUSTERS, {**CLUSTER, "name": "near"})
    assert (code, words.rpartition(" ")[2]) == (3, '"Name"')
    states[SERVER] = rpc.ClusterState(status="Failed", message="no route to host", attempted_at="now")
    shown = await asked(door, "GET", at("far"), **{"id.type": "name"})
    assert shown["connectionState"] == {
        "status": "Failed",
        "message": "no route to host",
        "attemptedAt": "now",
    }
    change = {"server": SERVER, "name": "near", "labels": {}}
    query = {"updatedFields": "name", "id.type": ""}
    assert (await asked(door, "PUT", at(SERVER), change, **query))["name"] == "near"
    secret = await stored(kube)
    assert secret["labels"] == {
        "env": "prod",
        "argocd.argoproj.io/secret-type": "cluster",
    }, "what is not named stays"
    assert msgspec.json.decode(str(secret["config"]))["bearerToken"] == TOKEN
    again = await asked(door, "POST", at(SERVER, "/invalidate-cache"))
    assert str(again["refreshRequestedAt"]).endswith("Z")
    assert await asked(door, "DELETE", at("near"), **{"id.type": "name"}) == {}
    assert await refused(door, "GET", at(SERVER)) == (7, "permission denied")
    assert (
        await kube.list_all(SECRETS, NAMESPACE, label_selector="argocd.argoproj.io/secret-type=cluster") == []
    )


async def test_a_cluster_without_applications_is_not_said_to_be_followed(
    door: Door, states: dict[str, rpc.ClusterState]
) -> None:
    local = "https://kubernetes.default.svc"
    found = {"status": "Successful", "server_version": "1.36", "resources": 7, "apis": 3}
    states[local] = states[SERVER] = rpc.ClusterState(**found, api_versions=("v1",))  # type: ignore[arg-type]
    await asked(door, "POST", CLUSTERS, CLUSTER)
    shown = await asked(door, "GET", at(SERVER))
    assert shown["connectionState"] == {
        "status": "Unknown",
        "message": "Cluster has no applications and is not being monitored.",
    }
    assert shown["serverVersion"] == "1.36"
    assert (shown["info"]["applicationsCount"], shown["info"]["cacheInfo"]) == (0, {})  # type: ignore[index]
    await asked(door, "DELETE", at(SERVER))
    [one] = (await asked(door, "GET", CLUSTERS, name="in-cluster"))["items"]  # type: ignore[misc]
    assert (one["server"], one["serverVersion"]) == (local, "1.36"), "it needs no Secret"


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        ({}, "a cluster needs a server"),
        (
            {**CLUSTER, "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "x"}},
            "annotation kubectl.kubernetes.io/last-applied-configuration cannot be set",
        ),
        (
            {**CLUSTER, "config": {"execProviderConfig": {"args": ["sh"]}}},
            f"cluster {SERVER}: execProviderConfig needs a command",
        ),
        (
            {**CLUSTER, "server": "http://169.254.169.254"},
            "cluster http://169.254.169.254: this address may not be connected to",
        ),
        (
            {**CLUSTER, "server": "http://2852039166"},
            "cluster http://2852039166: this address may not be connected to",
        ),
        (
            {**CLUSTER, "server": "https://0xa9.0xfe.43518:443"},
            "cluster https://0xa9.0xfe.43518:443: this address may not be connected to",
        ),
        (
            {**CLUSTER, "config": {"proxyUrl": "http://169.254.169.254:80"}},
            f"cluster {SERVER}: the proxy's address may not be connected to",
        ),
    ],
)
async def test_a_cluster_that_nobody_can_or_may_use_is_refused(
    door: Door, cluster: dict[str, object], words: str
) -> None:
    assert await refused(door, "POST", CLUSTERS, cluster) == (3, words)


async def test_a_local_cluster_that_is_switched_off_is_neither_shown_nor_declared(
    door: Door, kube: KubeClient, states: dict[str, rpc.ClusterState]
) -> None:
    labels = {"app.kubernetes.io/part-of": "argocd"}
    config = {
        "metadata": {"name": "argocd-cm", "labels": labels},
        "data": {"cluster.inClusterEnabled": "false"},
    }
    await kube.create(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap"} | config, NAMESPACE)

    async def shown() -> list[object]:
        return list((await asked(door, "GET", CLUSTERS))["items"])  # type: ignore[call-overload]

    async with asyncio.timeout(120):
        while await shown():
            await asyncio.sleep(0.05)
    local = {"server": LOCAL_SERVER, "name": "in-cluster"}
    words = "cannot register cluster: in-cluster has been disabled"
    assert await refused(door, "POST", CLUSTERS, local) == (3, words)
    assert await refused(door, "GET", at(LOCAL_SERVER)) == (7, "permission denied")
    await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)
    async with asyncio.timeout(120):
        while not await shown():
            await asyncio.sleep(0.05)
    assert states == {}


async def test_a_rotation_is_its_controllers_and_so_is_the_refusal(
    door: Door, scripted: dict[str, Answer], states: dict[str, rpc.ClusterState]
) -> None:
    words = f"Cluster '{SERVER}' does not use bearer token authentication"

    async def rotate(_: str, payload: bytes) -> bytes:
        if decode(rpc.ClusterQuery, payload).server == SERVER:
            raise RemoteError("InvalidArgument", words)
        return encode(rpc.ClusterRotated())

    scripted[rpc.ROTATE] = rotate
    assert await asked(door, "POST", at("https://kubernetes.default.svc", "/rotate-auth")) == {}
    await asked(door, "POST", CLUSTERS, {**CLUSTER, "config": {"username": "u", "password": "p"}})
    assert await refused(door, "POST", at(SERVER, "/rotate-auth")) == (3, words)
    await asked(door, "DELETE", at(SERVER))
    assert states == {}


async def test_a_cluster_is_tried_with_its_new_credentials_before_they_are_kept(
    door: Door, kube: KubeClient, scripted: dict[str, Answer], states: dict[str, rpc.ClusterState]
) -> None:
    seal, seen = Seal(derive(CACHE_SECRET.encode(), access.PURPOSE)), []
    before, problem = scripted[rpc.TRY], "no route to host"

    async def tried(_: str, payload: bytes) -> bytes:
        asked_for = decode(rpc.TryCluster, payload)
        assert TOKEN.encode() not in payload
        opened = seal.open(rpc.context_of(asked_for.server), asked_for.sealed)
        seen.append(msgspec.json.decode(opened or b"{}")["bearerToken"])
        return encode(rpc.TriedCluster(problem=problem))

    scripted[rpc.TRY] = tried
    try:
        assert await refused(door, "POST", CLUSTERS, CLUSTER) == (2, "no route to host")
        assert (
            await kube.list_all(SECRETS, NAMESPACE, label_selector="argocd.argoproj.io/secret-type=cluster")
            == []
        )
        problem = ""
        await asked(door, "POST", CLUSTERS, CLUSTER)
        problem = "the token has expired"
        change = {"server": SERVER, "name": "far", "config": {**CLUSTER["config"], "bearerToken": "new"}}  # type: ignore[dict-item]
        assert await refused(door, "PUT", at(SERVER), change) == (2, "the token has expired")
        assert msgspec.json.decode(str((await stored(kube))["config"]))["bearerToken"] == TOKEN
        renamed = {"server": SERVER, "name": "near"}
        assert (await asked(door, "PUT", at(SERVER), renamed, updatedFields="name"))["name"] == "near"
        assert seen == [TOKEN, TOKEN, "new"]
    finally:
        scripted[rpc.TRY] = before
        await asked(door, "DELETE", at(SERVER))
