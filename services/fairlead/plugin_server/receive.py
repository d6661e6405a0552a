"""The files of a repository as they arrive: first what is asked, then an archive in pieces.

Invariant: nothing is written outside of the folder, no more than the bounds say, and no link leads out of it;
an archive whose checksum is another is never unpacked.
"""

import gzip
import hashlib
import io
import os
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any

import msgspec
from grpclib.protocol import Stream

from fairlead.matching.links import leads_out
from fairlead.plugin import protocol
from fairlead.plugin.frames import FrameError, chunk_of, received
from fairlead.wire.decode import decode
from fairlead.wire.errors import DecodeError

MAX_MESSAGE = 4 << 20
"""Bytes of a message with a piece; the original sends 1,024."""
MAX_NAME = 4096
MAX_ENTRIES = 2 * protocol.MAX_FILES
"""Files, links and folders of an archive."""
MAX_READ = 1 << 20
"""Bytes that are read at once; of headers, all."""
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class ReceiveError(Exception):
    """What arrives cannot be taken; the words say why."""


class EnvEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A variable."""

    name: str = ""
    value: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What comes before the files. `app_rel_path` is where in them the application is."""

    app_name: str = ""
    app_rel_path: str = ""
    checksum: str = ""
    size: int = 0
    env: tuple[EnvEntry, ...] = ()


async def asked_of(stream: Stream) -> Asked:
    """The first message. Raises ReceiveError."""
    try:
        message = await received(stream, protocol.MAX_METADATA)
        found: dict[str, Any] = decode(protocol.request_of(protocol.MATCH), message or b"")
        metadata = found.get("metadata")
        if metadata is None:
            raise ReceiveError("error getting stream metadata: metadata is nil")
        return msgspec.convert(metadata, Asked)
    except (FrameError, DecodeError, msgspec.ValidationError) as error:
        raise ReceiveError(f"error receiving stream header: {error}") from error


async def archive_of(stream: Stream, asked: Asked, into: IO[bytes]) -> None:
    """Write the archive to a file, and see that it is the one that was announced. Raises ReceiveError."""
    checksum, size = hashlib.sha256(), 0
    try:
        while (message := await received(stream, MAX_MESSAGE)) is not None:
            piece = chunk_of(message)
            if piece is None:
                raise ReceiveError("stream request file is nil")
            size += len(piece)
            if size > protocol.MAX_ARCHIVE:
                raise ReceiveError(f"the archive is larger than {protocol.MAX_ARCHIVE >> 20} MiB")
            checksum.update(piece)
            into.write(piece)
    except (FrameError, DecodeError) as error:
        raise ReceiveError(f"stream Recv error: {error}") from error
    except OSError as error:
        raise ReceiveError(f"error receiving tgz file: {error.strerror}") from error
    if checksum.hexdigest() != asked.checksum:
        words = f"calc {checksum.hexdigest()} sent {asked.checksum[:64]}"
        raise ReceiveError(f"file checksum validation error: {words}")
    into.seek(0)


def unpack(archive: IO[bytes], folder: Path, *, preserve_mode: bool) -> None:
    """Unpack the archive into an empty folder. Blocks. Raises ReceiveError."""
    try:
        with gzip.GzipFile(fileobj=archive) as plain:
            _unpacked(tarfile.TarFile(fileobj=_Bounded(plain)), folder, preserve_mode)
    except (tarfile.TarError, EOFError, zlib.error, UnicodeError, ValueError) as error:
        raise ReceiveError(f"error decompressing tgz file: {error}") from error
    except OSError as error:
        raise ReceiveError(f"error decompressing tgz file: {error.strerror or error}") from error


def _unpacked(members: tarfile.TarFile, folder: Path, preserve_mode: bool) -> None:
    """Links come last, so that nothing is written through one."""
    targets: dict[str, str] = {}
    count = 0
    while (member := members.next()) is not None:
        count += 1
        if count > MAX_ENTRIES:
            raise ReceiveError(f"there are more than {MAX_ENTRIES} files and folders")
        members.members = []  # type: ignore[attr-defined]  # it would remember each
        name = _inside(member.name)
        if not name and member.isdir():
            continue
        path = folder / name
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
        elif member.issym():
            targets[name] = member.linkname
        elif member.isreg() and not member.issparse():
            _write(members, member, path, member.mode & 0o777 if preserve_mode else 0o644)
        else:
            raise ReceiveError(f"{member.name[:200]!r} is neither a file, a folder nor a link")
    for name, target in targets.items():
        if leads_out(targets, name) or len(target) > MAX_NAME:
            raise ReceiveError(f"illegal filepath in symlink: {name[:200]}")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


def _write(members: tarfile.TarFile, member: tarfile.TarInfo, path: Path, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = members.extractfile(member)
    with os.fdopen(os.open(path, _CREATE, 0o600), "wb") as file:
        if content is not None:
            shutil.copyfileobj(content, file)
        os.fchmod(file.fileno(), mode | 0o400)


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or len(name) > MAX_NAME:
        raise ReceiveError(f"illegal file path in tar: {name[:200]!r}")
    return "/".join(path.parts)


class _Bounded(io.RawIOBase):
    """Reads no more than MAX_UNPACKED bytes, headers included, one after another."""

    def __init__(self, source: gzip.GzipFile) -> None:
        super().__init__()
        self._source = source
        self._at = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence != 0 or offset < self._at:
            raise ReceiveError("the archive goes back")
        while self._at < offset and self.read(min(offset - self._at, 1 << 20)):
            pass
        return self._at

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size > MAX_READ:
            raise ReceiveError("a header of the archive is too large")
        found = self._source.read(MAX_READ if size < 0 else size)
        self._at += len(found)
        if self._at > protocol.MAX_UNPACKED:
            raise ReceiveError(f"the files are larger than {protocol.MAX_UNPACKED >> 20} MiB")
        return found
