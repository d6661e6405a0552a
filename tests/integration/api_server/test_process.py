"""The service as it is started in earnest: its own process, on its own event loop."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest

from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.process import ServerProcess
from fairlead.local.redis_server import RedisServer
from tests.integration.api_server.conftest import CACHE_SECRET, NAMESPACE, Door, application
from tests.transports import Native, ask_web

VERSION = "/version.VersionService/Version"
DEADLINE = 120


class Starter:
    """Starts the process on the servers of these tests."""

    def __init__(self, folder: Path, plane: ControlPlane, nats: NatsServer, redis: RedisServer) -> None:
        self._folder = folder
        self._flags = [f"--kubeconfig={plane.kubeconfig}", f"--nats-url={nats.url}", f"--listen={LOOPBACK}"]
        self._env = {"FAIRLEAD_REDIS_URL": redis.url, "FAIRLEAD_CACHE_SECRET": CACHE_SECRET}

    @asynccontextmanager
    async def started(self, *flags: str) -> AsyncIterator[int]:
        """Its port once it listens; that it never failed is looked at in the end."""
        port = choose_port()
        argv = [sys.executable, "-m", "fairlead.api_server", f"--namespace={NAMESPACE}", f"--port={port}"]
        argv += [f"--probe-port={choose_port()}", *self._flags, *flags]
        log = self._folder / f"{port}.log"
        process = ServerProcess("api-server", argv, log_file=log, env=self._env)
        await process.start()
        try:
            async with asyncio.timeout(DEADLINE):
                while process.running and not await _listens(port):
                    await asyncio.sleep(0.1)
            assert process.running, log.read_text()
            yield port
            assert "Traceback" not in log.read_text()
        finally:
            await process.stop()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.fixture
def starter(
    tmp_path: Path, control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> Starter:
    return Starter(tmp_path, control_plane, nats_server, redis_server)


@pytest.mark.parametrize("flags", [("--insecure",), ()], ids=["plain", "TLS"])
async def test_the_process_speaks_grpc_and_grpc_web_and_rest(
    door: Door, kube: KubeClient, starter: Starter, flags: tuple[str, ...]
) -> None:
    name = f"in-earnest-{len(flags)}"
    await application(kube, name)
    async with starter.started(*flags) as port:
        async with asyncio.timeout(DEADLINE):
            target, url, credentials = f"localhost:{port}", f"http://localhost:{port}", None
            context: Any = None
            if not flags:
                shown = await asyncio.to_thread(ssl.get_server_certificate, (LOOPBACK, port))
                credentials = grpc.ssl_channel_credentials(shown.encode())
                url, context = f"https://localhost:{port}", ssl.create_default_context(cadata=shown)
            async with (
                Native(target, door.token, credentials) as native,
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context or True)) as http,
            ):
                said = await native.ask(VERSION, {})
                over_web = await ask_web(http, url, VERSION, {})
                async with http.get(f"{url}/api/version") as answer:
                    over_rest = await answer.json()
                assert said.Version == over_web.Version == over_rest["Version"]
                watched = native.stream("/application.ApplicationService/Watch", {"name": name})
                event = await anext(aiter(watched))
                assert event.application.metadata.name == name
                watched.cancel()
