"""`--port-forward`: an API server that no address leads to, reached through Kubernetes.

A port of this machine, open while the command runs, leads to the server's pod; what speaks to it is the same
as with any other address. The certificate is not verified: it is not for the port's address, and Kubernetes
has said who answers.
"""

import asyncio
import http.client
import threading
from concurrent.futures import Future

import msgspec

from fairlead.cli import messages
from fairlead.cli.client.line import line_to
from fairlead.cli.client.server import Server
from fairlead.cli.client.transport import Transport
from fairlead.cli.errors import CliError, SettingsError, UnreachableError
from fairlead.cli.kubernetes import kubernetes, namespace_of
from fairlead.kube.errors import KubeError
from fairlead.kube.port_forward import forward
from fairlead.kube.rest import POD, KubeClient

PORT = 8080
"""Where the API server listens in its pod (contract 18)."""
START_SECONDS = 30.0
_NAME_LABEL = "app.kubernetes.io/name"


class _Metadata(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    deletion_timestamp: str = ""


class _Condition(msgspec.Struct, frozen=True):
    type: str = ""
    status: str = ""


class _Status(msgspec.Struct, frozen=True):
    phase: str = ""
    conditions: tuple[_Condition, ...] = ()


class _Pod(msgspec.Struct, frozen=True):
    metadata: _Metadata
    status: _Status = _Status()

    @property
    def is_ready(self) -> bool:
        """Whether it answers."""
        return any(each.type == "Ready" and each.status == "True" for each in self.status.conditions)

    @property
    def is_running(self) -> bool:
        """Whether it may answer."""
        return self.status.phase == "Running" and not self.metadata.deletion_timestamp


class ForwardedTransport(Transport):
    """One server behind Kubernetes; the way there is made on first use."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._way: Way | None = None

    def line(self) -> http.client.HTTPConnection:
        """A connection to the server, not made yet. Raises CliError."""
        if self._way is None:
            self._way = Way(self.server)
        return line_to(msgspec.structs.replace(self.server, address=self._way.address))

    def close(self) -> None:
        """Close the connection and the way."""
        super().close()
        if self._way is not None:
            self._way.close()
            self._way = None

    def _explained(self, error: Exception) -> CliError:
        if self._way is not None and self._way.failure:
            return UnreachableError(f"--port-forward: {self._way.failure}")
        return super()._explained(error)


class Way:
    """A port of this machine, `address`, that leads to the pod; `failure` says why it does not."""

    def __init__(self, server: Server) -> None:
        messages.quiet_libraries()
        self.failure = ""
        self._server = server
        self._opened: Future[str] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="port-forward", daemon=True)
        self._thread.start()
        try:
            self.address = self._opened.result(START_SECONDS)
        except TimeoutError as error:
            raise UnreachableError(
                f"--port-forward: the cluster did not answer in {START_SECONDS:g} s"
            ) from error

    def close(self) -> None:
        """Let nothing pass any more."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(START_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._lead())
        except CliError as error:
            self._fail(error)
        except KubeError as error:
            self._fail(UnreachableError(f"--port-forward: {error}"))

    def _fail(self, error: CliError) -> None:
        if not self._opened.done():
            self._opened.set_exception(error)

    async def _lead(self) -> None:
        self._loop = asyncio.get_running_loop()
        wanted = self._server.forwarded
        assert wanted is not None  # noqa: S101 - whoever makes this has looked
        connection = kubernetes(context=self._server.kube_context)
        namespace = wanted.namespace or namespace_of(connection)
        async with KubeClient(connection) as client:
            pod = await _pod(client, namespace, wanted.name)

            async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                self.failure = ""
                try:
                    await forward(client, pod, namespace, PORT, reader=reader, writer=writer)
                except* KubeError as errors:
                    self.failure = str(errors.exceptions[0])
                finally:
                    writer.close()

            listener = await asyncio.start_server(carry, "127.0.0.1", 0)
            async with listener:
                self._opened.set_result(f"127.0.0.1:{listener.sockets[0].getsockname()[1]}")
                await self._ended.wait()


async def _pod(client: KubeClient, namespace: str, name: str) -> str:
    """A pod of that name label that answers, else one that may. Raises SettingsError for none."""
    selector = f"{_NAME_LABEL}={name}"
    raw = await client.list_all(POD, namespace, label_selector=selector)
    running = [pod for pod in (msgspec.json.decode(each, type=_Pod) for each in raw) if pod.is_running]
    best = next((pod for pod in running if pod.is_ready), running[0] if running else None)
    if best is None:
        raise SettingsError(
            f"no pod labelled {selector} runs in namespace {namespace}; --port-forward-namespace names "
            "another namespace, --server-name another label"
        )
    return best.metadata.name
