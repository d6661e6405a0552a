"""A working clone, as a developer of a config repository has one.

Why: demos and tests must commit and push like people do. Invariant: every change reaches others by a push
only.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from fairlead.local.git_command import run_git

BRANCH = "main"


class WorkRepo:
    """A clone with a working tree; one caller at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    async def clone(cls, url: str, folder: Path) -> "WorkRepo":
        """Clone into a new folder; an empty repository gets the branch `main`. Raises GitCommandError."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        await run_git("clone", "--quiet", "--", url, folder, folder=folder.parent)
        repo = cls(folder)
        if not await run_git("for-each-ref", "--count=1", folder=folder):
            await run_git("symbolic-ref", "HEAD", f"refs/heads/{BRANCH}", folder=folder)
        return repo

    async def publish(self, files: Mapping[str, str | bytes | None], message: str) -> str:
        """Write, commit and push in one go; a path whose content is None is removed. The commit's id."""
        await self.write(files)
        commit = await self.commit(message)
        await self.push()
        return commit

    async def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files by their path from the root; None removes one."""
        await asyncio.to_thread(self._write, files)

    async def commit(self, message: str) -> str:
        """Commit all that changed, or nothing; the id of the commit."""
        await run_git("add", "--all", folder=self.folder)
        await run_git("commit", "--quiet", "--allow-empty", "-m", message, folder=self.folder)
        return await self.head()

    async def head(self, revision: str = "HEAD") -> str:
        """The commit a revision names."""
        return await run_git("rev-parse", "--verify", f"{revision}^{{commit}}", folder=self.folder)

    async def push(self, *refs: str, force: bool = False) -> None:
        """Push refs, by default the current branch; `force` overwrites. Raises GitCommandError if refused."""
        options = ["--force"] if force else []
        await run_git("push", "--quiet", *options, "origin", *(refs or ("HEAD",)), folder=self.folder)

    async def tag(self, name: str, *, message: str = "", force: bool = False) -> None:
        """Tag the current commit, annotated when there is a message, and push the tag."""
        options = ["--force"] if force else []
        options += ["--annotate", "-m", message] if message else []
        await run_git("tag", *options, name, folder=self.folder)
        await self.push(f"refs/tags/{name}", force=force)

    async def checkout(self, branch: str, *, create: bool = False) -> None:
        """Switch to a branch, or make one here."""
        await run_git("checkout", "--quiet", *(["-b"] if create else []), branch, folder=self.folder)

    async def reset(self, revision: str) -> None:
        """Move the branch and the files to a revision, for a push with `force`."""
        await run_git("reset", "--quiet", "--hard", revision, folder=self.folder)

    async def delete_branch(self, branch: str) -> None:
        """Delete a branch on the server."""
        await run_git("push", "--quiet", "origin", "--delete", branch, folder=self.folder)

    def _write(self, files: Mapping[str, str | bytes | None]) -> None:
        for name, content in files.items():
            path = self.folder / name
            if content is None:
                path.unlink(missing_ok=True)
                self._drop_empty(path.parent)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def _drop_empty(self, folder: Path) -> None:
        """Git knows no empty folders, and a file may take the place of one."""
        while folder != self.folder and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
