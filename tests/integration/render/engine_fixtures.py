"""A real engine and real repositories, for every test of rendering.

Why: what a render reads and prints is only known from Git objects and the libraries themselves. Invariant: a
repository here is a bare mirror, as the repo-server keeps them; commits are made with fixed names and times.
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from fairlead.local.builds import render_engine_binary
from fairlead.render import EngineConfig, PoolConfig, RenderPool

GIT_ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


class Repository:
    """A work tree and the bare mirror its commits are pushed to."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self.mirror = folder / "mirror.git"
        self.tree.mkdir(parents=True)
        self._git(folder, "init", "-q", "--bare", str(self.mirror))
        self._git(self.tree, "init", "-q", "-b", "main")

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Change files; None removes one."""
        for name, content in files.items():
            path = self.tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)

    def link(self, name: str, target: str) -> None:
        """Make a symlink."""
        (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
        (self.tree / name).symlink_to(target)

    def copy(self, folder: Path) -> None:
        """Take over a folder's files."""
        shutil.copytree(folder, self.tree, dirs_exist_ok=True, symlinks=True)

    def commit(self, files: Mapping[str, str | bytes | None] | None = None) -> str:
        """Commit what changed and push it to the mirror; returns the commit id."""
        self.write(files or {})
        self._git(self.tree, "add", "--all", "--force", ".")
        self._git(self.tree, "commit", "-q", "--allow-empty", "-m", "change")
        self._git(self.tree, "push", "-q", "--force", str(self.mirror), "HEAD:refs/heads/main")
        return self.git("rev-parse", "HEAD")

    def object_id(self, commit: str, path: str) -> str:
        """What a commit has at a path, or "" for nothing."""
        revision = f"{commit}:{path}" if path else f"{commit}^{{tree}}"
        try:
            return self.git("rev-parse", "--verify", "--quiet", revision)
        except subprocess.CalledProcessError:
            return ""

    def names(self, commit: str, path: str) -> str:
        """The names in a directory of a commit and of which kind each is, or "" for nothing."""
        try:
            listed = self.git("ls-tree", f"{commit}:{path}")
        except subprocess.CalledProcessError:
            return ""
        entries = [line.split(None, 3) for line in listed.splitlines()]
        return "\n".join(f"{mode == '120000'} {kind} {name}" for mode, kind, _, name in entries)

    def git(self, *arguments: str) -> str:
        """Run git in the work tree."""
        return self._git(self.tree, *arguments)

    @staticmethod
    def _git(folder: Path, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], env=GIT_ENV, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


MakeRepository = Callable[[], Repository]


@pytest.fixture
def make_repository(tmp_path: Path) -> MakeRepository:
    """Makes as many empty repositories as a test needs."""
    made: list[Repository] = []

    def make() -> Repository:
        made.append(Repository(tmp_path / f"repository-{len(made)}"))
        return made[-1]

    return make


@pytest.fixture
def repository(make_repository: MakeRepository) -> Repository:
    """One empty repository."""
    return make_repository()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine_binary() -> Path:
    """The engine, built once for its sources."""
    return await asyncio.to_thread(render_engine_binary)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pool(engine_binary: Path) -> AsyncIterator[RenderPool]:
    """Two engines with the bounds of production."""
    async with RenderPool(PoolConfig(engine=EngineConfig(binary=engine_binary))) as running:
        yield running
