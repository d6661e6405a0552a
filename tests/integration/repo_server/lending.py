"""One NATS, one Redis and one repo-server for all tests of a process that break none of them.

Invariants: a test finds no wish, no cached value and no setting of another; whoever killed or replaced a
server has had it for himself, the next test finds others. The Git server is each test's own, `apart`, so that
no repository of one is taken for that of another.
"""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import redis.asyncio

from fairlead.bus.topology import SETTINGS_BUCKET, SOURCES_BUCKET
from fairlead.events import RenderSettings, RepositorySource
from fairlead.events.envelope import encode
from fairlead.events.render_settings import RENDER_SETTINGS
from fairlead.local.git_server import GitServer
from tests.integration.repo_server.suite import Suite, running

LAST = "last-of-a-test"


class Lending:
    """What is lent to one test after the other. `folder` names a new folder."""

    def __init__(self, folder: Path, engine: Path) -> None:
        self._folder = folder
        self._engine = engine
        self._stack = contextlib.AsyncExitStack()
        self._suite: Suite | None = None
        self._whole: tuple[object, ...] = ()
        self._sets = 0

    @asynccontextmanager
    async def lent(self, folder: Path, git: GitServer) -> AsyncIterator[Suite]:
        """The servers, for one test."""
        suite = self._suite or await self._made(git)
        suite.lend(folder, git)
        self._suite = None  # unless it comes back whole
        try:
            yield suite
            if state(suite) == self._whole:
                await cleaned(suite)
                self._suite = suite
        finally:
            if self._suite is None:
                await self.close()

    async def close(self) -> None:
        """End the servers."""
        self._suite = None
        await self._stack.aclose()

    async def _made(self, git: GitServer) -> Suite:
        self._sets += 1
        folder = self._folder / str(self._sets)
        folder.mkdir()
        suite = await self._stack.enter_async_context(running(folder, git, self._engine))
        self._whole = state(suite)
        return suite


def state(suite: Suite) -> tuple[object, ...]:
    """What differs when a test has killed, replaced or restarted something."""
    process = suite.server.process
    ended = process.returncode if process is not None else None
    return suite.server, ended, process, suite.nats.pid, suite.redis.pid


async def cleaned(suite: Suite) -> None:
    """Nothing is wanted, set or kept any more, and the repo-server has seen that."""
    sources = suite.bus.key_value(SOURCES_BUCKET)
    for entry in await sources.all():
        await sources.delete(entry.key)
    await suite.bus.key_value(SETTINGS_BUCKET).put(RENDER_SETTINGS, encode(RenderSettings()))
    seen = len(suite.answers)
    await suite.want(LAST, RepositorySource(repo_url=f"{suite.git.url}/none.git", path="."))
    await suite.answer(LAST, after=seen)
    for entry in await sources.all():
        await sources.delete(entry.key)
    async with redis.asyncio.Redis.from_url(suite.redis.url) as client:
        await client.flushall()
