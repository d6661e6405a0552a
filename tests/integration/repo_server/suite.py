"""A repo-server as a process, with its own NATS and Redis, and the part of a controller that talks to it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from fairlead.bus import Bus, BusConfig, Message
from fairlead.bus.permissions import server_authorization
from fairlead.bus.topology import SETTINGS_BUCKET, SOURCES_BUCKET, controller_manifests, controller_moves
from fairlead.cache import Cache, CacheConfig, keys
from fairlead.events import (
    Cause,
    ManifestsRendered,
    RenderLevel,
    RenderRequested,
    RenderSettings,
    RepositorySource,
    RevisionCheck,
    RevisionMoved,
    SourcesWanted,
    decode,
    subjects,
)
from fairlead.events.envelope import encode
from fairlead.events.render_settings import RENDER_SETTINGS
from fairlead.local.git_server import GitServer
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.repository import identity, partition
from fairlead.process.run import DRAIN
from fairlead.rpc import RenderedSet

SECRET = "only-for-tests-and-long-enough"
PATIENCE = 90.0
TOLD_AT = "2030-01-01T00:00:00.000000Z"


class RepoServerProcess:
    """The service, started and ended like an operating system does it."""

    def __init__(self, suite: "Suite", *flags: str, credentials: bool = False, data: str = "data") -> None:
        self._suite = suite
        self._data = suite.home / data
        self._flags = flags if credentials else (*flags, "--no-kube")
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        suite = self._suite
        with suite.log_file.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "fairlead.repo_server",
                f"--nats-url={suite.nats.url}",
                f"--render-engine={suite.engine}",
                f"--data-dir={self._data}",
                "--log-level=debug",
                "--git-networks-opened=127.0.0.0/8",
                *self._flags,
                env={
                    **os.environ,
                    "FAIRLEAD_REDIS_URL": suite.redis.url,
                    "FAIRLEAD_CACHE_SECRET": SECRET,
                    "FAIRLEAD_CREDENTIALS_SECRET": SECRET,
                    "FAIRLEAD_NATS_PASSWORD": SECRET,
                },
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    async def kill(self) -> None:
        """kill -9 of the process alone; its children find their input closed."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """Ask it to end; a running one must do so in order, before its drain is over."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(DRAIN):
                code = await self.process.wait()
            assert code in {0, -signal.SIGTERM}, f"it ended with {code}"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()


class Suite:
    """Servers, the repo-server and what it said.

    `home` is where the repo-server keeps its data and its log, `folder` where a test has what is its own:
    another place when servers are lent to one test after the other.
    """

    def __init__(
        self, folder: Path, nats: NatsServer, redis: RedisServer, git: GitServer, engine: Path
    ) -> None:
        self.home = self.folder = folder
        self.log_file = folder / "repo-server.log"
        self.nats = nats
        self.redis = redis
        self.git = git
        self.engine = engine
        self.answers: list[ManifestsRendered] = []
        self.moves: list[RevisionMoved] = []
        self.told: list[dict[str, Any]] = []
        self.parts: dict[str, str] = {}
        self.cache = Cache(CacheConfig(url=redis.url, secret=SECRET.encode()))
        self.server = RepoServerProcess(self)
        self._heard = asyncio.Event()
        self._stack = contextlib.AsyncExitStack()
        self._said = 0
        self._wished: set[str] = set()
        self._past: set[str] = set()
        self.bus: Bus

    async def __aenter__(self) -> "Suite":
        async with self._stack as stack:
            stack.push_async_callback(self.cache.close)
            self.bus = await Bus.connect(
                BusConfig(
                    url=self.nats.url,
                    service="app-controller",
                    user="test",
                    password=SECRET,
                    secret=SECRET.encode(),
                )
            )
            stack.push_async_callback(self.bus.close)
            for consuming in (
                self.bus.consume(controller_manifests(0), self._on_answer),
                self.bus.consume(controller_moves(0), self._on_move),
            ):
                stack.push_async_callback(_ended, asyncio.create_task(consuming))
            await self.bus.client.subscribe(f"{subjects.PUBLIC}.>", cb=self._on_public)
            await self.bus.key_value(SETTINGS_BUCKET).put(RENDER_SETTINGS, encode(RenderSettings()))
            stack.push_async_callback(self._stop_server)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def serve(self, *flags: str, credentials: bool = False) -> None:
        """Start the repo-server with these flags; it takes work when this returns, or waits to be handed
        `credentials` and settings."""
        self.server = RepoServerProcess(self, *flags, credentials=credentials)
        await self.server.start()
        if not credentials:
            await self.ready()

    def lend(self, folder: Path, git: GitServer) -> None:
        """To another test: nothing was said yet."""
        self.folder, self.git = folder, git
        self.answers, self.moves, self.told, self.parts = [], [], [], {}
        self._past |= self._wished
        self._wished = set()
        self._said = self.log_file.stat().st_size

    async def _stop_server(self) -> None:
        """The one that runs now: a test may have started another."""
        await self.server.stop()

    async def repository(self, name: str, files: dict[str, str]) -> WorkRepo:
        url = await self.git.create(name)
        work = await WorkRepo.clone(url, self.folder / "work" / name)
        await work.publish(files, "first")
        return work

    async def want(
        self,
        name: str,
        *sources: RepositorySource,
        level: RenderLevel = RenderLevel.CACHED,
        cause: Cause = Cause.SPEC_CHANGED,
        project: str = "default",
        source_repos: tuple[str, ...] = (),
    ) -> SourcesWanted:
        wish = SourcesWanted(
            namespace="argocd",
            name=name,
            instance=name,
            project=project,
            sources=sources,
            source_repos=source_repos,
        )
        self.parts[name] = partition(wish.home)
        self._wished.add(wish.digest)
        await self.bus.key_value(SOURCES_BUCKET).put(subjects.app_tokens("argocd", name), encode(wish))
        await self.ask(name, level, cause)
        return wish

    async def ask(self, name: str, level: RenderLevel, cause: Cause = Cause.REFRESH) -> None:
        event = RenderRequested(namespace="argocd", name=name, level=level, cause=cause)
        await self.bus.publish(subjects.render_requested(self.parts[name], "argocd", name), event)

    async def webhook(self, repo: str) -> None:
        repository = identity(self.git.repo_url(repo))
        check = RevisionCheck(repository=repository, told_at=TOLD_AT)
        await self.bus.publish(subjects.revision_check(repository), check)

    async def answer(
        self, name: str, where: Callable[[ManifestsRendered], bool] = lambda _: True, *, after: int = 0
    ) -> ManifestsRendered:
        """The first answer for an application that fits, past the first `after` answers of all."""
        return await self.until(
            lambda: next((a for a in self.answers[after:] if a.name == name and where(a)), None)
        )

    async def until(self, found: Callable[[], Any]) -> Any:
        async with asyncio.timeout(PATIENCE):
            while not (result := found()):
                self._heard.clear()
                await self._heard.wait()
            return result

    async def documents(self, answer: ManifestsRendered) -> list[dict[str, Any]]:
        stored = await self.cache.get(keys.manifests(answer.digest))
        assert stored is not None, answer
        return decode(RenderedSet, stored).objects()

    async def _on_answer(self, message: Message) -> None:
        answer = message.event(ManifestsRendered)
        if answer.sources_digest not in self._past:
            self.answers.append(answer)
        self._heard.set()

    async def _on_move(self, message: Message) -> None:
        self.moves.append(message.event(RevisionMoved))
        self._heard.set()

    async def _on_public(self, message: Any) -> None:
        self.told.append(msgspec.json.decode(message.data))
        self._heard.set()

    async def ready(self) -> None:
        """The repo-server takes work."""
        async with asyncio.timeout(PATIENCE):
            while "repo_server.ready" not in self.log_file.read_text():
                await asyncio.sleep(0.05)

    def log(self) -> str:
        """What the repo-server has said since the test began."""
        with self.log_file.open("rb") as file:
            file.seek(self._said)
            return file.read().decode()

    def renders(self) -> int:
        """How often the engine was asked, by the log."""
        return self.log().count('"source.rendered"')

    def children(self) -> list[int]:
        """Process ids of the children of the repo-server."""
        return [
            int(pid)
            for pid in Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        ]


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def config_map(name: str, value: str = "v") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  key: {value}\n"


def users() -> str:
    """The repo-server may do what its grant says; the test may do anything."""
    told = server_authorization({"repo-server": SECRET})
    everything = f'"users": [{{"user": "test", "password": "{SECRET}"}},'
    return told.replace('"users": [', everything, 1)


@asynccontextmanager
async def running(folder: Path, git: GitServer, engine: Path, *, serves: bool = True) -> AsyncIterator[Suite]:
    """Servers of their own, and the repo-server unless the test starts it itself."""
    async with (
        NatsServer(folder / "nats", users=users()) as nats,
        RedisServer(folder / "redis") as redis,
        Suite(folder, nats, redis, git, engine) as suite,
    ):
        if serves:
            await suite.serve()
        yield suite
