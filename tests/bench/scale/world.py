"""A controller as its real process, the real control plane for its Applications, played clusters for objects.

The invariant: nothing but the controller runs in the processes whose CPU and memory are told.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import msgspec

from fairlead.bus import Bus, BusConfig
from fairlead.cache import Cache, CacheConfig
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.builds import render_engine_binary
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.process import ServerProcess
from fairlead.local.redis_server import RedisServer
from fairlead.local.suite.install import install
from tests.bench.errors import BenchError
from tests.bench.objects import APPLICATIONS, SECRETS, Application
from tests.bench.observer import Observer
from tests.bench.processes import ENGINE, Memory, Processes
from tests.bench.scale.played import Played, playing
from tests.bench.scale.renders import REPOSITORY, Renders
from tests.bench.stage import gather
from tests.fakes.clusters.kinds import KINDS
from tests.fakes.clusters.population import application_name

NAMESPACE = "argocd"
CONTROLLER = "app-controller"
START_SECONDS = 180.0
LOOK_SECONDS = 0.05
"""Between two questions whether the controller is alive; the longest answer is what its loop was held up."""
IDLE_SECONDS = 30.0
QUIET_PERCENT, QUIET_SECONDS = 15.0, 5
"""A controller that takes less of a core for so long is steady."""


class World(msgspec.Struct, kw_only=True):
    """All that a measurement needs. `longest` is how long the controller was held up at most."""

    process: ServerProcess
    probe: str
    kube: KubeClient
    played: Played
    renders: Renders
    applications: Observer[Application]
    longest: float = 0.0
    is_watched: bool = True
    """Whether it is asked all the time if it is alive, which costs it something."""

    def memory(self) -> Memory:
        """Of the controller's processes now, its engine left out."""
        found = Processes().memory({CONTROLLER: self.process.pid})
        return found[CONTROLLER]

    def members(self) -> int:
        """How many processes the controller is now, engines left out."""
        return sum(item.name != ENGINE for item in Processes().tree(self.process.pid))

    def cpu_seconds(self) -> float:
        """Of the controller's processes since they were started."""
        return sum(Processes().cpu_seconds({CONTROLLER: self.process.pid}).values())

    async def start(self) -> float:
        """Start the controller; when that was."""
        began = time.monotonic()
        await self.process.start()
        return began

    async def register(self) -> None:
        """Register all played clusters."""
        await gather(
            self.kube.create(SECRETS, self.played.secret(state.number, NAMESPACE), NAMESPACE)
            for state in self.played.states
        )

    async def create(self, count: int) -> list[tuple[str, str]]:
        """Applications, the played clusters in turn; their keys."""
        clusters = len(self.played.states)
        places = [(number % clusters, number // clusters) for number in range(count)]
        bodies = [self._application(cluster, number) for cluster, number in places]
        await gather(self.kube.create(APPLICATIONS, body, NAMESPACE) for body in bodies)
        return [(NAMESPACE, application_name(cluster, number)) for cluster, number in places]

    async def metrics(self) -> dict[str, float]:
        """What the controller counts, by the name and labels of each line."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.probe}/metrics") as answer:
            text = await answer.text()
        lines = (line.rpartition(" ") for line in text.splitlines() if line and line[0] != "#")
        return {name: float(value) for name, _, value in lines}

    async def until_read(self, seconds: float) -> None:
        """Wait until the controller is ready and has read all played clusters. Raises BenchError."""
        try:
            async with asyncio.timeout(seconds):
                while await self._read() < len(self.played.states):
                    await asyncio.sleep(0.5)
        except TimeoutError as error:
            raise BenchError(f"the clusters were not read within {seconds:.0f} s") from error

    async def _read(self) -> int:
        """How many played clusters are read."""
        try:
            counted = await self.metrics()
        except (aiohttp.ClientError, OSError):
            return 0
        name, place = "argocd_cluster_connection_status{", f'server="https://{LOOPBACK}'
        return sum(value == 1 for line, value in counted.items() if line.startswith(name) and place in line)

    async def idle(self) -> float:
        """Percent of a core that it takes while nobody asks it anything."""
        self.is_watched = False
        await asyncio.sleep(2 * LOOK_SECONDS)
        before, at = self.cpu_seconds(), time.monotonic()
        await asyncio.sleep(IDLE_SECONDS)
        self.is_watched = True
        return 100 * (self.cpu_seconds() - before) / (time.monotonic() - at)

    async def steady(self, since: float, *, seconds: float) -> tuple[float, float]:
        """Seconds, and CPU seconds, from `since` until the controller rests; all of them when it does not."""
        at, spent, quiet = time.monotonic(), self.cpu_seconds(), 0
        last = at, spent
        while quiet < QUIET_SECONDS and time.monotonic() - since < seconds:
            await asyncio.sleep(1)
            now, used = time.monotonic(), self.cpu_seconds()
            if 100 * (used - spent) / (now - at) >= QUIET_PERCENT:
                quiet, last = 0, (now, used)
            else:
                quiet += 1
            at, spent = now, used
        return last[0] - since, last[1]

    async def watch_loop(self) -> None:
        """Ask whether the controller is alive, for ever."""
        async with aiohttp.ClientSession() as http:
            while True:
                began = time.monotonic()
                if not self.is_watched:
                    await asyncio.sleep(LOOK_SECONDS)
                    continue
                with suppress(aiohttp.ClientError, OSError):
                    async with http.get(f"{self.probe}/healthz") as answer:
                        await answer.read()
                    self.longest = max(self.longest, time.monotonic() - began)
                await asyncio.sleep(LOOK_SECONDS)

    def _application(self, cluster: int, number: int) -> dict[str, object]:
        kind = next(kind for kind in KINDS if kind.name == "Deployment")
        name = application_name(cluster, number)
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {
                "project": "default",
                "source": {"repoURL": REPOSITORY, "path": f"clusters/{cluster}/{number}"},
                "destination": {
                    "server": self.played.server(cluster),
                    "namespace": self.played.population.name(kind, number)[0],
                },
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
            },
        }


@asynccontextmanager
async def open_world(
    folder: Path, *, clusters: int, objects: int, applications: int, processes: int = 1
) -> AsyncIterator[World]:
    """Start all but the controller; `applications` are those whose objects each cluster has."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = await asyncio.to_thread(render_engine_binary)
    async with (
        ControlPlane(folder / "cluster", nodes=1) as plane,
        NatsServer(folder / "nats") as nats,
        RedisServer(folder / "redis") as redis,
        KubeClient(from_kubeconfig(plane.kubeconfig)) as kube,
        playing(folder, clusters, objects, applications) as played,
    ):
        await install(kube, NAMESPACE)
        secret = secrets.token_hex(16)
        bus = await Bus.connect(BusConfig(url=nats.url, service="repo-server", secret=secret.encode()))
        cache = Cache(CacheConfig(url=redis.url, secret=secret.encode()))
        port = choose_port()
        process = ServerProcess(
            CONTROLLER,
            [
                sys.executable,
                "-m",
                "fairlead.app_controller",
                f"--namespace={NAMESPACE}",
                f"--kubeconfig={plane.kubeconfig}",
                f"--nats-url={nats.url}",
                f"--render-engine={engine}",
                f"--probe-port={port}",
                "--log-format=json",
                *([f"--processes={processes}"] if processes > 1 else []),
            ],
            log_file=folder / "app-controller.log",
            env={"FAIRLEAD_REDIS_URL": redis.url, "FAIRLEAD_CACHE_SECRET": secret},
        )
        renders = Renders(bus, cache, played.population)
        async with Observer(kube, APPLICATIONS, Application) as observer:
            world = World(
                process=process,
                probe=f"http://{LOOPBACK}:{port}",
                kube=kube,
                played=played,
                renders=renders,
                applications=observer,
            )
            tasks = [asyncio.create_task(work) for work in (renders.run(), world.watch_loop())]
            try:
                yield world
            finally:
                await process.stop()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await cache.close()
                await bus.close()
