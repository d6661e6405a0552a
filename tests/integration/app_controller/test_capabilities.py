"""Charts learn what their cluster serves when it changes, and nothing else is rendered for it."""

import asyncio
from typing import Any

from fairlead.kube.resource import Resource
from tests.integration.app_controller.lab import Lab, automated, config_map, is_synced

DEFINITIONS = Resource(
    group="apiextensions.k8s.io",
    version="v1",
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    namespaced=False,
)
PATIENCE = 120.0


def definition(plural: str, kind: str) -> dict[str, Any]:
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object"}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.capable.example"},
        "spec": {
            "group": "capable.example",
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [version],
        },
    }


async def test_a_chart_is_rendered_anew_for_a_new_kind_without_a_refresh_and_a_directory_is_not(
    lab: Lab,
) -> None:
    plain = f"{lab.repo}/plain"
    lab.renderer.charts.add(lab.repo)
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    lab.renderer.holds(plain, [config_map("plain", colour="blue")])
    await lab.create_app(**automated())
    await lab.create_app("plain", source={"repoURL": plain, "path": "."}, **automated())
    for name in ("app", "plain"):
        await lab.until(is_synced, name, patience=PATIENCE)
    before = await lab.renderer.capabilities("app", lab.namespace)
    assert before.kube_version.startswith("v1.")
    assert "apps/v1/Deployment" in before.api_versions
    assert before == await lab.renderer.capabilities("plain", lab.namespace)
    lab.renderer.requests.clear()
    for plural, kind in (("ones", "One"), ("twos", "Two")):
        await lab.client.create(DEFINITIONS, definition(plural, kind))
    async with asyncio.timeout(PATIENCE):
        while not any(request.cause == "capabilities" for request in lab.renderer.requests):
            await asyncio.sleep(0.05)
    assert {request.name for request in lab.renderer.requests} == {"app"}
    after = await lab.renderer.capabilities("app", lab.namespace)
    assert {"capable.example/v1", "capable.example/v1/One"} <= set(after.api_versions)
    assert await lab.renderer.capabilities("plain", lab.namespace) == before
    await lab.until(is_synced, patience=PATIENCE)
    for plural in ("ones", "twos"):
        await lab.client.delete(DEFINITIONS, f"{plural}.capable.example")
