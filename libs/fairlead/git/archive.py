"""A bare repository of one commit, made of the files of a gzipped tar that somebody sent.

Why: the render engine reads Git objects and nothing else, so what has no repository is given one. Invariant:
nothing of the archive touches the file system by its own name, and no more of it is unpacked than is said.
"""

import asyncio
import contextlib
import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from fairlead.git.errors import GitError, GitInvalidError

MAX_ARCHIVE: Final = 6 << 20
"""Bytes of the archive as it is sent."""
MAX_UNPACKED: Final = 64 << 20
"""Bytes of what it holds, headers included."""
MAX_FILES: Final = 20_000
SECONDS: Final = 60.0
"""How long Git may take to write the objects."""
BRANCH: Final = "refs/heads/files"
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


async def repository_of(archive: bytes, folder: Path) -> str:
    """Make a bare repository in `folder`, which must not exist; its one commit. Raises GitInvalidError for an
    archive that cannot be taken, GitError when Git failed."""
    if len(archive) > MAX_ARCHIVE:
        raise GitInvalidError(f"the files are larger than {MAX_ARCHIVE >> 20} MiB")
    stream = await asyncio.to_thread(_stream, archive)
    await _git(None, "init", "--quiet", "--bare", "--", str(folder))
    await _git(stream, f"--git-dir={folder}", "fast-import", "--quiet", "--force")
    return (await _git(None, f"--git-dir={folder}", "rev-parse", BRANCH)).decode().strip()


def _stream(archive: bytes) -> bytes:
    """What fast-import reads."""
    parts = [f"commit {BRANCH}\ncommitter files <files@localhost> 0 +0000\ndata 0\n".encode()]
    try:
        for path, mode, content in _entries(archive):
            parts.append(b"M %s inline %s\ndata %d\n" % (mode, _quoted(path), len(content)))
            parts += [content, b"\n"]
    except (tarfile.TarError, OSError, EOFError, zlib.error, UnicodeError) as error:
        raise GitInvalidError(f"the files cannot be unpacked: {error}") from error
    return b"".join(parts)


def _entries(archive: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    with (
        gzip.GzipFile(fileobj=io.BytesIO(archive)) as unzipped,
        tarfile.open(fileobj=_Bounded(unzipped), mode="r|") as members,
    ):
        for number, member in enumerate(members):
            if number >= MAX_FILES:
                raise GitInvalidError(f"there are more than {MAX_FILES} files")
            if member.issym():
                yield _inside(member.name), b"120000", member.linkname.encode()
            elif member.isreg():
                found = members.extractfile(member)
                mode = b"100755" if member.mode & 0o100 else b"100644"
                yield _inside(member.name), mode, found.read() if found is not None else b""
            elif not member.isdir():
                raise GitInvalidError(f"{member.name[:200]!r} is neither a file nor a folder")


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    parts = [part for part in path.parts if part != "."]
    if not parts or path.is_absolute() or ".." in parts or ".git" in {part.lower() for part in parts}:
        raise GitInvalidError(f"{name[:200]!r} is no path of a file that can be taken")
    return "/".join(parts)


def _quoted(path: str) -> bytes:
    """A path as fast-import reads it back, whatever it holds."""
    plain = path.encode()
    escaped = b"".join(b"\\%03o" % byte if byte < 32 or byte in b'"\\' else bytes([byte]) for byte in plain)
    return b'"' + escaped + b'"'


class _Bounded(io.RawIOBase):
    """Reads no more than MAX_UNPACKED bytes."""

    def __init__(self, source: gzip.GzipFile) -> None:
        super().__init__()
        self._source = source
        self._left = MAX_UNPACKED

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = self._left + 1 if size < 0 else size
        found = self._source.read(min(wanted, self._left + 1))
        self._left -= len(found)
        if self._left < 0:
            raise GitInvalidError(f"the files are larger than {MAX_UNPACKED >> 20} MiB when unpacked")
        return found


async def _git(given: bytes | None, *arguments: str) -> bytes:
    child = await asyncio.create_subprocess_exec(
        "git",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL if given is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_ENVIRONMENT,
        cwd="/",
    )
    try:
        async with asyncio.timeout(SECONDS):
            printed, complaint = await child.communicate(given)
    except RuntimeError as error:  # uvloop's, of a pipe that its reader has closed
        await _end(child)
        raise GitError("the files cannot be made a repository: git ended early") from error
    except BaseException:
        await _end(child)
        raise
    if child.returncode != 0:
        words = complaint.decode(errors="replace").strip().splitlines()
        raise GitError(f"the files cannot be made a repository: {words[0][:200] if words else 'git failed'}")
    return printed


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
