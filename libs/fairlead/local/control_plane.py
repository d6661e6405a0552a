"""A whole Kubernetes control plane on this machine.

Why: Fairlead is tested and tried against the real thing. Invariant: its programs are up together or not at
all; they stop in an order in which none waits for another that has gone (the apiserver before its etcd).
"""

import asyncio
import fcntl
import os
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import structlog

from fairlead.local import apiserver, controller_manager, etcd, kubelets, scheduler
from fairlead.local.builds import CONTROLPLANE, built
from fairlead.local.errors import DataFolderInUseError, KubernetesError, ServerStartError
from fairlead.local.kubeconfig import write_kubeconfig
from fairlead.local.layout import Layout, Ports
from fairlead.local.nodes import Administrator
from fairlead.local.pki import CLIENTS, ensure_pki
from fairlead.local.ports import is_listening
from fairlead.local.process import READY_POLL_SECONDS, READY_SECONDS, STOP_SECONDS, ServerProcess

NODES = 2
KUBECTL_SECONDS = 60
APISERVER_STOP_SECONDS = 2.0  # with a watch open it would linger for a minute
FOLLOWERS = (controller_manager.NAME, scheduler.NAME, kubelets.NAME)
STOP_ORDER = ((*FOLLOWERS,), (apiserver.NAME,), (etcd.NAME,))
# A third of the garbage collections, for memory: others measure on the same two cores.
CPU_SAVING = {"GOGC": "300"}

log = structlog.get_logger(__name__)


class ControlPlane:
    """etcd, kube-apiserver, kube-controller-manager, kube-scheduler and simulated nodes under one folder."""

    def __init__(
        self, data_dir: Path, *, ports: Ports | None = None, nodes: int = NODES, audit: bool = False
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._wanted_ports = ports or Ports()
        self._node_count = nodes
        self._audit = audit
        self._layout: Layout | None = None
        self._binary = Path()
        self._stack = AsyncExitStack()
        self._changing = asyncio.Lock()
        self.servers: dict[str, ServerProcess] = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def layout(self) -> Layout:
        """Its places and ports; raises ServerStartError before `start`."""
        if self._layout is None:
            raise ServerStartError("the control plane was not started")
        return self._layout

    @property
    def url(self) -> str:
        """The apiserver's address."""
        return self.layout.url

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.layout.kubeconfig("admin")

    @property
    def ca_pem(self) -> str:
        """The certificate that signs the apiserver's."""
        return self.layout.pki.ca.certificate.read_text()

    @property
    def administrator(self) -> Administrator:
        """A client with every right, open while the control plane runs."""
        return self._administrator

    async def start(self) -> None:
        """Build what was never built, start all, and return when pods can be scheduled.

        Raises ServerStartError, DataFolderInUseError, or what the builds raise; nothing is left running then.
        """
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop all, dependents first, and give the folder up."""
        try:
            for names in STOP_ORDER:
                running = [self.servers[name] for name in names if name in self.servers]
                await asyncio.gather(*(_stop(server) for server in running))
        finally:
            await self._stack.aclose()

    async def kill(self, name: str) -> None:
        """SIGKILL one program, named as in `servers`."""
        await self.servers[name].kill()

    async def start_server(self, name: str) -> None:
        """Start one program again if it has ended, and wait until the apiserver answers."""
        async with self._changing:
            await self._start_again(name)

    async def restart_apiserver(self) -> None:
        """Stop the apiserver and start it on the same port and data; returns when it is ready."""
        async with self._changing:
            await _stop(self.servers[apiserver.NAME])
            await self._start_again(apiserver.NAME)

    async def kubectl(self, *arguments: str, stdin: str | bytes = b"") -> str:
        """Run the built-in kubectl as administrator; its output. Raises KubernetesError with its message."""
        child = await asyncio.create_subprocess_exec(
            self._binary,
            "kubectl",
            f"--kubeconfig={self.kubeconfig}",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "KUBECACHEDIR": str(self.data_dir / "kubectl-cache")},
        )
        given = stdin.encode() if isinstance(stdin, str) else stdin
        try:
            async with asyncio.timeout(KUBECTL_SECONDS):
                output, errors = await child.communicate(given)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode != 0:
            raise KubernetesError(f"kubectl {' '.join(arguments)}: {errors.decode().strip()}")
        return output.decode()

    async def _start(self) -> None:
        self._stack.enter_context(_claim(self.data_dir))
        self._binary = await built(CONTROLPLANE)
        self._layout = layout = await asyncio.to_thread(_prepare, self.data_dir, self._wanted_ports)
        self._administrator = await self._stack.enter_async_context(
            Administrator(url=layout.url, ca=layout.pki.ca.certificate, client=layout.pki.clients["admin"])
        )
        await self._launch(etcd.NAME, etcd.argv(self._binary, layout))
        await self._launch(apiserver.NAME, apiserver.argv(self._binary, layout, audit=self._audit))
        await self._until_apiserver_ready()
        await self._launch(controller_manager.NAME, controller_manager.argv(self._binary, layout))
        await self._launch(scheduler.NAME, scheduler.argv(self._binary, layout))
        await self._launch(kubelets.NAME, kubelets.argv(self._binary, layout))
        await self._create_nodes()
        log.info("local.control_plane.ready", url=layout.url, nodes=self._node_count)

    async def _start_again(self, name: str) -> None:
        if not self.servers[name].running:
            await self.servers[name].start()
        await self._until_apiserver_ready()

    async def _launch(self, name: str, argv: list[str | Path]) -> None:
        server = ServerProcess(name, argv, log_file=self.layout.log_file(name), env=CPU_SAVING)
        self.servers[name] = server
        await server.start()

    async def _until_apiserver_ready(self) -> None:
        await self.servers[etcd.NAME].until_ready(self._is_etcd_listening)
        server = self.servers[apiserver.NAME]
        await server.until_ready(self._administrator.is_ready)
        await server.until_ready(self._administrator.has_default_namespace)

    async def _is_etcd_listening(self) -> bool:
        return await is_listening(self.layout.ports.etcd_client)

    async def _create_nodes(self) -> None:
        for number in range(self._node_count):
            await self._administrator.create_node(f"node-{number}")
        async with asyncio.timeout(READY_SECONDS):
            while not await self._administrator.are_nodes_schedulable(self._node_count):
                self._check_followers()
                await asyncio.sleep(READY_POLL_SECONDS)

    def _check_followers(self) -> None:
        for name in FOLLOWERS:
            server = self.servers[name]
            if not server.running:
                raise ServerStartError(f"{name} ended while starting:\n{server.log_tail()}")


async def _stop(server: ServerProcess) -> None:
    await server.stop(seconds=APISERVER_STOP_SECONDS if server.name == apiserver.NAME else STOP_SECONDS)


def _prepare(root: Path, ports: Ports) -> Layout:
    layout = Layout(root=root, ports=ports.chosen(), pki=ensure_pki(root / "pki"))
    for client in CLIENTS:
        write_kubeconfig(
            layout.kubeconfig(client),
            url=layout.url,
            ca=layout.pki.ca.certificate,
            client=layout.pki.clients[client],
        )
    return layout


def _claim(root: Path) -> IO[str]:
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    root.chmod(0o700)
    handle = (root / "lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.close()
        raise DataFolderInUseError(
            f"{root} belongs to a suite that runs; stop it or choose another folder"
        ) from error
    return handle
