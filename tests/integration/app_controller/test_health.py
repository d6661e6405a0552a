"""Health as an application shows it: by built-in rules, by the catalogue, by scripts."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.kube.resource import Resource
from fairlead.local.builds import render_engine_binary
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.model.application import Application
from tests.integration.app_controller.lab import Lab, automated, config_map, deployment, running
from tests.integration.app_controller.on_demand.asking import cron_job

CRDS = Resource(
    group="apiextensions.k8s.io",
    version="v1",
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    namespaced=False,
)
CERTIFICATES = Resource(
    group="cert-manager.io", version="v1", plural="certificates", kind="Certificate", namespaced=True
)
HELD = "tests.example.org/held"
SCRIPT = """
local hs = {status = "Healthy"}
if obj.metadata.deletionTimestamp ~= nil then
  hs.status = "Progressing"
  hs.deletionMessage = "it is being emptied"
end
return hs
"""


@pytest_asyncio.fixture(loop_scope="session")
async def lab(
    control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> AsyncIterator[Lab]:
    engine = await asyncio.to_thread(render_engine_binary)
    async with running(control_plane, nats_server, redis_server, render_engine=engine) as started:
        yield started


def definition() -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": schema,
        "subresources": {"status": {}},
    }
    names = {"kind": "Certificate", "plural": "certificates", "singular": "certificate"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "certificates.cert-manager.io"},
        "spec": {
            "group": "cert-manager.io",
            "names": {**names, "listKind": "CertificateList"},
            "scope": "Namespaced",
            "versions": [version],
        },
    }


def certificate(**annotations: str) -> dict[str, Any]:
    metadata = {"name": "web", "annotations": annotations}
    return {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata, "spec": {}}


def is_so(status: str) -> Any:
    def check(app: Application) -> bool:
        return app.status.health.status == status

    return check


async def test_an_application_is_as_healthy_as_the_worst_of_its_objects(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [definition(), certificate(), deployment(), cron_job(), config_map()])
    await lab.create_app(**automated())

    async def ready(status: str, reason: str, **more: Any) -> None:
        condition = {"type": "Ready", "status": status, "reason": reason, "message": f"it says {reason}"}
        body = {"status": {"conditions": [condition], **more}}
        await lab.client.merge_patch(CERTIFICATES, "web", body, lab.workloads, subresource="status")

    await lab.until_live(CERTIFICATES, "web", lambda live: live is not None)
    app = await lab.until(is_so("Progressing"))
    await ready("True", "Ready")
    await lab.until(is_so("Healthy"))
    await ready("False", "Expired")
    app = await lab.until(is_so("Degraded"))
    assert app.status.health.message == f"Caused by cert-manager.io/Certificate:{lab.workloads}/web"
    unheeded = {"metadata": {"annotations": {"argocd.argoproj.io/ignore-healthcheck": "true"}}}
    await lab.client.merge_patch(CERTIFICATES, "web", unheeded, lab.workloads)
    await lab.until(is_so("Healthy"))
    heeded = {"metadata": {"annotations": {"argocd.argoproj.io/ignore-healthcheck": None}}}
    await lab.client.merge_patch(CERTIFICATES, "web", heeded, lab.workloads)
    await lab.until(is_so("Degraded"))

    judged = {"resource.customizations": "'*.io/*':\n  health.lua: |\n    return {status = 'Suspended'}\n"}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": judged}, lab.namespace)
    app = await lab.until(is_so("Suspended"))
    key = "resource.customizations.health.cert-manager.io_Certificate"
    exact = {key: "return {status = 'Healthy'}"}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": exact}, lab.namespace)
    await lab.until(is_so("Suspended"), patience=90)
    only = {
        "resource.customizations": "'cert-manager.*/*':\n  health.lua: |\n    return {status = 'Suspended'}\n"
    }
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": only}, lab.namespace)
    await lab.until(is_so("Healthy"))
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {key: None}}, lab.namespace)
    await lab.until(is_so("Suspended"))
    await lab.client.delete(CRDS, "certificates.cert-manager.io")


async def test_what_is_being_deleted_says_why_it_is_still_there(lab: Lab) -> None:
    data = {"data": {"resource.customizations.health.ConfigMap": SCRIPT}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", data, lab.namespace)
    held = config_map()
    held["metadata"]["finalizers"] = [HELD]
    lab.renderer.holds(lab.repo, [held, deployment()])
    await lab.create_app(**automated(selfHeal=False))
    await lab.until(is_so("Healthy"))
    await lab.client.delete(CONFIG_MAPS, "settings", lab.workloads)
    await lab.until(is_so("Progressing"))
    assert lab.controller is not None
    [record] = [found for found in lab.controller.book if found.id.namespace == lab.namespace]
    [item] = [item for item in record.ledger.comparison().items if item.key.kind == "ConfigMap"]
    assert item.health is not None
    assert item.health.message == "it is being emptied"
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"metadata": {"finalizers": None}}, lab.workloads)
    await lab.until_live(CONFIG_MAPS, "settings", lambda live: live is None)
