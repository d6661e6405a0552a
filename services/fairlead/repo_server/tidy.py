"""Giving back what is not in use: idle helper processes, and mirrors that nobody wants any more.

Invariant: nothing that somebody follows, or that is at work, is touched.
"""

import asyncio
import shutil
import time
from pathlib import Path

import structlog

from fairlead.git.mirror import STATE_FILE
from fairlead.repo_server.following import Following
from fairlead.repo_server.mirrors import Mirrors
from fairlead.repo_server.records import Records

log = structlog.get_logger(__name__)

EVERY = 60.0
"""Seconds between two rounds."""
IDLE = 300.0
"""Seconds without a question after which a helper process ends, and an unfollowed mirror is put away."""
PROLONG = 6 * 3600.0
"""Seconds between two rounds of prolonging; Redis keeps values for a day."""
KEEP = 7 * 86400.0
"""Seconds for which a mirror that nobody wants stays on disk, in case somebody does again."""


class Tidier:
    """Tidies for ever."""

    def __init__(self, *, mirrors: Mirrors, following: Following, records: Records, folder: Path) -> None:
        self._records = records
        self._prolonged = time.monotonic()
        self._mirrors = mirrors
        self._following = following
        self._folder = folder

    async def run(self) -> None:
        """A round every minute."""
        while True:
            await asyncio.sleep(EVERY)
            self.rest()
            await self.prolong()
            await asyncio.to_thread(self.drop_unwanted, {r.mirror.name for r in self._mirrors})

    async def prolong(self) -> None:
        """Keep what is remembered of renders from expiring while it is in use."""
        if time.monotonic() - self._prolonged >= PROLONG:
            self._prolonged = time.monotonic()
            await self._records.prolong()

    def rest(self) -> None:
        """End helpers that were not asked for a while; put away repositories that were only looked at."""
        for repository in self._mirrors:
            if repository.mirror.idle_seconds < IDLE or repository.is_busy:
                continue
            repository.mirror.close()
            if not any(self._following.of(repository)):
                self._mirrors.forget(repository)

    def drop_unwanted(self, wanted: set[str]) -> None:
        """Remove mirrors from disk that were not used for KEEP seconds."""
        if not self._folder.is_dir():
            return
        for mirror in self._folder.iterdir():
            if mirror.name in wanted:
                continue
            state = mirror / STATE_FILE
            used = state.stat().st_mtime if state.exists() else mirror.stat().st_mtime
            if time.time() - used > KEEP:
                log.info("mirror.dropped", mirror=mirror.name)
                shutil.rmtree(mirror, ignore_errors=True)
