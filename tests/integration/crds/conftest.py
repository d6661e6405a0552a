"""A namespace in a cluster that knows our kinds."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from fairlead.local.control_plane import ControlPlane
from fairlead.model.crds import DEFINITIONS

MANIFESTS = Path(__file__).parents[3] / "deploy" / "manifests"
NAMESPACE = "crd-samples"
ESTABLISHED_SECONDS = 120


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster(control_plane: ControlPlane) -> ControlPlane:
    """The control plane with the committed definitions served."""
    crds = MANIFESTS / "crds"
    await control_plane.kubectl(
        "apply", "--server-side", "--force-conflicts", "--validate=strict", "-f", str(crds)
    )
    async with asyncio.timeout(ESTABLISHED_SECONDS):
        while not await are_served(control_plane):
            await asyncio.sleep(0.1)
    return control_plane


async def are_served(control_plane: ControlPlane) -> bool:
    """Whether every kind is served. `kubectl wait` fails on a definition that has no conditions yet."""
    served = await control_plane.kubectl("api-resources", "--api-group=argoproj.io", "-o", "name")
    return len(served.split()) >= len(DEFINITIONS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def namespace(cluster: ControlPlane) -> AsyncIterator[str]:
    """A namespace of this folder's own; its objects' finalizers are taken off in the end."""
    await cluster.kubectl("create", "namespace", NAMESPACE)
    yield NAMESPACE
    for plural in ("applications", "applicationsets", "appprojects"):
        names = await cluster.kubectl("get", plural, "-n", NAMESPACE, "-o", "name")
        for name in names.split():
            patch = '{"metadata":{"finalizers":null}}'
            await cluster.kubectl("patch", name, "-n", NAMESPACE, "--type=merge", "-p", patch)
    await cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
