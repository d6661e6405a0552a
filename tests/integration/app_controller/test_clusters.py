"""Clusters registered by Secret: found by name, closed when their Secret goes, never taken for empty."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import web

from fairlead.app_controller.destination import pulse
from fairlead.app_controller.looking import reconcile
from fairlead.kube.collection import APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.kube.kubeconfig import from_kubeconfig
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map, is_synced
from tests.integration.kube.fault_proxy import FaultProxy, status

FINALIZER = "resources-finalizer.argocd.argoproj.io"


def encoded(value: bytes | None) -> str:
    return base64.b64encode(value or b"").decode()


@asynccontextmanager
async def black_hole() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that takes connections and never answers; its address, and what it was asked."""
    asked: list[bytes] = []

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while request := await reader.read(65536):
                asked.append(request)
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()


def cluster_secret(
    lab: Lab, *, name: str = "elsewhere", server: str = "", extra: dict[str, str] | None = None
) -> dict[str, Any]:
    """The lab's own cluster under another address, with a client certificate."""
    connection = from_kubeconfig(lab.control_plane.kubeconfig)
    tls = {
        "insecure": False,
        "caData": encoded(connection.ca),
        "certData": encoded(connection.client_cert),
        "keyData": encoded(connection.client_key),
    }
    data = {
        "name": name,
        "server": server or connection.server,
        "config": msgspec.json.encode({"tlsClientConfig": tls, **(extra or {})}).decode(),
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "stringData": data,
    }


async def test_an_application_goes_to_a_registered_cluster_by_name(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    destination = {"name": "elsewhere", "namespace": lab.workloads}
    await lab.create_app(destination=destination, finalizers=[FINALIZER], **automated())
    app = await lab.until(lambda app: "InvalidSpecError" in conditions(app))
    assert conditions(app)["InvalidSpecError"] == "there are no clusters with this name: elsewhere"
    await lab.client.create(SECRETS, cluster_secret(lab), lab.namespace)
    app = await lab.synced()
    assert conditions(app) == {}
    assert await lab.get(CONFIG_MAPS, "settings") is not None


async def test_a_cluster_that_asks_for_it_is_labelled_with_its_version(lab: Lab) -> None:
    secret = cluster_secret(lab, name="labelled")
    secret["metadata"]["labels"]["argocd.argoproj.io/auto-label-cluster-info"] = "true"
    plain = cluster_secret(lab, name="plain", server="https://127.0.0.1:1")
    for one in (plain, secret):
        await lab.client.create(SECRETS, one, lab.namespace)
    version = msgspec.json.decode((await lab.client.get_path("/version")).body)["gitVersion"]
    async with asyncio.timeout(90):
        while True:
            found = msgspec.json.decode(await lab.client.get(SECRETS, "labelled", lab.namespace))
            if label := found["metadata"]["labels"].get("argocd.argoproj.io/kubernetes-version"):
                break
            await asyncio.sleep(0.1)
    assert version.startswith(label)
    other = msgspec.json.decode(await lab.client.get(SECRETS, "plain", lab.namespace))
    assert set(other["metadata"]["labels"]) == {"argocd.argoproj.io/secret-type"}


async def test_two_clusters_of_one_name_are_refused(lab: Lab) -> None:
    one = cluster_secret(lab, name="twin", server="https://one.example")
    two = cluster_secret(lab, name="twin", server="https://two.example")
    two["metadata"]["name"] = "twin-2"
    for secret in (one, two):
        await lab.client.create(SECRETS, secret, lab.namespace)
    await lab.create_app(destination={"name": "twin", "namespace": lab.workloads})
    app = await lab.until(lambda app: "with the same name" in conditions(app).get("InvalidSpecError", ""))
    assert conditions(app)["InvalidSpecError"] == (
        "there are 2 clusters with the same name: [https://one.example https://two.example]"
    )


async def test_an_unreachable_cluster_is_said_to_be_so_and_its_application_does_not_go(lab: Lab) -> None:
    secret = cluster_secret(lab, name="away", server="https://127.0.0.1:1")
    await lab.client.create(SECRETS, secret, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map()])
    destination = {"name": "away", "namespace": lab.workloads}
    await lab.create_app(destination=destination, finalizers=[FINALIZER], **automated())
    app = await lab.until(lambda app: "ComparisonError" in conditions(app), patience=40)
    assert conditions(app)["ComparisonError"].startswith(
        'Failed to load live state: cluster "https://127.0.0.1:1": '
    )
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    app = await lab.until(lambda app: "DeletionError" in conditions(app), patience=40)
    assert "nothing was deleted" in conditions(app)["DeletionError"]
    assert FINALIZER in app.metadata.finalizers


async def test_a_secret_that_cannot_be_used_is_said_on_its_application_and_stops_nobody_else(
    lab: Lab,
) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    broken = cluster_secret(lab, name="broken", server="https://10.0.0.1:6443a")
    await lab.client.create(SECRETS, broken, lab.namespace)
    unreadable = cluster_secret(lab, name="unreadable", server="https://utf8.example")
    del unreadable["stringData"]["name"]
    unreadable["data"] = {"name": base64.b64encode(b"\xff\xfe").decode()}
    await lab.client.create(SECRETS, unreadable, lab.namespace)
    await lab.create_app("lost", destination={"name": "broken", "namespace": lab.workloads}, **automated())
    destination = {"server": "https://utf8.example", "namespace": lab.workloads}
    await lab.create_app("odd", destination=destination)
    app = await lab.until(lambda app: "InvalidSpecError" in conditions(app), "lost")
    assert "'https://10.0.0.1:6443a' is not an address" in conditions(app)["InvalidSpecError"]
    app = await lab.until(lambda app: "InvalidSpecError" in conditions(app), "odd")
    assert "name of its Secret is not UTF-8" in conditions(app)["InvalidSpecError"]
    await lab.create_app(**automated())
    await lab.synced()


async def test_many_applications_of_a_cluster_that_does_not_answer_delay_nobody_and_ask_it_little(
    lab: Lab,
) -> None:
    assert lab.controller is not None
    async with black_hole() as (server, asked):
        lab.renderer.holds(lab.repo, [config_map(colour="blue")])
        secret = cluster_secret(lab, name="hole", server=server)
        await lab.client.create(SECRETS, secret, lab.namespace)
        destination = {"name": "hole", "namespace": lab.workloads}
        for number in range(60):
            await lab.create_app(f"lost-{number}", destination=destination, **automated())
        app = await lab.until(lambda app: "ComparisonError" in conditions(app), "lost-59", patience=60)
        words = conditions(app)["ComparisonError"]
        assert words.startswith(f'Failed to load live state: cluster "{server}": ')
        assert " (since 20" in words
        await lab.create_app(**automated())
        await lab.synced()
        await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
        await lab.until_live(
            CONFIG_MAPS, "settings", lambda live: live is not None and live["data"]["colour"] == "blue"
        )
        assert len(asked) < 30, "one task asks for all applications"
        assert lab.controller.queue.depth == 0


async def test_rotated_credentials_are_taken_up_without_reading_the_cluster_anew(lab: Lab) -> None:
    assert lab.controller is not None
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.client.create(SECRETS, cluster_secret(lab), lab.namespace)
    await lab.create_app(destination={"name": "elsewhere", "namespace": lab.workloads}, **automated())
    app = await lab.synced()
    cluster = lab.controller.clusters.resolve(app.spec.destination)
    live, client = cluster.live, cluster.client
    rotated = cluster_secret(lab, extra={"bearerToken": "rotated"})
    await lab.client.merge_patch(SECRETS, "elsewhere", rotated, lab.namespace)
    async with asyncio.timeout(120):
        while client.connection.token != "rotated":
            await asyncio.sleep(0.02)
    assert lab.controller.clusters.resolve(app.spec.destination) is cluster
    assert cluster.live is live
    assert cluster.is_readable
    revision = await lab.renderer.commit(lab.repo, [config_map(colour="green")])
    app = await lab.synced(revision=revision)
    assert conditions(app) == {}


async def test_a_restart_leaves_the_status_as_it_is_however_long_the_cluster_takes_to_be_read(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    async with FaultProxy(from_kubeconfig(lab.control_plane.kubeconfig)) as proxy:
        secret = cluster_secret(lab, server=proxy.connection.server)
        await lab.client.create(SECRETS, secret, lab.namespace)
        await lab.create_app(destination={"name": "elsewhere", "namespace": lab.workloads}, **automated())
        await lab.synced()
        await lab.stop()
        before = await lab.app()

        async def slowly(request: web.BaseRequest) -> web.StreamResponse | None:
            if "limit=" in request.query_string:
                await asyncio.sleep(0.8)
            return None

        proxy.rule = slowly
        monkeypatch.setattr(pulse, "PATIENCE", 1.5)
        await lab.start()
        assert lab.controller is not None
        async with asyncio.timeout(120):
            while not lab.controller.clusters.opened_clusters():
                await asyncio.sleep(0.01)
            server = proxy.connection.server
            while True:
                found = [item for item in lab.controller.clusters.opened_clusters() if item.server == server]
                assert all(item.problem is None for item in found)
                if found and found[0].is_readable:
                    break
                await asyncio.sleep(0.05)
        after = await lab.app()
        assert after.status.sync == before.status.sync
        assert after.status.health == before.status.health
        assert after.status.conditions == ()


async def test_a_cluster_that_goes_away_leaves_the_last_status_with_a_reason_and_then_shows_no_health(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    async with FaultProxy(from_kubeconfig(lab.control_plane.kubeconfig)) as proxy:
        secret = cluster_secret(lab, server=proxy.connection.server)
        await lab.client.create(SECRETS, secret, lab.namespace)
        await lab.create_app(destination={"name": "elsewhere", "namespace": lab.workloads}, **automated())
        await lab.synced()

        async def refuse(_: web.BaseRequest) -> web.StreamResponse | None:
            return status(503, "ServiceUnavailable", "away for a test")

        proxy.rule = refuse
        proxy.drop_all()
        app = await lab.until(lambda app: "ComparisonError" in conditions(app), patience=60)
        assert "away for a test (since 20" in conditions(app)["ComparisonError"]
        assert (app.status.sync.status, app.status.health.status) == ("Synced", "Healthy")
        monkeypatch.setattr(reconcile, "LAST_KNOWN_HOLDS", 0.0)
        assert lab.controller is not None
        lab.controller.queue.add(app.id)
        await lab.until(
            lambda app: (app.status.sync.status, app.status.health.status) == ("Unknown", "Unknown"),
            patience=60,
        )
        proxy.rule = None
        app = await lab.until(is_synced, patience=60)
        assert conditions(app) == {}


async def test_an_operation_on_an_unreachable_cluster_says_what_it_waits_for_and_can_be_terminated(
    lab: Lab,
) -> None:
    secret = cluster_secret(lab, name="away", server="https://127.0.0.1:1")
    await lab.client.create(SECRETS, secret, lab.namespace)
    await lab.create_app(destination={"name": "away", "namespace": lab.workloads})
    await lab.patch_app({"operation": {"sync": {"prune": True}}})
    app = await lab.until(lambda app: app.status.operation_state is not None, patience=90)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Running"
    assert "Failed to load live state" in app.status.operation_state.message
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    app = await lab.until(lambda app: app.operation is None, patience=90)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Failed"
    assert app.status.operation_state.message.startswith("Operation terminated")
