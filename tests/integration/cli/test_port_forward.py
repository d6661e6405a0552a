"""`--port-forward` on a real cluster: an API server that only Kubernetes leads to."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from fairlead.cli.cluster.account import ACCOUNTS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import POD, KubeClient
from fairlead.local.control_plane import ControlPlane
from tests.unit.cli.api_server import recorded

HOME, NAME = "cli-forward", "the-server"
VERSION = {"verb": "GET", "path": "/api/version", "body": {"Version": "v3.6.1+forwarded"}}
LOGIN = {"verb": "POST", "path": "/api/v1/session", "body": {"token": "a.eyJzdWIiOiJhZG1pbiJ9.c"}}
APPS = {"verb": "GET", "path": "/api/v1/applications", "body": {"items": []}}


async def fairlead(folder: Path, *words: str) -> tuple[int | None, str, str]:
    environment = {"KUBECONFIG": str(folder / "kubeconfig"), "ARGOCD_CONFIG_DIR": str(folder)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fairlead.cli", *words),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(180):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def pod(client: KubeClient, name: str, forward: str) -> None:
    """A running pod whose port leads somewhere on this machine."""
    metadata = {
        "name": name,
        "labels": {"app.kubernetes.io/name": NAME},
        "annotations": {"fairlead.dev/forward": forward},
    }
    spec = {"containers": [{"name": "main", "image": "none"}]}
    async with asyncio.timeout(180):
        while await client.find(ACCOUNTS, "default", HOME) is None:
            await asyncio.sleep(0.1)
        await client.create(POD, {"metadata": metadata, "spec": spec}, HOME)
        while json.loads(await client.get(POD, name, HOME))["status"].get("phase") != "Running":
            await asyncio.sleep(0.1)


@pytest.mark.usefixtures("control_plane")
async def test_a_server_is_reached_through_its_pod(control_plane: ControlPlane, tmp_path: Path) -> None:
    shutil.copy(control_plane.kubeconfig, tmp_path / "kubeconfig")
    await control_plane.kubectl("create", "namespace", HOME)
    flags = ("--port-forward-namespace", HOME, "--server-name", NAME, "--plaintext")
    code, _, err = await fairlead(tmp_path, "version", *flags)
    assert code == 20
    assert f"no pod labelled app.kubernetes.io/name={NAME} runs in namespace {HOME}" in err
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        with recorded([VERSION, LOGIN, APPS]) as server:
            await pod(client, "one", f"8080={server.server_port}")
            code, out, err = await fairlead(tmp_path, "version", "--short", *flags)
            assert (code, err) == (0, "")
            assert "v3.6.1+forwarded" in out
            password = ("--username", "admin", "--password", "p")
            code, out, err = await fairlead(tmp_path, "login", *password, *flags)
            assert code == 0, err
            assert "Context 'port-forward' updated" in out
            code, _, err = await fairlead(tmp_path, "app", "list", *flags)
            assert code == 0, err
            assert server.tokens[-1] == f"Bearer {LOGIN['body']['token']}"
            environment = ("app", "list", "--server-name", NAME, "--port-forward-namespace", HOME)
            code, _, err = await fairlead(tmp_path, *environment)
            assert code == 0, err
        code, _, err = await fairlead(tmp_path, "app", "list", *flags)
        assert code == 20
        assert "--port-forward: pod one:" in err
