"""docker-compose.yml, run without an engine: what it mounts, says and starts, in a clean folder."""

import asyncio
import base64
import os
import stat
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.ports import LOOPBACK, choose_port, is_listening
from fairlead.local.suite.identities import ACCOUNTS
from tests.dockerfile import read_dockerfile
from tests.kubelet.images import ROOT, programs
from tests.kubelet.pod import Pod, PodError
from tests.kubelet.rewrite import Rewriter
from tests.kubelet.volumes import Sources

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PREPARE = ROOT / "deploy" / "compose" / "prepare"
MADE = "./deploy/compose/made"
NAMESPACE = "argocd-compose"
READY_SECONDS = 240.0

Object = dict[str, Any]


async def prepare(folder: Path, kubeconfig: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        PREPARE,
        f"--kubeconfig={kubeconfig}",
        f"--folder={folder}",
        f"--namespace={NAMESPACE}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


def usual_kubeconfig(control_plane: ControlPlane, folder: Path) -> Path:
    """As minikube writes one: for its owner only, with paths beside it."""
    config = msgspec.json.decode(control_plane.kubeconfig.read_bytes())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    for entry, key, file in (
        (cluster, "certificate-authority", "ca.crt"),
        (user, "client-certificate", "client.crt"),
        (user, "client-key", "client.key"),
    ):
        (folder / file).write_bytes(base64.b64decode(entry.pop(f"{key}-data")))
        entry[key] = file
    path = folder / "config"
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(config))
    return path


def container(name: str, service: Object, made: Path, ports: dict[int, int]) -> tuple[Object, Rewriter]:
    """A service of the file as a pod's container, and how its texts read here."""
    mounts = {}
    for volume in service.get("volumes", ()):
        source, target, *_ = volume.split(":")
        mounts[target] = made / source.removeprefix(MADE).lstrip("/")
        assert mounts[target].exists(), f"{name} mounts {source}, which nothing made"
    env = []
    if "env_file" in service:
        lines = (made / service["env_file"].removeprefix(MADE.removeprefix("./") + "/")).read_text().split()
        env += [{"name": line.split("=", 1)[0], "value": line.split("=", 1)[1]} for line in lines]
    env += [{"name": key, "value": str(value)} for key, value in service.get("environment", {}).items()]
    image = service.get("image") or f"fairlead/{service['build']['target']}:built"
    spec = {"name": name, "image": image, "env": env}
    command = service.get("command")
    if command and command[0].startswith("-"):
        spec["args"] = command
    elif command:
        spec["command"] = command
    return spec, Rewriter(namespace=NAMESPACE, services={}, ports=ports, mounts=mounts)


async def test_the_services_of_the_file_come_up_each_with_an_identity_of_its_own(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    code, words = await prepare(made, usual_kubeconfig(control_plane, tmp_path))
    assert code == 0, words
    before = (made / "nats.conf").read_text()
    assert (await prepare(made, usual_kubeconfig(control_plane, tmp_path)))[0] == 0
    assert (made / "nats.conf").read_text() == before
    check_files(made)
    ports = {number: choose_port() for number in (4222, 6379, 8080, 8081, 8082, 8083, 8084, 8087, 9001, 9002)}
    path = await asyncio.to_thread(programs, tmp_path / "bin")
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        pods = start(made, ports, tmp_path, path, client)
        try:
            async with asyncio.timeout(READY_SECONDS):
                for pod in pods:
                    await until_ready(pod, ports)
        except TimeoutError:
            raise PodError("\n".join(pod.logs() for pod in pods)) from None
        finally:
            await asyncio.gather(*(pod.stop() for pod in pods))
        assert [pod.name for pod in pods if pod.restarts] == []


def start(made: Path, ports: dict[int, int], folder: Path, path: str, client: KubeClient) -> list[Pod]:
    pods = []
    for name, service in COMPOSE["services"].items():
        assert service["user"].startswith("${FAIRLEAD_UID")
        spec, rewriter = container(name, service, made, ports)
        home = folder / "run" / name
        home.mkdir(parents=True)
        pod = Pod(
            name,
            {"containers": [spec], "automountServiceAccountToken": False},
            rewriter=rewriter,
            folder=home,
            path=path,
            sources=Sources(client, NAMESPACE),
            kubeconfig=nobody,
        )
        configuration = made / f"{name}.conf"
        if configuration.exists():
            configuration.write_text(rewriter.text(configuration.read_text()))
        pod.start()
        pods.append(pod)
    return pods


async def nobody(account: str) -> Path:
    raise AssertionError(f"no service of the file is given the token of {account} by an engine")


async def until_ready(pod: Pod, ports: dict[int, int]) -> None:
    probed = {
        "repo-server": 8084,
        "commit-server": 8087,
        "app-controller": 8082,
        "api-server": 8083,
        "applicationset-controller": 8081,
        "notifications": 9001,
        "preview": 9002,
    }
    if pod.name not in probed:
        while not await is_listening(ports[4222 if pod.name == "nats" else 6379]):
            pod.check()
            await asyncio.sleep(0.1)
        return
    stage = read_dockerfile(ROOT / "deploy/docker/Dockerfile")[pod.name]
    said = COMPOSE["services"][pod.name]["environment"]
    port = said.get("FAIRLEAD_PROBE_PORT") or stage.environment["FAIRLEAD_PROBE_PORT"]
    assert port == str(probed[pod.name])
    probe = {"httpGet": {"path": "/readyz", "port": probed[pod.name]}}
    while not await pod.succeeds(pod.spec["containers"][0], probe):
        pod.check()
        await asyncio.sleep(0.1)


def check_files(made: Path) -> None:
    for file in made.rglob("*"):
        mode = stat.S_IMODE(file.stat().st_mode)
        assert mode == (0o700 if file.is_dir() else 0o600), file
        assert file.stat().st_uid == os.getuid()
    for service, account in ACCOUNTS.items():
        config = msgspec.json.decode((made / service / f"{service}.kubeconfig").read_bytes())
        assert config["users"][0]["user"] == {"tokenFile": f"{service}.token"}
        claims = (made / service / f"{service}.token").read_text().split(".")[1]
        subject = msgspec.json.decode(base64.urlsafe_b64decode(claims + "=="))["sub"]
        assert subject == f"system:serviceaccount:{NAMESPACE}:{account}"
    assert not list((made / "mirrors").iterdir())
    keys = {
        file.stem for file in made.glob("*.env") if "FAIRLEAD_WRITE_CREDENTIALS_SECRET=" in file.read_text()
    }
    assert keys == {"commit-server", "app-controller"}


@pytest.mark.parametrize("broken", ["plugin", "away"])
async def test_a_kubeconfig_that_leads_nowhere_is_refused_by_name(
    control_plane: ControlPlane, tmp_path: Path, broken: str
) -> None:
    file = usual_kubeconfig(control_plane, tmp_path)
    config = msgspec.json.decode(file.read_bytes())
    if broken == "plugin":
        plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin", "args": []}
        config["users"][0]["user"] = {"exec": {**plugin, "interactiveMode": "Never"}}
    else:
        config["clusters"][0]["cluster"]["server"] = f"https://{LOOPBACK}:{choose_port()}"
    file.write_bytes(msgspec.json.encode(config))
    code, words = await prepare(tmp_path / "made", file)
    assert code == 1
    assert f"{file}: " in words
    assert ("no-such-plugin" if broken == "plugin" else LOOPBACK) in words
