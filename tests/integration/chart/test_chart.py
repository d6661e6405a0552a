"""The chart, rendered by our own engine from Git, and taken by a real API server."""

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead.local.builds import render_engine_binary
from fairlead.local.control_plane import ControlPlane
from fairlead.local.git_server import GitServer
from fairlead.local.program import script_program
from fairlead.local.work_repo import WorkRepo
from fairlead.render import EngineConfig, PoolConfig, RenderPool, RenderRequest

ROOT = Path(__file__).parents[3]
PARTS = ("charts", "deploy/manifests")


def tree() -> dict[str, str | bytes | None]:
    """The files of the chart and of the manifests that it links to."""
    files = (file for part in PARTS for file in sorted((ROOT / part).rglob("*")))
    return {str(file.relative_to(ROOT)): file.read_bytes() for file in files if file.is_file()}


async def rendered(git_server: GitServer, folder: Path, **values: object) -> list[dict[str, Any]]:
    repo = await WorkRepo.clone(await git_server.create(folder.name), folder)
    await repo.write(tree())
    for link in ("crds", "manifests"):
        os.symlink(os.readlink(ROOT / "charts/fairlead" / link), folder / "charts/fairlead" / link)  # noqa: PTH211, PTH115
    head = await repo.commit("chart")
    await repo.push()
    engine = EngineConfig(binary=render_engine_binary())
    async with RenderPool(PoolConfig(engine=engine, size=1)) as pool:
        result = await pool.render(
            RenderRequest(
                mirror=git_server.path(folder.name),
                commit=head,
                path="charts/fairlead",
                options={"helm": {"valuesObject": values}},
                release_name="fairlead",
                namespace="argocd",
                kube_version="1.36.3",
            )
        )
    return [msgspec.json.decode(document) for document in result.documents]


async def test_the_chart_has_what_argo_cd_installs_by_the_same_names(
    git_server: GitServer, tmp_path: Path
) -> None:
    objects = await rendered(git_server, tmp_path / "chart-names")
    names = {f"{item['kind']}/{item['metadata']['name']}" for item in objects}
    assert {
        "Deployment/argocd-server",
        "Deployment/argocd-repo-server",
        "StatefulSet/argocd-application-controller",
        "Service/argocd-server",
        "Service/argocd-metrics",
        "ConfigMap/argocd-cm",
        "Secret/argocd-secret",
        "CustomResourceDefinition/applications.argoproj.io",
    } <= names
    assert max(Counter(names).values()) == 1


async def test_every_object_is_valid_to_the_api_server(
    git_server: GitServer, control_plane: ControlPlane, tmp_path: Path
) -> None:
    objects = await rendered(git_server, tmp_path / "chart-valid", insecure=True)
    namespaced = [item for item in objects if not item["kind"].startswith(("Cluster", "Custom"))]
    manifest = b"\n---\n".join(msgspec.json.encode(item) for item in namespaced)
    await control_plane.kubectl("create", "namespace", "argocd-chart")
    replaced = manifest.replace(b'"namespace":"argocd"', b'"namespace":"argocd-chart"')
    output = await control_plane.kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-", stdin=replaced
    )
    assert len(output.splitlines()) == len(namespaced)


async def test_no_service_but_the_controller_may_touch_the_cluster(
    git_server: GitServer, tmp_path: Path
) -> None:
    objects = await rendered(git_server, tmp_path / "chart-rights")
    bound = [
        subject["name"]
        for item in objects
        if item["kind"] == "ClusterRoleBinding"
        for subject in item["subjects"]
    ]
    assert bound == ["argocd-application-controller"]


@pytest.mark.parametrize("service", ["repo-server", "app-controller", "api-server"])
async def test_each_service_knows_only_its_own_password(
    git_server: GitServer, tmp_path: Path, service: str
) -> None:
    objects = await rendered(git_server, tmp_path / f"chart-{service}")
    (pod,) = [
        container
        for item in objects
        if item["kind"] in {"Deployment", "StatefulSet"}
        for container in item["spec"]["template"]["spec"]["containers"]
        if container["name"] == service
    ]
    keys = {
        (source["secretKeyRef"]["name"], source["secretKeyRef"]["key"])
        for source in (entry.get("valueFrom", {}) for entry in pod["env"])
        if "secretKeyRef" in source
    }
    assert keys == {("argocd-nats", service), ("argocd-redis", "url"), ("argocd-redis", "cache")}


async def test_nats_takes_the_configuration_of_the_chart(git_server: GitServer, tmp_path: Path) -> None:
    objects = await rendered(git_server, tmp_path / "chart-nats")
    (conf,) = [
        item["stringData"]["nats.conf"]
        for item in objects
        if item["metadata"]["name"] == "argocd-nats" and item["kind"] == "Secret"
    ]
    file = tmp_path / "nats.conf"
    file.write_text(conf)
    process = await asyncio.create_subprocess_exec(
        script_program("nats-server"), "--config", file, "-t", stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
