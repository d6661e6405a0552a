"""Mirrors of real repositories behind a real smart-HTTP server."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest_asyncio

from fairlead.git import Credential, GitProgram, Mirror
from fairlead.git.remote import Remote
from fairlead.local.git_server import GitServer
from fairlead.local.work_repo import WorkRepo
from tests.integration.git.over_ssh import LOOPBACK, over

__all__ = ["LOOPBACK", "Bench", "bench", "over"]


class Bench(msgspec.Struct):
    """A server, a mirror of `repo` on it, and the way from one to the other."""

    git: GitServer
    program: GitProgram
    mirror: Mirror
    remote: Remote
    folder: Path

    async def repository(self, files: dict[str, str | bytes | None], name: str = "repo") -> WorkRepo:
        await self.git.create(name)
        work = await WorkRepo.clone(self.git.repo_url(name), self.folder / "work" / name)
        await work.publish(files, "first")
        return work

    def to(self, url: str, credential: Credential | None = None) -> Remote:
        return Remote(program=self.program, url=url, credential=credential or Credential())


@pytest_asyncio.fixture(loop_scope="session")
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with GitServer(tmp_path / "git") as git:
        home = tmp_path / "home"
        home.mkdir()
        program = GitProgram(home=home, networks=LOOPBACK)
        mirror = Mirror(program, tmp_path / "mirrors" / "one")
        remote = Remote(program=program, url=git.repo_url("repo"))
        yield Bench(git, program, mirror, remote, tmp_path)
        child = mirror.objects._child
        mirror.close()
        if child is not None:
            await child.wait()
