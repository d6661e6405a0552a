"""Starting, watching and ending the suite. The order of `start` is that in which parts need each other."""

import asyncio
import fcntl
import os
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import aiohttp
import structlog

from fairlead.bus.permissions import server_authorization
from fairlead.kube.connection import Connection
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.builds import RENDER_ENGINE, built
from fairlead.local.control_plane import ControlPlane
from fairlead.local.errors import DataFolderInUseError, ServerStartError
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.redis_server import RedisServer
from fairlead.local.suite.config import SuiteConfig
from fairlead.local.suite.identities import ACCOUNTS, Borrowed, Identities
from fairlead.local.suite.install import install
from fairlead.local.suite.secrets import SuiteSecrets, ensure_secrets
from fairlead.local.suite.service import OnLine, Service
from fairlead.local.suite.state import FILE, LOCK, SuiteState, write_state
from fairlead.local.suite.web_ui import web_ui

log = structlog.get_logger(__name__)

API_SERVER = "api-server"
READY_SECONDS = 60.0
WATCH_SECONDS = 0.25
HANDS_CREDENTIALS = ("app-controller", "repo-server")
"""Who is given the secret that seals repositories' credentials."""
HANDS_WRITE_CREDENTIALS = ("app-controller", "commit-server")
"""The same of those to write with, where there is a commit server."""
CACHES = ("app-controller", "repo-server", "commit-server", API_SERVER)
"""Who is given Redis, and the secret that seals what is kept there."""
LOOPBACK_NETWORKS = "127.0.0.0/8,::1"
"""What is on this machine is asked for repositories, and by generators and messages."""


class Suite:
    """All processes of Fairlead with what they need. Use `async with`."""

    def __init__(self, config: SuiteConfig, *, on_line: OnLine | None = None) -> None:
        self.config = config
        self.control_plane: ControlPlane | None = None
        self.ui: Path | None = None
        self.services: dict[str, Service] = {}
        self.instances = config.instances()
        self.probes = {instance: choose_port() for instance in self.instances}
        self.port = choose_port(config.port)
        self.ports = {
            instance: self.port if instance == service else choose_port()
            for instance, service in self.instances.items()
            if service == API_SERVER
        }
        self._on_line = on_line
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def api_url(self) -> str:
        """Where the API server listens."""
        return self.api_urls.get(API_SERVER, "")

    @property
    def extensions(self) -> Path:
        """Where scripts for the web UI are put: a folder that nobody else on this machine writes to."""
        return self.config.data_dir / "extensions"

    @property
    def api_urls(self) -> dict[str, str]:
        """Where each API server listens, by its name."""
        scheme = "http" if self.config.insecure else "https"
        return {instance: f"{scheme}://{LOOPBACK}:{port}" for instance, port in self.ports.items()}

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig of the cluster in use."""
        if self.config.kubeconfig is not None:
            return self.config.kubeconfig
        if self.control_plane is None:
            raise ServerStartError("the suite was not started")
        return self.control_plane.kubeconfig

    @property
    def connection(self) -> Connection:
        """The administrator's connection to the cluster in use."""
        return from_kubeconfig(self.kubeconfig, self.config.kube_context or None)

    async def start(self) -> None:
        """Start everything and return when all services are ready."""
        config = self.config
        self._stack.enter_context(_claim(config.data_dir))
        secrets = ensure_secrets(config.data_dir)
        engine = asyncio.ensure_future(built(RENDER_ENGINE))
        ui = asyncio.ensure_future(web_ui(builds=config.builds_ui))
        try:
            await asyncio.gather(self._start_cluster(), self._start_servers(secrets))
            client = await self._stack.enter_async_context(KubeClient(self.connection))
            identities = await self._identities(client)
            await self.prepare_services()
            self.ui = await ui
            self._start_services(secrets, identities, await engine)
        finally:
            engine.cancel()
            ui.cancel()
            await asyncio.gather(engine, ui, return_exceptions=True)
        self._own(identities.keep_fresh())
        await self.until_ready()
        self._own(self._watch_servers())
        self._own(self._keep_state())

    async def stop(self) -> None:
        """Stop everything, services first."""
        for service in reversed(self.services.values()):
            await service.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._stack.aclose()
        (self.config.data_dir / FILE).unlink(missing_ok=True)

    async def until_ready(self) -> None:
        """Return when every service says it is ready; raises ServerStartError naming one that is not."""
        waiting = ""
        try:
            async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as session:
                for name, port in self.probes.items():
                    waiting = name
                    while not await _is_ready(session, port):
                        await asyncio.sleep(0.05)
        except TimeoutError as error:
            file = self._log_file(waiting)
            raise ServerStartError(
                f"{waiting} is not ready after {READY_SECONDS:.0f} s; its log is {file}"
            ) from error

    def state(self) -> SuiteState:
        """Where everything is at this moment."""
        return SuiteState(
            pid=os.getpid(),
            api_url=self.api_url,
            kubeconfig=str(self.kubeconfig),
            kube_context=self.config.kube_context,
            namespace=self.config.namespace,
            insecure=self.config.insecure,
            nats_url=self.nats.url,
            probes=self.probes,
            pids={name: service.pid for name, service in self.services.items()},
        )

    async def _start_cluster(self) -> None:
        if self.config.kubeconfig is None:
            self.control_plane = ControlPlane(self.config.data_dir / "cluster", nodes=self.config.nodes)
            await self._stack.enter_async_context(self.control_plane)

    async def _start_servers(self, secrets: SuiteSecrets) -> None:
        folder = self.config.data_dir
        self.nats = await self._stack.enter_async_context(
            NatsServer(folder / "nats", users=server_authorization(secrets.nats) + self.nats_settings())
        )
        self.redis = await self._stack.enter_async_context(
            RedisServer(folder / "redis", password=secrets.redis)
        )

    async def _identities(self, client: KubeClient) -> Identities:
        config = self.config
        if config.observes:
            return Borrowed(client, self.kubeconfig, config.namespace)
        await install(client, config.namespace, hydrates=config.hydrates)
        identities = Identities(client, config.data_dir / "identities", config.namespace)
        await identities.issue()
        return identities

    async def prepare_services(self) -> None:
        """Servers run and services do not yet: a test may put something in between."""

    def nats_settings(self) -> str:
        """Further lines of NATS's configuration; a test may look into it."""
        return ""

    def nats_url_of(self, instance: str) -> str:
        """Where a process reaches NATS; a test may put something in between."""
        return self.nats.url

    def redis_url_of(self, instance: str) -> str:
        """Where a process reaches Redis; a test may put something in between."""
        return self.redis.url

    def kubeconfig_of(self, instance: str, identities: Identities) -> Path:
        """How a process reaches the cluster; a test may put something in between."""
        return identities.kubeconfig(self.instances[instance])

    def _start_services(self, secrets: SuiteSecrets, identities: Identities, engine: Path) -> None:
        for instance, name in self.instances.items():
            service = Service(
                instance,
                [*_argv(name), *self._flags(instance, identities), *self._own_flags(instance, engine)],
                environment=self._environment(instance, secrets),
                log_file=self._log_file(instance),
                on_line=self._on_line,
                longest_pause=self.config.longest_pause,
            )
            self.services[instance] = service
            self._own(service.run())

    def _environment(self, instance: str, secrets: SuiteSecrets) -> dict[str, str]:
        name = self.instances[instance]
        given = {
            "FAIRLEAD_NATS_PASSWORD": secrets.nats[name],
        }
        if name in CACHES:
            given["FAIRLEAD_REDIS_URL"] = self.redis_url_of(instance)
            given["FAIRLEAD_CACHE_SECRET"] = secrets.cache
        if name == "preview":
            given["FAIRLEAD_CACHE_SECRET"] = secrets.cache
        if name in HANDS_CREDENTIALS:
            given["FAIRLEAD_CREDENTIALS_SECRET"] = secrets.credentials
        if self.config.hydrates and name in HANDS_WRITE_CREDENTIALS:
            given["FAIRLEAD_WRITE_CREDENTIALS_SECRET"] = secrets.write_credentials
        return {**given, **self.config.service_variables.get(name, {})}

    def _flags(self, instance: str, identities: Identities) -> list[str]:
        config = self.config
        has_identity = self.instances[instance] in ACCOUNTS
        return [
            f"--namespace={config.namespace}",
            *([f"--kubeconfig={self.kubeconfig_of(instance, identities)}"] if has_identity else []),
            *self._observing(has_identity=has_identity),
            f"--nats-url={self.nats_url_of(instance)}",
            f"--log-format={config.log_format}",
            f"--log-level={config.log_level}",
            f"--probe-port={self.probes[instance]}",
        ]

    def _observing(self, *, has_identity: bool) -> list[str]:
        """With the owner's kubeconfig, of which one context is meant."""
        if not (self.config.observes and has_identity):
            return []
        return ["--observe", f"--kube-context={self.config.kube_context}"]

    def _own_flags(self, instance: str, engine: Path) -> list[str]:
        name = self.instances[instance]
        mirrors = self.config.data_dir / ("mirrors" if instance == name else f"mirrors-of-{instance}")
        outgoing = [f"--render-engine={engine}", f"--networks-opened={LOOPBACK_NETWORKS}"]
        own = {
            "repo-server": [
                f"--render-engine={engine}",
                f"--data-dir={mirrors}",
                f"--poll-seconds={self.config.poll_seconds}",
                f"--git-networks-opened={LOOPBACK_NETWORKS}",
            ],
            "commit-server": [
                f"--render-engine={engine}",
                f"--data-dir={mirrors.with_name(f'written-by-{instance}')}",
                f"--git-networks-opened={LOOPBACK_NETWORKS}",
            ],
            "app-controller": [f"--render-engine={engine}"],
            "applicationset-controller": outgoing,
            "notifications": outgoing,
            "preview": outgoing,
            API_SERVER: [
                f"--listen={LOOPBACK}",
                f"--port={self.ports.get(instance, self.port)}",
                *(["--insecure"] if self.config.insecure else []),
                *([f"--staticassets={self.ui}"] if self.ui is not None else []),
                f"--extensions={self.extensions}",
            ],
        }
        return [*own.get(name, []), *self.config.service_flags.get(name, ())]

    def _log_file(self, name: str) -> Path:
        return self.config.data_dir / "logs" / f"{name}.log"

    def _own(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _watch_servers(self) -> None:
        """Start again what ended by itself: NATS, Redis, the parts of the control plane."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for server in (self.nats, self.redis):
                if not server.process.running:
                    log.warning("suite.server.ended", name=server.name)
                    await server.start()
            if self.control_plane is not None:
                for name, process in self.control_plane.servers.items():
                    if not process.running:
                        log.warning("suite.server.ended", name=name)
                        await self.control_plane.start_server(name)

    async def _keep_state(self) -> None:
        written = None
        while True:
            state = self.state()
            if state != written:
                write_state(self.config.data_dir, state)
                written = state
            await asyncio.sleep(WATCH_SECONDS)


def _argv(service: str) -> list[str]:
    return [sys.executable, "-m", f"fairlead.{service.replace('-', '_')}"]


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://{LOOPBACK}:{port}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, OSError):
        return False


def _claim(data_dir: Path) -> IO[str]:
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = (data_dir / LOCK).open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.close()
        raise DataFolderInUseError(
            f"a suite already runs on {data_dir}; `fairlead down --data-dir {data_dir}` stops it"
        ) from error
    return handle
