"""From Argo CD and back, on a real cluster: what is found, who is stopped and started, what is taken off."""

import asyncio
import json
import shlex
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest_asyncio

from fairlead.cli.admin.backup import APPLICATIONS
from fairlead.cli.admin.control_plane import CONFIG_MAPS, SECRETS
from fairlead.cli.admin.migrate.workloads import PODS, REMEMBERED, RESOURCES
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.process.lease import LEASES
from tests.servers import with_kinds

HOME, BESIDE = "migrate-home", "migrate-beside"
THEIRS = (
    ("StatefulSet", "argocd-application-controller", 2),
    ("Deployment", "argocd-applicationset-controller", 1),
    ("Deployment", "argocd-repo-server", 2),
    ("Deployment", "argocd-server", 1),
    ("Deployment", "argocd-dex-server", 1),
    ("Deployment", "argocd-redis", 1),
)
STOPPED = [
    "Deployment argocd-applicationset-controller",
    "StatefulSet argocd-application-controller",
    "Deployment argocd-server",
    "Deployment argocd-repo-server",
]
"""In the order in which they stop."""


class Installation:
    """Argo CD in one namespace, Fairlead beside it, and the command."""

    def __init__(self, file: Path, client: KubeClient) -> None:
        self.file = file
        self.client = client

    async def __call__(self, line: str) -> tuple[int | None, str, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fairlead.cli", "admin", "migrate", *shlex.split(line)),
            *("--kubeconfig", str(self.file), "-n", HOME),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(180):
            out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    async def ok(self, line: str) -> str:
        code, out, err = await self(line)
        assert code == 0, (line, out, err)
        return out

    async def findings(self, line: str = "check") -> list[dict[str, str]]:
        _, out, err = await self(f"{line} -o json")
        assert out, err
        found: list[dict[str, str]] = json.loads(out)["findings"]
        return found

    async def replicas(self, namespace: str) -> dict[str, tuple[int, str]]:
        """Pods wanted, and what is remembered, by name."""
        found = {}
        for resource in RESOURCES.values():
            for raw in await self.client.list_all(resource, namespace):
                one = msgspec.json.decode(raw)
                remembered = (one["metadata"].get("annotations") or {}).get(REMEMBERED, "")
                found[one["metadata"]["name"]] = (one["spec"]["replicas"], remembered)
        return found

    async def versions(self) -> dict[str, str]:
        """Which version each Application has."""
        listed = [msgspec.json.decode(raw) for raw in await self.client.list_all(APPLICATIONS, HOME)]
        return {one["metadata"]["name"]: one["metadata"]["resourceVersion"] for one in listed}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def installation(control_plane: ControlPlane) -> AsyncIterator[Installation]:
    await with_kinds(control_plane)
    for name in (HOME, BESIDE):
        await control_plane.kubectl("create", "namespace", name)
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        for kind, name, replicas in THEIRS:
            await client.create(RESOURCES[kind], workload(kind, name, replicas), HOME)
        for kind, name, replicas in THEIRS[:4]:
            body = workload(kind, name, replicas, image="fairlead/any:0.1.0")
            body["spec"]["template"]["spec"]["containers"][0]["env"] = [
                {"name": "FAIRLEAD_NAMESPACE", "value": HOME}
            ]
            body["metadata"]["annotations"] = {REMEMBERED: str(replicas)}
            body["spec"]["replicas"] = 0
            await client.create(RESOURCES[kind], body, BESIDE)
        settings = {"commit.author.name": "robot", "admin.enabled": "true", "no.such": "x"}
        body = {"metadata": {"name": "argocd-cm", "labels": part_of()}, "data": settings}
        await client.create(CONFIG_MAPS, body, HOME)
        await client.create(CONFIG_MAPS, {"metadata": {"name": "argocd-rbac-cm"}, "data": {}}, HOME)
        program = {"command": "gke-auth", "apiVersion": "client.authentication.k8s.io/v1"}
        config = {"execProviderConfig": program}
        labels = {"argocd.argoproj.io/secret-type": "cluster"}
        data = {"name": "away", "server": "https://away.invalid", "config": json.dumps(config)}
        secret = {"metadata": {"name": "away", "labels": labels}, "stringData": data}
        await client.create(SECRETS, secret, HOME)
        await client.create(APPLICATIONS, application("web"), HOME)
        yield Installation(Path(control_plane.kubeconfig), client)


def part_of(component: str = "") -> dict[str, str]:
    labels = {"app.kubernetes.io/part-of": "argocd"}
    return {**labels, "app.kubernetes.io/component": component} if component else labels


def workload(
    kind: str, name: str, replicas: int, *, image: str = "quay.io/argoproj/argocd:v2.14.3"
) -> dict[str, Any]:
    labels = part_of(name.removeprefix("argocd-")) | {"app.kubernetes.io/name": name}
    pod = {"containers": [{"name": name, "image": image}]}
    spec: dict[str, Any] = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return {"metadata": {"name": name, "labels": labels}, "spec": spec}


def application(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name,
            "annotations": {
                "fairlead.dev/attempted": "x",
                "fairlead.dev/sync-clock": "y",
                "mine.example/kept": "z",
                "argocd.argoproj.io/hydrate": "normal",
            },
        },
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/x.git", "path": "."},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"},
            **spec,
        },
    }


async def test_a_check_says_what_works_what_differs_and_what_does_not_act_and_writes_nothing(
    installation: Installation,
) -> None:
    before = await installation.versions()

    code, out, _ = await installation("check")

    assert code == 0, out
    assert f"1 applications, 0 application sets and 0 projects in {HOME}" in out
    found = {tuple(one.values()) for one in await installation.findings()}
    texts = {text for *_, text in found}
    assert ("missing", "settings", "argocd-cm", "no.such is not known and has no effect") in found
    assert "Argo CD 2.14 keeps what Fairlead reads" in texts
    assert "the controller may run gke-auth only once applicationController.clusterPrograms names it" in texts
    assert ("works", "definitions", "applications", "it keeps the same fields as ours") in found
    assert await installation.versions() == before


async def test_a_check_ends_with_one_from_the_degree_that_is_asked_for(installation: Installation) -> None:
    assert (await installation("check --fail-on missing"))[0] == 1
    assert (await installation("check --fail-on blocks"))[0] == 0


async def test_an_argo_cd_that_somebody_deploys_is_not_stopped(installation: Installation) -> None:
    kind, name = "Deployment", "argocd-server"
    mark = {"argocd.argoproj.io/tracking-id": f"argocd:apps/Deployment:{HOME}/argocd-server"}
    body = {"metadata": {"annotations": mark}}
    await installation.client.merge_patch(RESOURCES[kind], name, body, HOME)
    try:
        code, _, err = await installation("start --dry-run=false")
        assert code == 1
        assert "the application argocd deploys it: switch its automated sync off first" in err
        assert (await installation.replicas(HOME))["argocd-server"] == (1, "")
    finally:
        body = {"metadata": {"annotations": dict.fromkeys(mark)}}
        await installation.client.merge_patch(RESOURCES[kind], name, body, HOME)


async def test_start_and_back_change_who_is_in_charge_and_no_application(
    installation: Installation,
) -> None:
    before, versions = await installation.replicas(HOME), await installation.versions()

    said = await installation.ok("start")
    assert "would be stopped (2 pods); nothing was done: --dry-run=false does it" in said
    assert await installation.replicas(HOME) == before

    said = await installation.ok("start --dry-run=false --timeout 2m")
    stopped = [line.partition(" in ")[0] for line in said.splitlines() if " stopped (" in line]
    assert stopped == STOPPED
    there = await installation.replicas(HOME)
    assert there["argocd-application-controller"] == (0, "2")
    assert there["argocd-redis"] == there["argocd-dex-server"] == (1, "")
    assert (await installation.replicas(BESIDE))["argocd-application-controller"] == (2, "")
    assert "is stopped already" in await installation.ok("start --dry-run=false")
    assert (await installation.replicas(HOME))["argocd-application-controller"] == (0, "2")

    said = await installation.ok("back --dry-run=false --timeout 2m")
    assert await installation.replicas(HOME) == before
    assert (await installation.replicas(BESIDE))["argocd-application-controller"] == (0, "2")
    assert await installation.versions() == versions


async def test_nobody_is_started_while_a_pod_of_the_other_is_only_ending(installation: Installation) -> None:
    """A pod that is being deleted runs for as long as it is given, and no Deployment counts it."""
    before, beside = await installation.replicas(HOME), await installation.replicas(BESIDE)
    hold = {"finalizers": ["example.com/hold"]}
    labels = {"app.kubernetes.io/name": "argocd-applicationset-controller"}
    container = {"name": "any", "image": "any"}
    pod = {"metadata": {"name": "ending", "labels": labels, **hold}, "spec": {"containers": [container]}}
    await installation.client.create(PODS, pod, HOME)
    await installation.client.delete(PODS, "ending", HOME)
    for _ in range(2):
        code, out, err = await installation("start --dry-run=false --timeout 2s")
        assert code != 0, out
        assert "Deployment argocd-applicationset-controller still has pods after 2s" in err
        assert await installation.replicas(BESIDE) == beside, "nobody is started"
    free = {"metadata": {"finalizers": None}}
    await installation.client.merge_patch(PODS, "ending", free, HOME)
    said = await installation.ok("start --dry-run=false --timeout 2m")
    assert said.startswith(f"{HOME} at {installation.client.connection.server}")
    await installation.ok("back --dry-run=false --timeout 2m")
    assert await installation.replicas(HOME) == before


async def test_a_start_that_was_killed_between_two_workloads_goes_on(installation: Installation) -> None:
    before = await installation.replicas(HOME)
    for kind, name in (("StatefulSet", "argocd-application-controller"),):
        body = {"metadata": {"annotations": {REMEMBERED: "2"}}, "spec": {"replicas": 0}}
        await installation.client.merge_patch(RESOURCES[kind], name, body, HOME)

    await installation.ok("start --dry-run=false --timeout 2m")
    await installation.ok("back --dry-run=false --timeout 2m")

    assert await installation.replicas(HOME) == before


async def test_who_goes_back_is_told_of_pins_and_pauses_that_end_by_it(installation: Installation) -> None:
    said = {
        "fairlead.dev/pinned-revisions": "a" * 40,
        "fairlead.dev/paused-until": "2999-01-01T00:00:00Z",
        "fairlead.dev/paused-reason": "INC-482",
    }
    client = installation.client
    await client.merge_patch(APPLICATIONS, "web", {"metadata": {"annotations": said}}, HOME)
    try:
        code, _, err = await installation("back --dry-run=false --timeout 2m")
        assert code == 1
        assert f"application {HOME}/web: pinned to {'a' * 12}" in err
        assert "until 2999-01-01T00:00:00Z: INC-482" in err
        assert "application" in await installation.ok("back")
        await installation.ok("back --dry-run=false --force --timeout 2m")
    finally:
        gone = {"metadata": {"annotations": dict.fromkeys(said)}}
        await client.merge_patch(APPLICATIONS, "web", gone, HOME)


async def test_going_back_takes_off_what_only_fairlead_reads_when_asked(installation: Installation) -> None:
    kind = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
    lease = {**kind, "metadata": {"name": "fairlead-app-controller-one"}, "spec": {"holderIdentity": "one"}}
    await installation.client.create(LEASES, lease, HOME)
    await installation.client.create(LEASES, {**kind, "metadata": {"name": "others"}, "spec": {}}, HOME)

    said = await installation.ok("back --clean")
    assert "fairlead.dev/attempted, fairlead.dev/sync-clock would be taken off" in said
    await installation.ok("back --clean --dry-run=false --timeout 2m")

    found = msgspec.json.decode(await installation.client.get(APPLICATIONS, "web", HOME))
    kept = {"mine.example/kept": "z", "argocd.argoproj.io/hydrate": "normal"}
    assert found["metadata"]["annotations"] == kept
    leases = [msgspec.json.decode(raw) for raw in await installation.client.list_all(LEASES, HOME)]
    assert [one["metadata"]["name"] for one in leases] == ["others"]
