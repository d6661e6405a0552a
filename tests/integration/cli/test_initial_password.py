"""`admin initial-password` reads the real cluster."""

import asyncio
import base64
import json
import sys
from pathlib import Path

from fairlead.cli.admin.control_plane import SECRETS
from fairlead.cli.admin.initial_password import SECRET
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane

NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)
HOME = "cli-password"


async def initial_password(kubeconfig: Path, folder: Path, namespace: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fairlead.cli", "admin", "initial-password"),
        *("--kubeconfig", str(kubeconfig), "-n", namespace, "--data-dir", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), err.decode()


async def test_the_password_is_the_first_line(control_plane: ControlPlane, tmp_path: Path) -> None:
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        await client.create(NAMESPACES, {"metadata": {"name": HOME}})
        data = {"password": base64.b64encode(b"s3cret-words").decode()}
        await client.create(SECRETS, {"metadata": {"name": SECRET}, "data": data}, HOME)
    code, out, err = await initial_password(Path(control_plane.kubeconfig), tmp_path, HOME)
    assert (code, out.splitlines()[0], err) == (0, "s3cret-words", "")


async def test_a_password_that_is_gone_is_explained(control_plane: ControlPlane, tmp_path: Path) -> None:
    code, _, err = await initial_password(Path(control_plane.kubeconfig), tmp_path, "cli-none")
    assert code == 20
    assert "the password was changed" in json.loads(err)["msg"]
