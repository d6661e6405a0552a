"""Clusters registered by Secret: found by name, closed when their Secret goes, never taken for empty."""

import base64
from typing import Any

import msgspec

from fairlead.app_controller.collection import APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.kube.kubeconfig import from_kubeconfig
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map

FINALIZER = "resources-finalizer.argocd.argoproj.io"


def encoded(value: bytes | None) -> str:
    return base64.b64encode(value or b"").decode()


def cluster_secret(lab: Lab, *, name: str = "elsewhere", server: str = "") -> dict[str, Any]:
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
        "config": msgspec.json.encode({"tlsClientConfig": tls}).decode(),
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
