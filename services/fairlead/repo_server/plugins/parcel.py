"""The files of a commit as the archive that plugins are sent: a gzipped tar, made once for all who ask.

Invariant: equal files make equal bytes; what is kept is bounded, on disk, and without a name there, so that
it goes with the process.
"""

import asyncio
import contextlib
import gzip
import hashlib
import io
import os
import tarfile
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import IO

import msgspec

from fairlead.cache import SingleFlight
from fairlead.git.program import GitProgram
from fairlead.plugin.names import PatternError, is_like
from fairlead.plugin.protocol import MAX_ARCHIVE
from fairlead.render import RenderInvalidError, RenderTransientError
from fairlead.repo_server.rendering.tree import Entry, Graft, Tree, contents, listed

KEPT = 512 << 20
"""Bytes of parcels that nobody uses at the moment."""
AT_ONCE = 2
"""Parcels that are made at once; each keeps a processor busy."""
PIECE = 64 << 10
"""Bytes that are read, and sent, at a time."""
LEVEL = 1
"""Compression: it goes through a socket of this machine and is unpacked at once."""


class Kind(msgspec.Struct, frozen=True):
    """What a parcel is made of: a commit of a mirror, the part below a folder, without what is excluded, with
    what stands in place of some paths."""

    mirror: Path
    commit: str
    root: str = ""
    excluded: tuple[str, ...] = ()
    grafts: tuple[tuple[str, Graft], ...] = ()


class Parcel:
    """One archive. `checksum` is the sha256 of its bytes, in hex."""

    def __init__(self, file: IO[bytes], size: int, checksum: str) -> None:
        self._file = file
        self.size = size
        self.checksum = checksum
        self.users = 0
        self.is_kept = True

    @property
    def is_closed(self) -> bool:
        """Whether it can be read no more."""
        return self._file.closed

    async def pieces(self) -> AsyncIterator[bytes]:
        """Its bytes, PIECE at a time; several may read at once."""
        for at in range(0, self.size, PIECE):
            yield await asyncio.to_thread(os.pread, self._file.fileno(), PIECE, at)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class Parcels:
    """Makes parcels and keeps those used last, in files of `folder` that have no name."""

    def __init__(self, folder: Path, program: GitProgram) -> None:
        self._folder = folder
        self._program = program
        self._kept: OrderedDict[Kind, Parcel] = OrderedDict()
        self._flights: SingleFlight[Parcel] = SingleFlight()
        self._gate = asyncio.Semaphore(AT_ONCE)

    @contextlib.asynccontextmanager
    async def of(self, kind: Kind) -> AsyncIterator[Parcel]:
        """The parcel of a kind, for as long as it is used.

        Raises:
            RenderInvalidError: as `tree.listed`, or nothing is left to be sent, or it is too large.
            RenderTransientError: it could not be written.
            GitError: the files could not be read.
        """
        parcel = await self._found(kind)
        parcel.users += 1
        try:
            yield parcel
        finally:
            parcel.users -= 1
            self._drop_surplus()
            if not parcel.users and not parcel.is_kept:
                parcel.close()

    def forget(self, mirror: Path) -> None:
        """Keep none that is made of a repository."""
        for kind in [kind for kind in self._kept if kind.mirror == mirror]:
            self._let_go(self._kept.pop(kind))

    def close(self) -> None:
        """Let go of all of them."""
        for parcel in self._kept.values():
            parcel.close()
        self._kept.clear()

    async def _found(self, kind: Kind) -> Parcel:
        """One that is not let go of before it is used."""
        while True:
            parcel = self._kept.get(kind) or await self._flights.run(repr(kind), lambda: self._keep(kind))
            if not parcel.is_closed:
                if parcel.is_kept:
                    self._kept.move_to_end(kind)
                return parcel

    async def _keep(self, kind: Kind) -> Parcel:
        async with self._gate:
            parcel = self._kept[kind] = await self._made(kind)
        return parcel

    async def _made(self, kind: Kind) -> Parcel:
        whole = await listed(self._program, kind.mirror, kind.commit, dict(kind.grafts))
        tree = whole.below(kind.root)
        tree = without(tree, kind.excluded)
        if not tree.entries:
            raise RenderInvalidError("no files to send", code="path")
        file = await asyncio.to_thread(self._opened)
        try:
            packed = _Packing(file)
            await asyncio.to_thread(packed.folders, tree.entries)
            async for batch in contents(self._program, tree.files):
                await asyncio.to_thread(packed.add, batch)
            await asyncio.to_thread(packed.end, tree)
        except BaseException:
            file.close()
            raise
        return Parcel(file, packed.size, packed.checksum)

    def _opened(self) -> IO[bytes]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=self._folder, buffering=0)
        except OSError as error:
            raise RenderTransientError(f"an archive could not be written: {error.strerror}") from error

    def _drop_surplus(self) -> None:
        size = sum(parcel.size for parcel in self._kept.values())
        for kind, parcel in list(self._kept.items()):
            if size <= KEPT:
                return
            size -= parcel.size
            self._let_go(self._kept.pop(kind))

    @staticmethod
    def _let_go(parcel: Parcel) -> None:
        parcel.is_kept = False
        if not parcel.users:
            parcel.close()


def without(tree: Tree, excluded: tuple[str, ...]) -> Tree:
    """A tree without what is excluded: a path, or a folder on its way, that is like one of the patterns."""
    if not excluded:
        return tree
    entries = tuple(entry for entry in tree.entries if not _is_excluded(entry.path, excluded))
    kept = {entry.path for entry in entries}
    return Tree(entries=entries, targets={p: to for p, to in tree.targets.items() if p in kept})


def _is_excluded(path: str, excluded: tuple[str, ...]) -> bool:
    steps = path.split("/")
    ways = ["/".join(steps[:depth]) for depth in range(1, len(steps) + 1)]
    try:
        return any(is_like(pattern, way) for pattern in excluded for way in ways)
    except PatternError as error:
        raise RenderInvalidError(f"error verifying exclusion pattern: {error}", code="unsupported") from error


class _Packing:
    """Writes the archive. All of its methods block."""

    def __init__(self, file: IO[bytes]) -> None:
        self._hashed = _Hashed(file)
        self._gzip = gzip.GzipFile(fileobj=self._hashed, mode="wb", compresslevel=LEVEL, mtime=0, filename="")
        self._tar = tarfile.TarFile(fileobj=self._gzip, mode="w", format=tarfile.PAX_FORMAT)

    @property
    def size(self) -> int:
        """Bytes written."""
        return self._hashed.size

    @property
    def checksum(self) -> str:
        """Their sha256, in hex."""
        return self._hashed.sha256.hexdigest()

    def folders(self, entries: Iterable[Entry]) -> None:
        """The folders, so that nobody has to make them."""
        names = {way for entry in entries for way in _ways(entry.path)}
        for name in sorted(names):
            self._put(name, tarfile.DIRTYPE, 0o755)

    def add(self, files: list[tuple[Entry, bytes]]) -> None:
        """Files."""
        for entry, body in files:
            self._put(entry.path, tarfile.REGTYPE, 0o755 if entry.is_executable else 0o644, body)

    def end(self, tree: Tree) -> None:
        """The links, and the end."""
        for path, target in sorted(tree.targets.items()):
            self._put(path, tarfile.SYMTYPE, 0o777, target=target)
        self._tar.close()
        self._gzip.close()

    def _put(self, name: str, kind: bytes, mode: int, body: bytes = b"", target: str = "") -> None:
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.size, info.linkname = kind, mode, len(body), target
        try:
            self._tar.addfile(info, io.BytesIO(body) if body else None)
        except OSError as error:
            raise RenderTransientError(f"an archive could not be written: {error.strerror}") from error


class _Hashed(io.RawIOBase):
    """Passes on what is written, hashed and counted."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        size = len(data)
        self.sha256.update(data)
        self.size += size
        if self.size > MAX_ARCHIVE:
            words = f"the archive of the repository is larger than {MAX_ARCHIVE >> 20} MiB"
            raise RenderInvalidError(words, code="limit")
        while data:
            data = data[self._file.write(data) :]
        return size


def _ways(path: str) -> Iterable[str]:
    steps = path.split("/")[:-1]
    return ("/".join(steps[: depth + 1]) for depth in range(len(steps)))
