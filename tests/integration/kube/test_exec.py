"""Programs in containers, through the real API server, in both forms of its protocol."""

import asyncio

import msgspec
import pytest

from fairlead.kube import rest
from fairlead.kube.errors import KubeError
from fairlead.kube.exec_stream import PROTOCOLS, ExecStream
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import POD, KubeClient
from fairlead.local.control_plane import ControlPlane


async def said(stream: ExecStream, wanted: bytes) -> bytes:
    """What it says until that was said."""
    found = b""
    async with asyncio.timeout(60):
        while wanted not in found:
            data = await stream.output()
            assert data, found
            found += data
    return found


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_program_is_written_to_read_resized_and_ended(
    control_plane: ControlPlane, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "PROTOCOLS", (protocol,))
    name = f"exec-{protocol[:2]}"
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "main", "image": "nginx"}]},
    }
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        await client.create(POD, body, "default")
        async with asyncio.timeout(120):
            while msgspec.json.decode(await client.get(POD, name, "default"))["status"]["phase"] != "Running":
                await asyncio.sleep(0.1)
        stream = await client.exec(name, "default", "main", ["sh"])
        await said(stream, b"$ ")
        await stream.resize(10, 20)
        async with asyncio.timeout(60):
            while True:
                await stream.write(b"size\r")
                if b"10 rows 20 columns" in await said(stream, b"columns\r\n$ "):
                    break
        await stream.write(b"exit 7\r")
        async with asyncio.timeout(60):
            while await stream.output():
                pass
        assert "exit" in stream.problem
        await stream.close()

        stream = await client.exec(name, "default", "main", ["zsh"])
        assert await stream.output() == b""
        assert "executable file not found" in stream.problem
        await stream.close()
        with pytest.raises(KubeError):
            await client.exec(name, "default", "nothing", ["sh"])
        with pytest.raises(KubeError):
            await client.exec("nobody", "default", "main", ["sh"])
        await client.delete(POD, name, "default")
