"""A mirror of a large repository, beside `git clone --bare` and `git fetch` of the same, in turns.

Ours checks every object that arrives, which the reference does not.
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from fairlead.git import GitProgram, Mirror
from fairlead.git.ls_refs import LsRefs
from fairlead.git.remote import Remote
from fairlead.local.git_command import run_git
from fairlead.local.git_server import GitServer
from fairlead.matching.networks import Networks, parse_networks
from fairlead.outbound import Outbound
from tests.bench.report import Figure, Measured, median

TITLE = "mirror of a large repository"
NAME = "large"
BAR_RATIO = 1.2
FIRSTS = 3
LATER = 10
LOOPBACK = Networks(opened=parse_networks("127.0.0.0/8"))


async def measure(folder: Path, files: int, commits: int) -> Measured:
    """Makes the repository first, which takes a minute."""
    async with GitServer(folder / "git") as git:
        url = await git.create(NAME)
        await _fill(git.path(NAME), files, commits)
        home = folder / "home"
        home.mkdir()
        outbound = Outbound(LOOPBACK)
        program = GitProgram(home=home, networks=LOOPBACK, ls_refs=LsRefs(outbound))
        try:
            return await _measured(folder, git, Remote(program=program, url=url))
        finally:
            await outbound.close()


async def _measured(folder: Path, git: GitServer, remote: Remote) -> Measured:
    bare, mirrors = folder / "bare", folder / "mirrors"
    ours, theirs = [], []
    mirror = Mirror(remote.program, mirrors / "0")
    for trial in range(FIRSTS):
        shutil.rmtree(bare, ignore_errors=True)
        shutil.rmtree(mirrors, ignore_errors=True)
        mirror = Mirror(remote.program, mirrors / str(trial))
        theirs.append(await _timed(lambda: run_git("clone", "--bare", "-q", remote.url, bare, folder=folder)))
        ours.append(await _timed(lambda mirror=mirror: mirror.check(remote, list_first=True)))  # type: ignore[misc]
    later, reference = [], []
    refspec = "+refs/heads/*:refs/heads/*"
    for number in range(LATER):
        await _commit(git.path(NAME), number)
        reference.append(await _timed(lambda: run_git("fetch", "-q", "origin", refspec, folder=bare)))
        later.append(await _timed(lambda: mirror.check(remote, list_first=False)))
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return Measured(
        title=TITLE,
        figures=(
            Figure(name="first fetch", value=median(ours), unit="s", note=f"{FIRSTS} in turns"),
            Figure(name="git clone --bare", value=median(theirs), unit="s"),
            Figure(name="ratio", value=median(ours) / median(theirs), unit="times", bar=BAR_RATIO),
            Figure(name="later fetch of one commit", value=median(later), unit="s", note=f"{LATER} in turns"),
            Figure(name="git fetch", value=median(reference), unit="s"),
            Figure(name="ratio, later", value=median(later) / median(reference), unit="times", bar=BAR_RATIO),
        ),
        details={"first": ours, "clone": theirs, "later": later, "fetch": reference},
    )


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _fill(repository: Path, files: int, commits: int) -> None:
    child = await asyncio.create_subprocess_exec(
        "git", f"--git-dir={repository}", "fast-import", "--quiet", "--force", stdin=asyncio.subprocess.PIPE
    )
    assert child.stdin is not None
    for part in _history(files, commits):
        child.stdin.write(part)
        await child.stdin.drain()
    child.stdin.close()
    assert await child.wait() == 0


async def _commit(repository: Path, number: int) -> None:
    stream = _one(f"later {number}", f"{_path(number)} later", 10**6 + number, parent="refs/heads/main^0")
    child = await asyncio.create_subprocess_exec(
        "git", f"--git-dir={repository}", "fast-import", "--quiet", stdin=asyncio.subprocess.PIPE
    )
    await child.communicate(stream.encode())


def _history(files: int, commits: int) -> Iterator[bytes]:
    """All files in the first commit, then one file changed by each."""
    lines = [_head("first", 0)]
    for number in range(files):
        lines.append(_file(_path(number), f"value: {number}\n" * 10))
    yield "".join(lines).encode()
    for number in range(1, commits):
        path = _path(number * 7919 % files)
        yield _one(f"change {number}", path, number).encode()
    yield b"done\n"


def _one(message: str, path: str, number: int, *, parent: str = "") -> str:
    text = f"from {parent}\n" if parent else ""
    return _head(message, number) + text + _file(path, f"value: {number}\n" * 10)


def _head(message: str, number: int) -> str:
    who = f"Fairlead <demo@fairlead.dev> {1_700_000_000 + number} +0000"
    return f"commit refs/heads/main\ncommitter {who}\ndata {len(message)}\n{message}\n"


def _file(path: str, content: str) -> str:
    return f"M 100644 inline {path}\ndata {len(content)}\n{content}\n"


def _path(number: int) -> str:
    """A hundred files to a folder, ten folders to one above it."""
    digits = f"{number // 100:04}"
    return f"{'/'.join(digits)}/file-{number % 100:02}.yaml"
