"""Plugin servers as processes, and what a plugin's file says."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

SHELL = ["sh", "-c"]


def plugin(name: str, generate: str, **spec: Any) -> dict[str, Any]:
    """A plugin whose commands are scripts; `init` and `find` as well."""
    found: dict[str, Any] = {"generate": {"command": SHELL, "args": [generate]}}
    if init := spec.pop("init", ""):
        found["init"] = {"command": [*SHELL, init]}
    if find := spec.pop("find", ""):
        found["discover"] = {"find": {"command": SHELL, "args": [find]}}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ConfigManagementPlugin",
        "metadata": {"name": name},
        "spec": found | spec,
    }


class SidecarProcess:
    """One plugin server."""

    def __init__(self, folder: Path, sockets: Path, said: dict[str, Any]) -> None:
        self.folder = folder
        self.work = folder / "work"
        version = said["spec"].get("version")
        self.socket = sockets / f"{said['metadata']['name']}{f'-{version}' if version else ''}.sock"
        self.process: asyncio.subprocess.Process | None = None
        (folder / "config").mkdir(parents=True)
        (folder / "config/plugin.yaml").write_text(yaml.safe_dump(said))

    async def start(self, *flags: str, **environment: str) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "fairlead.plugin_server",
                f"--config-dir-path={self.folder / 'config'}",
                f"--plugin-sockets={self.socket.parent}",
                f"--work-dir={self.work}",
                *flags,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        async with asyncio.timeout(60):
            while not self.socket.exists():
                assert self.process.returncode is None, (self.folder / "log").read_text()
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(30):
                    await self.process.wait()
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)

    def left(self) -> list[str]:
        """What is in its folder for work."""
        return sorted(path.name for path in self.work.iterdir())


@asynccontextmanager
async def sidecars(folder: Path, sockets: Path, *said: dict[str, Any]) -> AsyncIterator[list[SidecarProcess]]:
    """Plugin servers for these plugins."""
    sockets.mkdir(exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        made = []
        for one in said:
            server = SidecarProcess(folder / f"sidecar-{one['metadata']['name']}", sockets, one)
            stack.push_async_callback(server.stop)
            await server.start()
            made.append(server)
        yield made
