"""What other processes are told of clusters, and how their tokens are replaced."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.bus import Bus, BusConfig, NoResponderError, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.rpc import access
from fairlead.rpc import clusters as rpc
from fairlead.secret.seal import Seal, derive
from tests.integration.app_controller.lab import SECRET, Lab, automated, config_map
from tests.integration.app_controller.test_clusters import encoded

ACCOUNTS = Resource(group="", version="v1", plural="serviceaccounts", kind="ServiceAccount", namespaced=True)
BINDINGS = Resource(
    group="rbac.authorization.k8s.io",
    version="v1",
    plural="clusterrolebindings",
    kind="ClusterRoleBinding",
    namespaced=False,
)


@pytest_asyncio.fixture(loop_scope="session")
async def bus(lab: Lab) -> AsyncIterator[Bus]:
    connected = await Bus.connect(BusConfig(url=lab.nats.url, service="api-server", secret=SECRET.encode()))
    yield connected
    await connected.close()


async def ask(bus: Bus, verb: str, server: str) -> bytes:
    question = encode(rpc.ClusterQuery(server=server))
    async with asyncio.timeout(120):
        while True:
            try:
                return await _asked(bus, verb, question)
            except NoResponderError:
                await asyncio.sleep(0.1)


async def _asked(bus: Bus, verb: str, question: bytes) -> bytes:
    return await bus.request(subjects.rpc_controller(0, verb), question, timeout=25)


async def state(bus: Bus, server: str) -> rpc.ClusterState:
    return decode(rpc.ClusterState, await ask(bus, rpc.STATE, server))


async def until(bus: Bus, server: str, status: str) -> rpc.ClusterState:
    async with asyncio.timeout(120):
        while True:
            try:
                found = await state(bus, server)
            except RemoteError as error:
                if "not found" not in str(error):
                    raise
            else:
                if found.status == status:
                    return found
            await asyncio.sleep(0.1)


async def register(lab: Lab, server: str, config: dict[str, Any]) -> None:
    data = {"name": "elsewhere", "server": server, "config": msgspec.json.encode(config).decode()}
    labels = {"argocd.argoproj.io/secret-type": "cluster"}
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "elsewhere", "labels": labels},
        "stringData": data,
    }
    await lab.client.create(SECRETS, body, lab.namespace)


async def secret(lab: Lab, name: str) -> dict[str, Any] | None:
    raw = await lab.client.find(SECRETS, name, lab.namespace)
    return None if raw is None else msgspec.json.decode(raw)


async def account_token(lab: Lab, name: str) -> str:
    """The token of a new account that may do everything, from a Secret as older tools make them."""
    await lab.client.create(ACCOUNTS, {"metadata": {"name": name}}, lab.namespace)
    body = {
        "metadata": {"name": f"{lab.namespace}-{name}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": lab.namespace}],
    }
    await lab.client.create(BINDINGS, body)
    body = {
        "metadata": {"name": "old-token", "annotations": {"kubernetes.io/service-account.name": name}},
        "type": "kubernetes.io/service-account-token",
    }
    await lab.client.create(SECRETS, body, lab.namespace)
    async with asyncio.timeout(120):
        while True:
            found = await secret(lab, "old-token")
            if found and (found.get("data") or {}).get("token"):
                return base64.b64decode(found["data"]["token"]).decode()
            await asyncio.sleep(0.1)


async def test_a_cluster_is_told_as_it_is_found(lab: Lab, bus: Bus) -> None:
    server = from_kubeconfig(lab.control_plane.kubeconfig).server
    with pytest.raises(RemoteError, match="not found"):
        await ask(bus, rpc.STATE, server)
    await register(lab, server, {"bearerToken": "wrong", "tlsClientConfig": {"insecure": True}})
    assert (await until(bus, server, "Unknown")).message == ""
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app(destination={"name": "elsewhere", "namespace": lab.workloads}, **automated())
    refused = await until(bus, server, "Failed")
    assert "nauthorized" in refused.message
    assert "(since 20" in refused.message
    token = await account_token(lab, "manager")
    config = {"bearerToken": token, "tlsClientConfig": {"insecure": True}}
    body = {"stringData": {"config": msgspec.json.encode(config).decode()}}
    await lab.client.merge_patch(SECRETS, "elsewhere", body, lab.namespace)
    found = await until(bus, server, "Successful")
    assert found.resources > 0
    assert found.apis > 0
    assert found.server_version.startswith("1.")
    assert found.attempted_at >= refused.attempted_at > ""
    assert "apps/v1/Deployment" in found.api_versions


async def test_a_token_is_replaced_by_one_that_was_tried(lab: Lab, bus: Bus) -> None:
    connection = from_kubeconfig(lab.control_plane.kubeconfig)
    token = await account_token(lab, "rotating")
    tls = {"insecure": False, "caData": encoded(connection.ca)}
    await register(lab, connection.server, {"bearerToken": token, "tlsClientConfig": tls})
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app(destination={"name": "elsewhere", "namespace": lab.workloads}, **automated())
    await lab.synced()
    decode(rpc.ClusterRotated, await ask(bus, rpc.ROTATE, connection.server))
    registered = await secret(lab, "elsewhere")
    assert registered is not None
    config = msgspec.json.decode(base64.b64decode(registered["data"]["config"]))
    assert config["bearerToken"] != token
    assert config["tlsClientConfig"] == tls, "nothing else of it changes"
    async with asyncio.timeout(120):
        while await secret(lab, "old-token") is not None:
            await asyncio.sleep(0.05)
    await lab.client.delete(CONFIG_MAPS, "settings", lab.workloads)
    await lab.until_live(CONFIG_MAPS, "settings", lambda found: found is not None)


async def test_who_has_no_token_is_refused_in_the_contracts_words(lab: Lab, bus: Bus) -> None:
    server = "https://10.9.8.7:6443"
    await register(lab, server, {"username": "u", "password": "p"})
    async with asyncio.timeout(120):
        while True:
            try:
                await ask(bus, rpc.ROTATE, server)
            except RemoteError as error:
                if "not found" not in str(error):
                    break
            await asyncio.sleep(0.05)
    words = f"Cluster '{server}' does not use bearer token authentication"
    with pytest.raises(RemoteError, match=words):
        await ask(bus, rpc.ROTATE, server)


async def tried(bus: Bus, server: str, config: dict[str, Any], *, place: str = "") -> str:
    seal = Seal(derive(SECRET.encode(), access.PURPOSE))
    sealed = seal.seal(rpc.context_of(place or server), msgspec.json.encode(config))
    question = encode(rpc.TryCluster(server=server, sealed=sealed))
    async with asyncio.timeout(120):
        while True:
            try:
                return decode(rpc.TriedCluster, await _asked(bus, rpc.TRY, question)).problem
            except NoResponderError:
                await asyncio.sleep(0.1)


@asynccontextmanager
async def page_of_somebody_else() -> AsyncIterator[str]:
    """A server that is no cluster, whose answers are not for those who may declare one."""

    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=500, text="the secret of another team")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_cluster_that_nobody_registered_is_tried_with_the_credentials_of_the_question(
    lab: Lab, bus: Bus
) -> None:
    connection = from_kubeconfig(lab.control_plane.kubeconfig)
    right = {
        "tlsClientConfig": {
            "caData": encoded(connection.ca),
            "certData": encoded(connection.client_cert),
            "keyData": encoded(connection.client_key),
        }
    }
    assert await tried(bus, connection.server, right) == ""
    wrong = {"bearerToken": "wrong", "tlsClientConfig": {"caData": encoded(connection.ca)}}
    assert "Unauthorized" in await tried(bus, connection.server, wrong)
    assert await tried(bus, "https://127.0.0.1:1", right) != ""
    async with page_of_somebody_else() as server:
        assert await tried(bus, server, wrong) == "HTTP status 500, from no API server of Kubernetes"
    with pytest.raises(RemoteError, match="cannot be opened"):
        await tried(bus, connection.server, right, place="https://elsewhere.example")


async def test_who_has_a_token_replaced_is_told_nothing_of_a_page_that_is_no_clusters(
    lab: Lab, bus: Bus
) -> None:
    claims = base64.urlsafe_b64encode(b'{"sub": "system:serviceaccount:team:manager"}').decode()
    async with page_of_somebody_else() as server:
        await register(lab, server, {"bearerToken": f"head.{claims}.proof"})
        async with asyncio.timeout(120):
            while True:
                try:
                    await ask(bus, rpc.ROTATE, server)
                except RemoteError as error:
                    if "not found" not in str(error):
                        told = str(error)
                        break
                await asyncio.sleep(0.05)
    assert "another team" not in told
