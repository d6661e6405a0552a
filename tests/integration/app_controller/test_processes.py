"""A controller that is two processes: clusters shared out between them, one front, and one that is killed."""

import asyncio
import base64
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.local.ports import choose_port
from fairlead.process.lease import LEASES, decode_lease
from tests.fakes.clusters.cluster import Cluster
from tests.fakes.clusters.population import Population
from tests.fakes.clusters.serving import serving
from tests.integration.app_controller.lab import SECRET, Lab, automated, config_map

PATIENCE = 120.0
CLUSTERS = 3


class Controller:
    """The parent, and where the front is."""

    def __init__(self, child: asyncio.subprocess.Process, url: str) -> None:
        self.child, self.url = child, url

    async def get(self, path: str) -> tuple[int, str]:
        try:
            async with aiohttp.ClientSession() as http, http.get(self.url + path) as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientError as error:
            return 0, str(error)

    async def until(self, path: str, wanted: Any) -> str:
        """What is answered at a path, as soon as it is as wanted."""
        code, text = await self.get(path)
        async with asyncio.timeout(PATIENCE):
            while not wanted(code, text):
                await asyncio.sleep(0.05)
                code, text = await self.get(path)
        return text


@asynccontextmanager
async def controller(lab: Lab, folder: Path) -> AsyncIterator[Controller]:
    port = choose_port()
    with (folder / "controller.log").open("ab") as log:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fairlead.app_controller",
            f"--namespace={lab.config.namespace}",
            f"--kubeconfig={lab.config.kubeconfig}",
            f"--nats-url={lab.config.nats_url}",
            f"--probe-port={port}",
            env={
                **os.environ,
                "FAIRLEAD_REDIS_URL": lab.config.redis_url.reveal(),
                "FAIRLEAD_CACHE_SECRET": SECRET,
                "POD_UID": "2f6c1d9e",
            },
            stdout=log,
            stderr=log,
        )
    try:
        yield Controller(child, f"http://127.0.0.1:{port}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def members(lab: Lab) -> dict[str, int]:
    """The members that have a Lease, each with its process."""
    raws = await lab.client.list_all(
        LEASES, lab.namespace, label_selector="fairlead.io/replicas-of=app-controller"
    )
    leases = [decode_lease(raw) for raw in raws]
    return {
        lease.holder: int(lease.origin.split(":")[3])
        for lease in leases
        if lease.view is not None and lease.view.members
    }


async def until_members(lab: Lab, wanted: Any) -> dict[str, int]:
    found = await members(lab)
    async with asyncio.timeout(PATIENCE):
        while not wanted(found):
            await asyncio.sleep(0.05)
            found = await members(lab)
    return found


async def declare(lab: Lab, cluster: Cluster, port: int) -> None:
    """The Secret of a played cluster, and an application that goes there."""
    name = f"played-{cluster.number}"
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "data": {
            key: base64.b64encode(value.encode()).decode()
            for key, value in {"name": name, "server": f"http://127.0.0.1:{port}", "config": "{}"}.items()
        },
    }
    await lab.client.create(SECRETS, body, lab.namespace)
    destination = {"name": name, "namespace": "default"}
    await lab.create_app(name, destination=destination, **automated())


async def test_a_controller_that_the_config_map_makes_two_processes_is_one_to_the_outside(
    lab: Lab, tmp_path: Path
) -> None:
    await lab.stop()
    data = {"data": {"controller.processes": "2"}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", data, lab.namespace)
    revision = lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    async with (
        serving(range(CLUSTERS), Population(20)) as served,
        controller(lab, tmp_path) as running,
    ):
        for cluster, port in zip(served.clusters, served.ports, strict=True):
            await declare(lab, cluster, port)
        first = await until_members(lab, lambda found: len(found) == 2)
        for cluster in served.clusters:
            await lab.synced(f"played-{cluster.number}", revision)
        assert await running.until("/readyz", lambda code, _: code == 200) == "ok"
        assert (await running.get("/healthz"))[0] == 200
        text = await running.until("/metrics", lambda _, text: text.count("\nargocd_app_info{") == CLUSTERS)
        assert text.count("# TYPE argocd_app_info gauge") == 1
        assert text.count("\nargocd_cluster_info{") == CLUSTERS + 1

        killed, pid = sorted(first.items())[0]
        os.kill(pid, signal.SIGKILL)
        await until_members(lab, lambda found: len(found) == 2 and killed not in found)
        revision = await lab.renderer.commit(lab.repo, [config_map(colour="green")])
        for cluster in served.clusters:
            await lab.synced(f"played-{cluster.number}", revision)
            assert cluster.counts["apply"] == 2

        running.child.terminate()
        async with asyncio.timeout(PATIENCE):
            assert await running.child.wait() == 0
        assert await members(lab) == {}
