"""Mirrors of repositories that nobody writes to any more, and what gathers in those that are written to.

Invariant: nothing goes in a turn of somebody else's, and nobody waits for what packs objects.
"""

import asyncio
import shutil
import time
from pathlib import Path

import structlog

from fairlead.commit_server.repository import WrittenRepositories
from fairlead.git import GitError

log = structlog.get_logger(__name__)

EVERY = 600.0
IDLE = 86400.0
"""Seconds between two rounds, and since the last use after which a mirror goes."""


class Tidier:
    """Goes through the mirrors."""

    def __init__(self, repositories: WrittenRepositories, folder: Path) -> None:
        self._repositories = repositories
        self._folder = folder

    async def run(self) -> None:
        """Go through them for ever; at first, what was left by an earlier process."""
        while True:
            await self.round()
            await asyncio.sleep(EVERY)

    async def round(self, idle: float = IDLE) -> None:
        """Once."""
        for repository in self._repositories:
            if repository.turn.locked():
                continue
            if time.monotonic() - repository.used_at > idle:
                async with repository.turn:
                    self._repositories.forget(repository)
                continue
            try:
                await repository.maintain()
            except GitError as error:
                log.warning("mirror.not_maintained", repo=repository.url, error=str(error))
        known = {repository.mirror.name for repository in self._repositories}
        await asyncio.to_thread(self._sweep, known)

    def _sweep(self, known: set[str]) -> None:
        """Folders of nobody's that were not touched for as long."""
        for folder in self._folder.iterdir():
            if folder.name not in known and time.time() - folder.stat().st_mtime > IDLE:
                shutil.rmtree(folder, ignore_errors=True)
