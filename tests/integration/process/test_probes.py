"""Each service's probes while everything it needs is away: it lives, it is not ready, and nobody kills it."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import msgspec
import pytest

from fairlead.local.ports import LOOPBACK, choose_port

DEADLINE = 90.0


def kubeconfig(folder: Path) -> Path:
    """A cluster where nobody listens."""
    named = {"name": "away"}
    file = folder / "kubeconfig"
    file.write_bytes(
        msgspec.json.encode(
            {
                "clusters": [{**named, "cluster": {"server": f"https://{LOOPBACK}:{choose_port()}"}}],
                "users": [{**named, "user": {"token": "none"}}],
                "contexts": [{**named, "context": {"cluster": "away", "user": "away"}}],
                "current-context": "away",
            }
        )
    )
    return file


@pytest.mark.parametrize(
    "service", ["repo-server", "app-controller", "api-server", "applicationset-controller", "notifications"]
)
async def test_a_service_without_its_dependencies_is_alive_and_not_ready(
    service: str, tmp_path: Path
) -> None:
    port = choose_port()
    away = f"{LOOPBACK}:{choose_port()}"
    own = {"repo-server": [f"--data-dir={tmp_path}"], "api-server": [f"--port={choose_port()}"]}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"fairlead.{service.replace('-', '_')}",
        f"--kubeconfig={kubeconfig(tmp_path)}",
        f"--nats-url=nats://{away}",
        f"--probe-port={port}",
        *own.get(service, []),
        env={"FAIRLEAD_REDIS_URL": f"redis://{away}", "FAIRLEAD_CACHE_SECRET": "c" * 32, "PATH": ""},
    )
    try:
        async with asyncio.timeout(DEADLINE), aiohttp.ClientSession(f"http://{LOOPBACK}:{port}") as http:
            assert await until_answered(process, http, "/healthz") == (200, "ok")
            assert await until_answered(process, http, "/readyz") == (503, "start")
        assert process.returncode is None
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until_answered(
    process: asyncio.subprocess.Process, http: aiohttp.ClientSession, path: str
) -> tuple[int, str]:
    while True:
        assert process.returncode is None, "it ended by itself"
        try:
            async with http.get(path) as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientError:
            await asyncio.sleep(0.05)
