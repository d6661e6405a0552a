"""A private folder with the files of a commit, for a process that cannot read Git objects.

Invariant: of a worktree nothing is left when its user is done with it, whatever the process did to it; what a
killed repo-server left is removed before the next one makes any. Nothing is written outside of it.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import structlog

from fairlead.git.program import GitProgram
from fairlead.render import RenderTransientError
from fairlead.repo_server.rendering.tree import Entry, Grafts, Tree, contents, listed

log = structlog.get_logger(__name__)

AT_ONCE = 8
"""Worktrees at once; each is within the bounds of `tree`."""
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class Worktrees:
    """Makes worktrees below a folder that nobody else writes to."""

    def __init__(self, folder: Path, program: GitProgram) -> None:
        self._folder = folder.absolute()
        self._program = program
        self._gate = asyncio.Semaphore(AT_ONCE)

    def sweep(self) -> None:
        """Remove what a killed process left. Blocks; to be called before the first one is made."""
        remove(self._folder)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextlib.asynccontextmanager
    async def of(self, mirror: Path, commit: str, grafts: Grafts | None = None) -> AsyncIterator[Path]:
        """The files of a commit of a bare repository, in a folder that is gone afterwards.

        Files are 0644 or, where Git says that they may be run, 0755.

        Raises:
            RenderInvalidError: as `tree.listed`.
            RenderTransientError: they could not be written.
            GitError: they could not be read.
        """
        async with self._gate:
            tree = await listed(self._program, mirror, commit, grafts)
            folder = self._folder / secrets.token_hex(8)
            try:
                await self._fill(folder, tree)
                yield folder
            finally:
                await asyncio.shield(asyncio.to_thread(remove, folder))

    async def _fill(self, folder: Path, tree: Tree) -> None:
        """Files before links, so that nothing is written through one."""
        try:
            await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True)
            async for batch in contents(self._program, tree.files):
                await asyncio.to_thread(_write, folder, batch)
            await asyncio.to_thread(_link, folder, tree)
        except OSError as error:
            raise RenderTransientError(f"a worktree could not be written: {error.strerror}") from error


def _write(folder: Path, files: list[tuple[Entry, bytes]]) -> None:
    for entry, body in files:
        path = folder / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, _CREATE, 0o755 if entry.is_executable else 0o644)
        with os.fdopen(file, "wb") as opened:
            opened.write(body)


def _link(folder: Path, tree: Tree) -> None:
    for path, target in tree.targets.items():
        link = folder / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)


def remove(folder: Path) -> None:
    """Remove a folder with all in it, also what its owner may not look into any more."""
    shutil.rmtree(folder, onerror=_open_up)
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        log.warning("worktree.left", folder=str(folder))


def _open_up(_: Callable[..., Any], name: str, __: object) -> None:
    """Something could not be removed: what it is in, or itself, may be closed."""
    path = Path(name)
    with contextlib.suppress(OSError):
        path.parent.chmod(0o700)
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        elif path.stat().st_mode & 0o700 != 0o700:
            path.chmod(0o700)
            shutil.rmtree(path, onerror=_open_up)
