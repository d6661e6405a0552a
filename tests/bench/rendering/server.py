"""A repo-server as its real process with NATS, Redis and a Git server, and what a controller would ask of it.

The invariant: nothing but the repo-server and its engines runs in the processes whose CPU is told.
"""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from fairlead.bus import Bus, BusConfig, Message
from fairlead.bus.topology import SOURCES_BUCKET, controller_manifests
from fairlead.events import (
    Cause,
    ManifestsRendered,
    RenderLevel,
    RenderRequested,
    RepositorySource,
    RevisionCheck,
    SourcesWanted,
    subjects,
)
from fairlead.events.envelope import encode
from fairlead.local.builds import render_engine_binary
from fairlead.local.git_server import GitServer
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import choose_port
from fairlead.local.process import ServerProcess
from fairlead.local.redis_server import RedisServer
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.repository import identity, partition
from tests.bench.errors import BenchError

NAMESPACE = "argocd"
SHARD = 0
START_SECONDS = 120.0
LONGEST_ANSWER = 300.0
_SERVER = "repo-server"

Fits = Callable[[ManifestsRendered], bool]


class Rendering(msgspec.Struct, kw_only=True):
    """The server, its repositories, and the last answer of each application with when it was heard."""

    process: ServerProcess
    bus: Bus
    git: GitServer
    folder: Path
    engine: Path
    answers: dict[str, tuple[float, ManifestsRendered]] = {}
    heard: asyncio.Event = msgspec.field(default_factory=asyncio.Event)

    @property
    def mirrors(self) -> Path:
        """Where the server keeps its mirrors."""
        return self.folder / "data" / "mirrors"

    async def repository(self, name: str, files: dict[str, str]) -> WorkRepo:
        """A repository with these files."""
        work = await WorkRepo.clone(await self.git.create(name), self.folder / "work" / name)
        await work.publish(dict(files), "first")
        return work

    async def want(self, repository: str, app: str, path: str) -> None:
        """Put down what an application wants, without asking for it."""
        source = RepositorySource(repo_url=self.git.repo_url(repository), path=path)
        wish = SourcesWanted(
            namespace=NAMESPACE, name=app, instance=app, project="default", sources=(source,)
        )
        await self.bus.key_value(SOURCES_BUCKET).put(subjects.app_tokens(NAMESPACE, app), encode(wish))

    async def ask(self, repository: str, app: str, level: RenderLevel, cause: Cause) -> float:
        """Ask for an answer; the second when that was sent."""
        part = partition(self.git.repo_url(repository))
        event = RenderRequested(namespace=NAMESPACE, name=app, level=level, cause=cause)
        began = time.monotonic()
        await self.bus.publish(subjects.render_requested(part, NAMESPACE, app), event)
        return began

    async def webhook(self, repository: str) -> float:
        """Say that something was pushed; the second when that was sent."""
        told = identity(self.git.repo_url(repository))
        began = time.monotonic()
        await self.bus.publish(subjects.revision_check(told), RevisionCheck(repository=told))
        return began

    async def until(self, app: str, fits: Fits = lambda _: True, *, after: float = 0.0) -> float:
        """The second when an answer was heard. Raises BenchError for a failure or none."""
        try:
            async with asyncio.timeout(LONGEST_ANSWER):
                while True:
                    at, answer = self.answers.get(app, (0.0, None))
                    if answer is not None and at > after and fits(answer):
                        break
                    self.heard.clear()
                    await self.heard.wait()
        except TimeoutError as error:
            raise BenchError(f"no answer for {app} after {LONGEST_ANSWER:g} s") from error
        if answer.failure is not None:
            raise BenchError(f"{app}: {answer.failure.message}")
        return at

    async def hear(self, message: Message) -> None:
        """An answer came."""
        answer = message.event(ManifestsRendered)
        self.answers[answer.name] = (time.monotonic(), answer)
        self.heard.set()

    def roots(self) -> dict[str, int]:
        """Whose CPU is told."""
        return {_SERVER: self.process.pid}


@asynccontextmanager
async def open_rendering(folder: Path) -> AsyncIterator[Rendering]:
    """Start all; nobody wants anything yet."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = await asyncio.to_thread(render_engine_binary)
    async with (
        NatsServer(folder / "nats") as nats,
        RedisServer(folder / "redis") as redis,
        GitServer(folder / "git") as git,
    ):
        secret = secrets.token_hex(16)
        bus = await Bus.connect(BusConfig(url=nats.url, service="app-controller", secret=secret.encode()))
        process = ServerProcess(
            _SERVER,
            [
                sys.executable,
                "-m",
                "fairlead.repo_server",
                f"--nats-url={nats.url}",
                f"--render-engine={engine}",
                f"--data-dir={folder / 'data'}",
                f"--render-workers={os.cpu_count() or 2}",
                f"--probe-port={choose_port()}",
                "--git-networks-opened=127.0.0.0/8",
                "--log-format=json",
                "--no-kube",
            ],
            log_file=folder / "repo-server.log",
            env={"FAIRLEAD_REDIS_URL": redis.url, "FAIRLEAD_CACHE_SECRET": secret},
        )
        server = Rendering(process=process, bus=bus, git=git, folder=folder, engine=engine)
        hearing = asyncio.create_task(bus.consume(controller_manifests(SHARD), server.hear, concurrency=64))
        try:
            await process.start()
            await process.until_ready(lambda: _is_ready(process), seconds=START_SECONDS)
            yield server
        finally:
            hearing.cancel()
            with suppress(asyncio.CancelledError):
                await hearing
            await process.stop()
            await bus.close()


async def _is_ready(process: ServerProcess) -> bool:
    return process.log_file.exists() and "repo_server.ready" in process.log_file.read_text()
