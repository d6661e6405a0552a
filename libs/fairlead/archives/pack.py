"""A pack of Git objects that is written object by object, with the index that makes it one.

It costs two files, whatever it holds, and no process: a chart of 200 files is in a repository within a few
milliseconds. Invariant: a pack is seen by Git from the moment its index has its name, and is whole then; the
same objects in the same order are the same pack.
"""

import contextlib
import hashlib
import io
import os
import secrets
import struct
import time
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

from fairlead.archives.errors import ImportFailedError
from fairlead.archives.trees import ObjectId

COMMIT, TREE, BLOB = 1, 2, 3
_NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob"}
_HEADER = b"PACK\0\0\0\2"
_INDEX_HEADER = b"\xfftOc\0\0\0\2"
_LEVEL = 1
"""Of compression: what is written once and read a few times is better written quickly."""
_BUFFER = 1 << 20
_FAR = 1 << 31
_PARTIAL = ".import-"
"""Begins the names of files that are written: neither git nor a mirror sweeps those away meanwhile."""
ABANDONED_SECONDS = 3600.0
"""After which nobody writes to such a file any more."""


class PackWriter:
    """Writes into the `objects/pack` of a repository. As a context it leaves nothing behind when it fails."""

    def __init__(self, repository: Path) -> None:
        self._folder = repository / "objects" / "pack"
        self._partial = self._folder / f"{_PARTIAL}{secrets.token_hex(8)}"
        self._written: dict[ObjectId, tuple[int, int]] = {}
        self._at = len(_HEADER) + 4

    def __enter__(self) -> Self:
        try:
            self._drop_leftovers()
            self._file = io.BufferedRandom(io.FileIO(self._partial, "w+"), _BUFFER)
        except OSError as error:
            raise ImportFailedError(f"no pack can be written: {error}") from error
        self._file.write(_HEADER + bytes(4))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        for leftover in (self._partial, self._partial_index):
            with contextlib.suppress(OSError):
                leftover.unlink()

    def blob(self, content: bytes) -> ObjectId:
        """Add a file's content."""
        return self.add(BLOB, content)

    def tree(self, content: bytes) -> ObjectId:
        """Add a folder."""
        return self.add(TREE, content)

    def add(self, kind: int, content: bytes) -> ObjectId:
        """Add an object, once. Raises ImportFailedError."""
        oid = object_id(kind, content)
        if oid not in self._written:
            packed = _entry_header(kind, len(content)) + zlib.compress(content, _LEVEL)
            try:
                self._file.write(packed)
            except OSError as error:
                raise ImportFailedError(f"a pack cannot be written: {error}") from error
            self._written[oid] = (self._at, zlib.crc32(packed))
            self._at += len(packed)
        return oid

    def finish(self) -> None:
        """Give the pack its name and its index; Git sees it from now on. Raises ImportFailedError."""
        try:
            checksum = self._seal()
            name = self._folder / f"pack-{checksum.hex()}"
            if name.with_suffix(".idx").exists():
                return
            self._partial_index.write_bytes(self._index(checksum))
            for partial, suffix in ((self._partial, ".pack"), (self._partial_index, ".idx")):
                partial.chmod(0o444)
                partial.replace(name.with_suffix(suffix))
        except OSError as error:
            raise ImportFailedError(f"a pack cannot be written: {error}") from error

    def _drop_leftovers(self) -> None:
        """What was being written when a process was killed."""
        for left in self._folder.glob(f"{_PARTIAL}*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                    left.unlink()

    @property
    def _partial_index(self) -> Path:
        return self._partial.with_name(f"{self._partial.name}_idx")

    def _seal(self) -> bytes:
        """Write how many objects there are and the checksum of it all, which is returned."""
        self._file.seek(len(_HEADER))
        self._file.write(struct.pack(">I", len(self._written)))
        self._file.seek(0)
        checksum = hashlib.file_digest(self._file, _sha1).digest()
        self._file.write(checksum)
        self._file.flush()
        os.fdatasync(self._file.fileno())
        return checksum

    def _index(self, checksum: bytes) -> bytes:
        oids = sorted(self._written)
        places = [self._written[oid] for oid in oids]
        counts = [0] * 256
        for oid in oids:
            counts[oid[0]] += 1
        fanout = [sum(counts[: first + 1]) for first in range(256)]
        far = [offset for offset, _ in places if offset >= _FAR]
        number = {offset: _FAR | index for index, offset in enumerate(far)}
        body = b"".join(
            (
                _INDEX_HEADER,
                struct.pack(">256I", *fanout),
                *oids,
                struct.pack(f">{len(oids)}I", *(crc for _, crc in places)),
                struct.pack(f">{len(oids)}I", *(number.get(offset, offset) for offset, _ in places)),
                struct.pack(f">{len(far)}Q", *far),
                checksum,
            )
        )
        return body + _sha1(body).digest()


def object_id(kind: int, content: bytes) -> ObjectId:
    """The name that Git gives an object."""
    digest = _sha1(b"%s %d\0" % (_NAMES[kind], len(content)))
    digest.update(content)
    return digest.digest()


def _sha1(content: bytes = b"") -> "hashlib._Hash":
    return hashlib.sha1(content, usedforsecurity=False)


def _entry_header(kind: int, size: int) -> bytes:
    """Kind and size in groups of 4, then 7 bits, the lowest first."""
    first, size = kind << 4 | size & 0x0F, size >> 4
    header = bytearray()
    while size:
        header.append(first | 0x80)
        first, size = size & 0x7F, size >> 7
    header.append(first)
    return bytes(header)
