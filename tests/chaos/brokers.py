"""A suite on three servers of NATS and three of Redis, of which any may go; and how long a push takes then.

    python -m tests.chaos.brokers [--trials 3]

The slow path looks every two minutes only, so what is measured is the broker.
"""

import argparse
import asyncio
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import redis.asyncio
import structlog

from fairlead.bus import Bus, BusConfig, topology
from fairlead.bus.copies import Copies
from fairlead.bus.permissions import server_authorization
from fairlead.kube.rest import KubeClient
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.nats_cluster import FIRST, NatsCluster
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_cluster import RedisCluster
from fairlead.local.suite import Suite, SuiteConfig
from fairlead.local.suite.identities import Identities
from fairlead.local.suite.secrets import SuiteSecrets, ensure_secrets
from fairlead.local.work_repo import WorkRepo
from tests.e2e.world import World, config_map

PATIENCE = 100.0
"""Seconds; less than the slow path takes."""
KEPT = (*(stream.name for stream in topology.STREAMS), *(bucket.stream for bucket in topology.BUCKETS))


class SeveralSuite(Suite):
    """A suite whose brokers are several; nobody starts again what a test ends."""

    async def _start_servers(self, secrets: SuiteSecrets) -> None:
        folder = self.config.data_dir
        users = server_authorization(secrets.nats)
        self.broker = await self._stack.enter_async_context(NatsCluster(folder / "nats", users=users))
        self.cache = await self._stack.enter_async_context(
            RedisCluster(folder / "redis", password=secrets.redis)
        )
        self.nats, self.redis = self.broker.servers[0], self.cache.servers[0]

    def nats_url_of(self, instance: str) -> str:
        """All servers."""
        return self.broker.url

    def redis_url_of(self, instance: str) -> str:
        """The sentinels."""
        return self.cache.url

    def _flags(self, instance: str, identities: Identities) -> list[str]:
        return [*super()._flags(instance, identities), "--nats-copies=3", f"--nats-first={FIRST}"]

    async def _watch_servers(self) -> None:
        """What ends stays ended."""

    async def leader(self, stream: str) -> NatsServer:
        """The server that leads a stream, once all streams have three copies that are up to date."""
        secrets = ensure_secrets(self.config.data_dir)
        service = topology.CONTROLLER
        config = BusConfig(
            url=self.broker.url,
            service=service,
            user=service,
            password=secrets.nats[service],
            copies=Copies(number=3, first=FIRST),
        )
        bus = await Bus.connect(config)
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    infos = [(await bus.jetstream.stream_info(name)).cluster for name in KEPT]
                    current = [
                        [each for each in info.replicas or () if each.current] for info in infos if info
                    ]
                    if all(len(each) == 2 for each in current):
                        break
                    bus.look_at_copies()
                    await asyncio.sleep(0.2)
            info = (await bus.jetstream.stream_info(stream)).cluster
            return next(server for server in self.broker.servers if info and server.title == info.leader)
        finally:
            await bus.close()


class Pushing:
    """One application of one repository, and pushes to it."""

    def __init__(self, world: World, repo: WorkRepo, namespace: str) -> None:
        self.world = world
        self.repo = repo
        self.namespace = namespace
        self._number = 0

    @classmethod
    async def begin(cls, world: World) -> "Pushing":
        """Make it, and wait until its first commit is live."""
        repo = await world.repository({"app/cm.yaml": config_map("live", number="0")})
        pushing = cls(world, repo, await world.namespace())
        await world.application(world.url(repo), pushing.namespace)
        await pushing._until("0")
        return pushing

    async def seconds(self) -> float:
        """Push a commit; the seconds until the cluster has it."""
        self._number += 1
        started = time.monotonic()
        await self.repo.publish({"app/cm.yaml": config_map("live", number=str(self._number))}, "next")
        await self._until(str(self._number))
        return time.monotonic() - started

    async def _until(self, number: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while (await self.world.data(self.namespace, "live") or {}).get("number") != number:
                await asyncio.sleep(0.02)


async def measured(suite: SeveralSuite, pushing: Pushing, trials: int) -> dict[str, list[float]]:
    """Seconds from a push to live, by what goes right before it."""
    found: dict[str, list[float]] = {}

    async def trial(name: str, go: Callable[[], Awaitable[object]]) -> None:
        await go()
        found.setdefault(name, []).append(await pushing.seconds())

    async def nothing() -> None:
        """All is well."""

    for _ in range(trials):
        await suite.leader("EVENTS")
        await trial("nothing", nothing)
        for stream in ("REVISION_CHECKS", "RENDER_REQUESTS"):
            server = await suite.leader(stream)
            await trial(f"the leader of {stream} is killed", server.kill)
            await server.start()
        leader = await suite.leader("RENDER_REQUESTS")
        other = next(server for server in suite.broker.servers if server is not leader)
        await trial("another server is killed", other.kill)
        await other.start()
        leader = await suite.leader("RENDER_REQUESTS")
        await trial("the leader is stopped in order", leader.stop)
        await leader.start()
        leader = await suite.leader("RENDER_REQUESTS")
        await trial("the leader is cut off (frozen)", partial(_signal, leader.pid, signal.SIGSTOP))
        await _signal(leader.pid, signal.SIGCONT)
        await suite.leader("RENDER_REQUESTS")
        found.setdefault("pushes during a rolling restart", []).extend(await rolling(suite, pushing))
        await suite.leader("RENDER_REQUESTS")
        master = await master_of(suite.cache)
        await trial("the master of Redis is killed", suite.cache.at(master).kill)
        now = await master_of(suite.cache, other_than=master)
        await suite.cache.restart(suite.cache.at(master), now)
    return found


async def rolling(suite: SeveralSuite, pushing: Pushing) -> list[float]:
    """One server after the other is stopped and started, as a StatefulSet does it, while somebody pushes."""
    seconds = []
    for server in reversed(suite.broker.servers):
        await server.stop()
        seconds.append(await pushing.seconds())
        await server.start()
        await suite.leader("EVENTS")
    return seconds


async def master_of(cache: RedisCluster, *, other_than: int = 0) -> int:
    """Port of the master that the sentinels name."""
    async with asyncio.timeout(PATIENCE):
        while True:
            client = redis.asyncio.Redis.from_url(cache.sentinels[0].url, decode_responses=True)
            try:
                _, port = await client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "argocd")
            finally:
                await client.aclose()
            if int(port) != other_than:
                return int(port)
            await asyncio.sleep(0.1)


async def _signal(pid: int, number: signal.Signals) -> None:
    os.kill(pid, number)


async def run(trials: int, folder: Path) -> dict[str, list[float]]:
    """Start everything, measure, and end it."""
    config = SuiteConfig(
        data_dir=folder / "suite", port=0, insecure=True, log_format="json", replicas={"api-server": 2}
    )
    async with (
        SeveralSuite(config) as suite,
        GitServer(folder / "git") as git,
        KubeClient(suite.connection) as client,
    ):
        git.webhooks.append(Webhook(url=f"{suite.api_url}/api/webhook"))
        pushing = await Pushing.begin(World(suite, git, client, folder / "work"))
        return await measured(suite, pushing, trials)


def main() -> int:
    """Measure as told on the command line."""
    parser = argparse.ArgumentParser(description="how long a push takes while brokers go")
    parser.add_argument("--trials", type=int, default=3)
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=sys.stderr))
    folder = Path(tempfile.mkdtemp(prefix="fairlead-brokers-"))
    try:
        found = asyncio.run(run(parser.parse_args().trials, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, seconds in found.items():
        sys.stdout.write(f"{name}: {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
