"""One API server as its real process, its servers, and Applications that nobody reconciles.

The invariant: nothing but the API server runs in the process whose CPU and memory are told.
"""

import asyncio
import base64
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from fairlead.bus import Bus, BusConfig
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.process import ServerProcess
from fairlead.local.redis_server import RedisServer
from fairlead.local.suite.install import install
from tests.bench.api.load import Answers, Call, Load, Streams
from tests.bench.errors import BenchError
from tests.bench.objects import APPLICATIONS, CONFIG_MAPS, SECRETS
from tests.bench.processes import Memory, Processes

NAMESPACE = "argocd"
START_SECONDS = 120.0
READERS = 40
"""Accounts with a token each: one may have no more than 32 streams."""
REPOSITORIES = 40
"""That the Applications are spread over."""
RESOURCES = 12
"""In the status of each Application."""
WEBHOOK_SECRET = "bench-" + secrets.token_hex(8)
_SERVER = "api-server"


class Api(msgspec.Struct, kw_only=True):
    """The server and how to get in. `tokens` are of the readers, each an account of its own."""

    process: ServerProcess
    port: int
    kube: KubeClient
    admin: str = ""
    tokens: list[str] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{LOOPBACK}:{self.port}"

    def memory(self) -> Memory:
        """Of the process now."""
        return Processes().memory({_SERVER: self.process.pid})[_SERVER]

    def window(self) -> "Window":
        """Begins to count what the process uses."""
        return Window(self.process.pid)

    def request(self, path: str, token: str) -> bytes:
        """A GET as it goes over a connection."""
        return f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """`cpu_seconds` of the server in `seconds`; `disturbance` as in the other measurements."""

    seconds: float
    cpu_seconds: float
    disturbance: float

    @property
    def percent(self) -> float:
        """Of one core."""
        return 100 * self.cpu_seconds / self.seconds


class Window:
    """A stretch of time, begun when made."""

    def __init__(self, server: int) -> None:
        self._roots = {_SERVER: server, "bench": os.getpid()}
        self._first = Processes()

    def spent(self) -> Spent:
        """Since then."""
        now = Processes()
        before, after = (each.cpu_seconds(self._roots) for each in (self._first, now))
        machine = now.machine_seconds - self._first.machine_seconds
        others = max(0.0, machine - (after["bench"] - before["bench"]))
        seconds = now.at - self._first.at
        return Spent(
            seconds=seconds,
            cpu_seconds=after[_SERVER] - before[_SERVER],
            disturbance=others / (seconds * (os.cpu_count() or 1)),
        )


@asynccontextmanager
async def open_api(folder: Path, ui: Path | None = None) -> AsyncIterator[Api]:
    """Start all, with a built web UI if one is given; no Applications are there and nobody has logged in."""
    folder.mkdir(parents=True, exist_ok=True)
    async with (
        ControlPlane(folder / "cluster", nodes=1) as plane,
        NatsServer(folder / "nats") as nats,
        RedisServer(folder / "redis") as redis,
        KubeClient(from_kubeconfig(plane.kubeconfig)) as kube,
    ):
        await install(kube, NAMESPACE)
        await _configure(kube)
        streams = await Bus.connect(BusConfig(url=nats.url, service="app-controller"))
        port = choose_port()
        argv = [sys.executable, "-m", "fairlead.api_server", f"--namespace={NAMESPACE}", "--insecure"]
        argv += [f"--kubeconfig={plane.kubeconfig}", f"--nats-url={nats.url}", "--log-format=json"]
        argv += [f"--listen={LOOPBACK}", f"--port={port}", f"--probe-port={choose_port()}"]
        argv += [f"--staticassets={ui}"] if ui is not None else []
        env = {"FAIRLEAD_REDIS_URL": redis.url, "FAIRLEAD_CACHE_SECRET": secrets.token_hex(16)}
        process = ServerProcess(_SERVER, argv, log_file=folder / "api-server.log", env=env)
        await process.start()
        try:
            api = Api(process=process, port=port, kube=kube)
            await _until_up(api)
            yield api
        finally:
            await process.stop()
            await streams.close()


async def log_in(api: Api) -> None:
    """A session of admin, and a token for each reader."""
    raw = await api.kube.get(SECRETS, "argocd-initial-admin-secret", NAMESPACE)
    password = base64.b64decode(msgspec.json.decode(raw)["data"]["password"]).decode()
    async with aiohttp.ClientSession(api.url) as http:
        api.admin = await _asked(http, "/api/v1/session", {"username": "admin", "password": password}, "")
        for number in range(READERS):
            path = f"/api/v1/account/{_reader(number)}/token"
            api.tokens.append(await _asked(http, path, {}, api.admin))


async def loaded(load: Load) -> Answers:
    """The load, carried out by a process of its own. Raises BenchError."""
    async with client(b"load", load) as process:
        return msgspec.json.decode(await _line(process), type=Answers)


async def called(api: Api, rpc: str, times: int) -> Answers:
    """An RPC over gRPC as admin, by a process of its own."""
    async with client(b"call", Call(port=api.port, rpc=rpc, token=api.admin, times=times)) as process:
        return msgspec.json.decode(await _line(process), type=Answers)


class Followed:
    """Open streams in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def told(self) -> dict[str, int]:
        """What the process says next."""
        return msgspec.json.decode(await _line(self._process), type=dict[str, int])

    def go_on(self) -> None:
        """Tell it to say the next."""
        assert self._process.stdin
        self._process.stdin.write(b"\n")


@asynccontextmanager
async def followed(api: Api, requests: list[bytes]) -> AsyncIterator[Followed]:
    """A connection for each request, which stay."""
    async with client(b"streams", Streams(port=api.port, requests=requests)) as process:
        yield Followed(process)


@asynccontextmanager
async def client(kind: bytes, job: Load | Streams | Call) -> AsyncIterator[asyncio.subprocess.Process]:
    """A client process, which is gone at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench.api.client"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
        limit=64 << 20,
    )
    assert process.stdin
    try:
        process.stdin.write(kind + b" " + msgspec.json.encode(job) + b"\n")
        await process.stdin.drain()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def application(number: int, change: int = 0) -> dict[str, object]:
    """An Application as the controller leaves one, at its first or another revision."""
    revision = f"{change:040x}"
    resources = [
        {"version": "v1", "kind": "ConfigMap", "namespace": "team", "name": f"app-{number:04}-{each:02}"}
        | {"status": "Synced"}
        for each in range(RESOURCES)
    ]
    source = {"repoURL": repository(number), "path": f"apps/app-{number:04}", "targetRevision": "main"}
    destination = {"server": "https://kubernetes.default.svc", "namespace": "team"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": f"app-{number:04}", "labels": {"team": f"t{number % 20}"}},
        "spec": {"project": "default", "source": source, "destination": destination},
        "status": {
            "sync": {
                "status": "Synced",
                "revision": revision,
                "comparedTo": {"source": source, "destination": destination},
            },
            "health": {"status": "Healthy"},
            "resources": resources,
            "summary": {"images": ["nginx:1.0"]},
        },
    }


def repository(number: int) -> str:
    """Where an Application's files are said to be."""
    return f"https://git.example/team/config-{number % REPOSITORIES}.git"


async def change(api: Api, number: int, count: int) -> None:
    """Another revision in an Application's status."""
    patch = {"status": {"sync": {"revision": f"{count:040x}"}}}
    await api.kube.merge_patch(APPLICATIONS, f"app-{number:04}", patch, NAMESPACE)


async def _configure(kube: KubeClient) -> None:
    accounts = {f"accounts.{_reader(number)}": "apiKey" for number in range(READERS)}
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": accounts}, NAMESPACE)
    await kube.merge_patch(
        CONFIG_MAPS, "argocd-rbac-cm", {"data": {"policy.default": "role:readonly"}}, NAMESPACE
    )
    values = {"webhook.github.secret": base64.b64encode(WEBHOOK_SECRET.encode()).decode()}
    await kube.merge_patch(SECRETS, "argocd-secret", {"data": values}, NAMESPACE)


def _reader(number: int) -> str:
    return f"reader-{number:02}"


async def _until_up(api: Api) -> None:
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession(api.url) as http:
        while True:
            if not api.process.running:
                raise BenchError(f"the API server ended: {api.process.log_file.read_text()[-2000:]}")
            try:
                async with http.get("/healthz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def _asked(http: aiohttp.ClientSession, path: str, body: object, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with http.post(path, json=body, headers=headers) as answer:
        said = await answer.json()
        if answer.status != 200:
            raise BenchError(f"{path}: {answer.status} {said}")
        return str(said["token"])


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout
    line = await process.stdout.readline()
    if not line.endswith(b"\n"):
        raise BenchError(f"a client process ended within its answer, with {await process.wait()}")
    return line
