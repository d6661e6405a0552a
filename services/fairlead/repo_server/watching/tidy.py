"""Giving back what is not in use: idle helper processes, and mirrors that nobody wants any more.

Invariant: nothing that somebody follows, or that is at work, is touched.
"""

import asyncio
import contextlib
import shutil
import time
from pathlib import Path

import structlog

from fairlead.git import GitError
from fairlead.git.mirror import STATE_FILE
from fairlead.repo_server.remotes.following import Following
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.rendering.records import Records

log = structlog.get_logger(__name__)

EVERY = 60.0
"""Seconds between two rounds."""
IDLE = 300.0
"""Seconds without a question after which a helper process ends, and an unfollowed mirror is put away."""
ASIDE = ".dropped"
PROLONG = 6 * 3600.0
"""Seconds between two rounds of prolonging; Redis keeps values for a day."""
KEEP = 7 * 86400.0
"""Seconds for which a mirror that nobody wants stays on disk, in case somebody does again."""
QUOTA = 4 << 30
"""Bytes that all mirrors that nobody wants may take; the one used longest ago goes first."""
SCARCE = 0.1
"""Share of the disk below which no such mirror is kept at all."""


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
            try:
                await self.tidy()
            except Exception:
                log.exception("tidy.broke")

    async def tidy(self) -> None:
        """One round."""
        self.rest()
        await self.prolong()
        await self.unpin()
        await self.drop_unwanted()

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

    async def unpin(self) -> None:
        """Let go of commits that were asked for once and that nobody follows. A fetch is not waited for."""
        for repository in self._mirrors:
            if repository.is_busy:
                continue
            groups = tuple(self._following.of(repository))
            wanted = {*(group.revision for group in groups), *(group.revision.lower() for group in groups)}
            wanted |= {group.commit for group in groups}
            try:
                dropped = await repository.mirror.unpin(wanted)
            except GitError as error:
                log.warning("mirror.not_unpinned", mirror=repository.mirror.name, error=str(error))
                continue
            if dropped:
                log.info("mirror.unpinned", mirror=repository.mirror.name, commits=dropped)

    async def drop_unwanted(self) -> None:
        """Remove mirrors from disk that nobody wants and that were not used for long or do not fit.

        What somebody came to want meanwhile stays: a mirror is put aside between two steps of the loop.
        """
        for mirror in await asyncio.to_thread(_superfluous, self._folder, self._wanted()):
            if _owner(mirror) in self._wanted():
                continue
            aside = mirror.with_name(f"{_owner(mirror)}{ASIDE}")
            if mirror != aside:
                await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)
                if _owner(mirror) in self._wanted():
                    continue
                mirror.rename(aside)
            log.info("mirror.dropped", mirror=mirror.name)
            await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)

    def _wanted(self) -> set[str]:
        return {repository.mirror.name for repository in self._mirrors}


def _superfluous(folder: Path, wanted: set[str]) -> list[Path]:
    """The mirrors that are to go."""
    if not folder.is_dir():
        return []
    unwanted = [mirror for mirror in folder.iterdir() if _owner(mirror) not in wanted]
    disk = shutil.disk_usage(folder)
    room = 0 if disk.free < disk.total * SCARCE else QUOTA
    found = []
    for mirror in sorted(unwanted, key=_used, reverse=True):
        room -= _size(mirror)
        if room < 0 or time.time() - _used(mirror) > KEEP or mirror.name.endswith(ASIDE):
            found.append(mirror)
    return found


def _owner(mirror: Path) -> str:
    """The name of the mirror that a folder is, is to be or was."""
    return mirror.name.partition(".")[0]


def _used(mirror: Path) -> float:
    """When it was last written to, or read where that leaves a mark on its folder; 0 when it is gone."""
    used = 0.0
    for path in (mirror / STATE_FILE, mirror):
        with contextlib.suppress(OSError):
            used = max(used, path.stat().st_mtime)
    return used


def _size(mirror: Path) -> int:
    """Bytes of a mirror: nearly all of it is packs."""
    size = 0
    for file in mirror.rglob("*"):
        with contextlib.suppress(OSError):
            size += file.lstat().st_size
    return size
