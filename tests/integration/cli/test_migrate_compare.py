"""`admin migrate compare` on a real cluster and repository: verdicts side by side, and not one write."""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from fairlead.cli.admin.backup import APPLICATIONS, PROJECTS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.git_server import GitServer
from fairlead.local.pki import ensure_pki
from fairlead.local.work_repo import WorkRepo
from tests.chaos.kube_edge import KubeEdge, kubeconfig_through
from tests.chaos.recording import Recording
from tests.e2e.world import CONFIG_MAPS, IN_CLUSTER, config_map
from tests.servers import with_kinds

HOME, WORK = "compare-home", "compare-work"


class Place:
    """A control plane that Argo CD left, and a way to its cluster that writes down what is asked for."""

    def __init__(self, client: KubeClient, config: Path, recording: Recording) -> None:
        self.client = client
        self.config = config
        self.recording = recording

    async def compare(self, *flags: str) -> tuple[int | None, dict[str, dict[str, Any]], str]:
        """The exit code, and each application's row."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fairlead.cli", "admin", "migrate", "compare", "-o", "json"),
            *("--kubeconfig", str(self.config), "-n", HOME, "--timeout", "90s", *flags),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert out, err.decode()
        rows = {row["name"]: row for row in json.loads(out)["applications"]}
        return process.returncode, rows, err.decode()

    async def application(self, name: str, url: str, revision: str, status: str) -> None:
        """An Application as it was left, of the folder of its name."""
        source = {"repoURL": url, "path": name, "targetRevision": "main"}
        body = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name},
            "spec": {
                "project": "default",
                "source": source,
                "destination": {"server": IN_CLUSTER, "namespace": WORK},
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
            },
        }
        await self.client.create(APPLICATIONS, body, HOME)
        line = {"version": "v1", "kind": "ConfigMap", "namespace": WORK, "name": name, "status": status}
        compared = {"destination": body["spec"]["destination"], "source": source}  # type: ignore[index]
        left = {
            "sync": {"status": status, "revision": revision, "comparedTo": compared},
            "resources": [line],
            "health": {"status": "Healthy"},
        }
        await self.client.merge_patch(APPLICATIONS, name, {"status": left}, HOME)


@pytest_asyncio.fixture(loop_scope="session")
async def place(control_plane: ControlPlane, tmp_path: Path) -> AsyncIterator[Place]:
    await with_kinds(control_plane)
    for name in (HOME, WORK):
        await control_plane.kubectl("create", "namespace", name)
    recording, pki = Recording(), ensure_pki(control_plane.kubeconfig.parent / "pki")
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        await client.create(PROJECTS, project(), HOME)
        edge = KubeEdge(
            "compare",
            client.connection.server,
            pki,
            recording,
            chance=random.Random(1),  # noqa: S311 - nothing is left to chance
            client="admin",
        )
        async with edge:
            config = kubeconfig_through(edge, control_plane.kubeconfig, tmp_path / "through.kubeconfig")
            yield Place(client, config, recording)


def project() -> dict[str, Any]:
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"namespace": "*", "server": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    }
    kind = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject"}
    return {**kind, "metadata": {"name": "default"}, "spec": spec}


def live(name: str, **data: str) -> dict[str, Any]:
    mark = {"argocd.argoproj.io/tracking-id": f"{name}:/ConfigMap:{WORK}/{name}"}
    return {"metadata": {"name": name, "annotations": mark}, "data": data}


async def test_verdicts_are_compared_here_and_the_cluster_is_asked_to_change_nothing(
    place: Place, git_server: GitServer, tmp_path: Path
) -> None:
    repo = await WorkRepo.clone(await git_server.create("compared"), tmp_path / "work")
    files = {f"{name}/it.yaml": config_map(name, a="1") for name in ("same", "other")}
    revision = await repo.publish(files, "first")
    url = git_server.repo_url("compared")
    for name, value in (("same", "1"), ("other", "2")):
        await place.client.create(
            CONFIG_MAPS, live(name, a=value), WORK, params={"fieldManager": "argocd-controller"}
        )
        await place.application(name, url, revision, "Synced")
    await place.application("lost", url, revision, "Synced")

    code, rows, _ = await place.compare()

    assert {name: row["outcome"] for name, row in rows.items()} == {
        "same": "same",
        "other": "differs",
        "lost": "no verdict",
    }, [row.get("reason") for row in rows.values()]
    assert code == 1
    [item] = rows["other"]["objects"]
    assert (item["kind"], item["ours"], item["theirs"]) == ("ConfigMap", "OutOfSync", "Synced")
    assert [field["path"] for field in item["fields"]] == [".data.a"]
    assert "lost: app path does not exist" in rows["lost"]["reason"]
    assert [write.path for write in place.recording.writes if "dryRun=All" not in write.query] == []
