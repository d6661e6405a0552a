"""Two controllers as processes: one works on a cluster at a time, also when another is killed or stopped."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.process.lease import LEASES, decode_lease
from tests.integration.app_controller.lab import Lab, automated, config_map, is_synced
from tests.integration.app_controller.test_clusters import cluster_secret
from tests.integration.app_controller.test_faults import process
from tests.integration.kube.fault_proxy import FaultProxy

PATIENCE = 120.0
MUTATING = ("POST ", "PUT ", "PATCH ", "DELETE ")


class Replica:
    """A controller whose requests to Kubernetes are recorded, and how many members it said it sees."""

    def __init__(self, child: asyncio.subprocess.Process, proxy: FaultProxy, views: list[int]) -> None:
        self.child, self.proxy, self.views = child, proxy, views

    def writes(self, since: int = 0) -> list[str]:
        """Requests that change something, dry runs left out."""
        return [
            line for line in self.proxy.requests[since:] if line.startswith(MUTATING) and "dryRun" not in line
        ]

    def deployed(self, since: int = 0) -> list[str]:
        """Writes to the objects that applications deploy."""
        return [line for line in self.writes(since) if "/configmaps/" in line]


@asynccontextmanager
async def replica(lab: Lab, folder: Path, name: str) -> AsyncIterator[Replica]:
    folder = folder / name
    folder.mkdir()
    views: list[int] = []

    async def note(request: web.BaseRequest) -> None:
        if request.method in {"POST", "PUT"} and "/leases" in request.path:
            view = decode_lease(await request.read()).view
            views.append(len(view.members) if view else -1)

    async with FaultProxy(from_kubeconfig(lab.control_plane.kubeconfig)) as proxy:
        proxy.rule = note
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(kubeconfig_of(proxy.connection.server))
        async with process(lab, folder, kubeconfig=kubeconfig, pod=name) as child:
            yield Replica(child, proxy, views)


def kubeconfig_of(server: str) -> str:
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {}}],
    }
    return msgspec.json.encode(config).decode()


async def members(lab: Lab, count: int) -> None:
    """Until so many replicas see each other."""
    async with asyncio.timeout(PATIENCE):
        while True:
            leases = [decode_lease(raw) for raw in await lab.client.list_all(LEASES, lab.namespace)]
            views = [set(lease.view.members) for lease in leases if lease.view and lease.view.members]
            if len(views) == count and all(len(view) == count for view in views):
                return
            await asyncio.sleep(0.05)


async def owner_of(replicas: list[Replica], lab: Lab) -> Replica:
    """The one that deploys to the local cluster: a commit shows it."""
    marks = [len(item.proxy.requests) for item in replicas]
    revision = await lab.renderer.commit(lab.repo, [config_map(colour=str(time.monotonic()))])
    await lab.until(lambda app: is_synced(app) and app.status.sync.revision == revision, patience=PATIENCE)
    acting = [item for item, mark in zip(replicas, marks, strict=True) if item.deployed(mark)]
    assert len(acting) == 1, "one of them deploys, and only one"
    return acting[0]


def unguarded() -> dict[str, Any]:
    """Synced by itself, however much a commit takes away."""
    return {"syncPolicy": {**automated()["syncPolicy"], "syncOptions": ["GuardPrune=false"]}}


async def until_deployed(lab: Lab, name: str, colour: str) -> float:
    """Seconds until an object is as a commit says."""
    start = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        while True:
            live = await lab.get(CONFIG_MAPS, name)
            if live is not None and live["data"]["colour"] == colour:
                return time.monotonic() - start
            await asyncio.sleep(0.05)


async def test_one_of_two_works_and_the_other_takes_over_when_it_is_killed_or_stops(
    lab: Lab, tmp_path: Path
) -> None:
    await lab.stop()
    lab.renderer.holds(lab.repo, [config_map(colour="white")])
    await lab.create_app(**automated())
    async with replica(lab, tmp_path, "one") as one, replica(lab, tmp_path, "two") as two:
        await lab.until(is_synced, patience=PATIENCE)
        await members(lab, 2)
        owner = await owner_of([one, two], lab)
        other = two if owner is one else one
        owner.child.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        await owner.child.wait()
        await lab.renderer.commit(lab.repo, [config_map(colour="killed")])
        await until_deployed(lab, "settings", "killed")
        taken = time.monotonic() - killed
        assert other.deployed()
        assert (owner.views[-1], other.views[-1]) == (2, 1), "the killed one took no leave"
        async with replica(lab, tmp_path, "three") as three:
            await members(lab, 2)
            owner = await owner_of([other, three], lab)
            last = three if owner is other else other
            stopped = time.monotonic()
            owner.child.terminate()
            await owner.child.wait()
            assert owner.views[-1] == 0, "it left"
            renewals = len(last.views)
            await lab.renderer.commit(lab.repo, [config_map(colour="stopped")])
            await until_deployed(lab, "settings", "stopped")
            given = time.monotonic() - stopped
            assert last.deployed()
            assert 1 in last.views[renewals - 1 : renewals + 2], "it did not wait for the silence of who left"
        (tmp_path / "figures").write_text(f"killed {taken:.1f} s, stopped {given:.1f} s\n")


async def test_a_stopped_owner_that_goes_on_writes_nothing_before_it_has_renewed_its_lease(
    lab: Lab, tmp_path: Path
) -> None:
    await lab.stop()
    lab.renderer.holds(lab.repo, [config_map(colour="white")])
    await lab.create_app(**unguarded())
    async with replica(lab, tmp_path, "one") as one, replica(lab, tmp_path, "two") as two:
        await lab.until(is_synced, patience=PATIENCE)
        await members(lab, 2)
        owner = await owner_of([one, two], lab)
        other = two if owner is one else one
        mark = len(owner.proxy.requests)
        many = [config_map(f"m-{number}", colour="blue") for number in range(150)]
        await lab.renderer.commit(lab.repo, many)
        async with asyncio.timeout(PATIENCE):
            while len(owner.deployed(mark)) < 20:
                await asyncio.sleep(0.001)
        owner.child.send_signal(signal.SIGSTOP)
        await until_deployed(lab, "m-149", "blue")
        assert other.deployed()
        await lab.renderer.commit(
            lab.repo, [config_map(f"m-{number}", colour="red") for number in range(150)]
        )
        await until_deployed(lab, "m-149", "red")
        mark = len(owner.proxy.requests)
        owner.child.send_signal(signal.SIGCONT)
        async with asyncio.timeout(PATIENCE):
            while not owner.writes(mark):
                await asyncio.sleep(0.01)
        assert "/leases" in owner.writes(mark)[0]
        await members(lab, 2)
        await owner_of([one, two], lab)
        live = await lab.get(CONFIG_MAPS, "m-149")
        assert live is None or live["data"]["colour"] == "red"


async def test_clusters_are_shared_out_and_a_secret_may_name_the_shard(lab: Lab) -> None:
    assert lab.controller is not None
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    secret = cluster_secret(lab)
    secret["stringData"]["shard"] = "7"
    await lab.client.create(SECRETS, secret, lab.namespace)
    await lab.create_app(destination={"name": "elsewhere", "namespace": lab.workloads}, **automated())
    app = await lab.synced()
    server = lab.controller.clusters.entry_for(app.spec.destination).server
    async with asyncio.timeout(PATIENCE):
        while lab.controller.clusters.pins() != {server: 7}:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("variables", "host", "shard"),
    [
        ({"ARGOCD_CONTROLLER_SHARD": "3"}, "argocd-application-controller-1", "3"),
        ({}, "argocd-application-controller-1", "1"),
        ({"ARGOCD_CONTROLLER_SHARD": "many"}, "elsewhere", "0"),
    ],
)
def test_the_shard_number_is_what_argo_cds_users_set(
    variables: dict[str, str], host: str, shard: str
) -> None:
    from fairlead.app_controller.config import read_config, shard_of
    from fairlead.process import Environment

    assert shard_of(Environment(variables), host) == shard
    unused = read_config([], Environment({**variables, "ARGOCD_CONTROLLER_REPLICAS": "2"})).unused
    assert unused == ("ARGOCD_CONTROLLER_REPLICAS",)
