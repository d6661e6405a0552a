"""The bytes of an archive as they unpack, in order, and never more of them than the limits say.

Invariant: at most PIECE bytes beyond what was asked for are in memory, whatever the archive would become.
"""

import zlib

from fairlead.archives.errors import ArchiveRefusedError
from fairlead.archives.files import amount
from fairlead.archives.limits import Limits

PIECE = 1 << 18
"""Bytes that are unpacked at once."""
GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31


class Inflated:
    """A gzipped archive, or a plain one, read from its start to its end."""

    def __init__(self, archive: bytes, limits: Limits) -> None:
        self._given = memoryview(archive)
        self._at = 0
        self._limits = limits
        self._engine = zlib.decompressobj(_GZIP_WINDOW) if archive[:2] == GZIP else None
        self._ready = b""
        self._start = 0
        self._made = 0
        self._members = 1

    def read(self, size: int) -> bytes:
        """So many bytes; fewer only at the end. Raises ArchiveRefusedError."""
        end = self._start + size
        if end <= len(self._ready):
            found = self._ready[self._start : end]
            self._start = end
            return found
        pieces, missing = [], size
        while missing:
            if self._start == len(self._ready) and not self._refill():
                break
            piece = self._ready[self._start : self._start + missing]
            self._start += len(piece)
            missing -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def skip(self, size: int) -> bool:
        """Leave out so many bytes; whether there were as many. Raises ArchiveRefusedError."""
        while size:
            if self._start == len(self._ready) and not self._refill():
                return False
            step = min(size, len(self._ready) - self._start)
            self._start += step
            size -= step
        return True

    def _refill(self) -> bool:
        self._ready, self._start = self._next(), 0
        self._made += len(self._ready)
        if self._made > self._limits.most:
            raise ArchiveRefusedError(f"it is larger than {amount(self._limits.most)} when unpacked")
        if self._made > self._limits.ratio_from and self._made > self._limits.ratio * len(self._given):
            raise ArchiveRefusedError(
                f"it is more than {self._limits.ratio} times as large when unpacked, as no files of use are"
            )
        return bool(self._ready)

    def _next(self) -> bytes:
        """The next piece, "" at the end."""
        if self._engine is None:
            piece = bytes(self._given[self._at : self._at + PIECE])
            self._at += len(piece)
            return piece
        try:
            return self._unpacked(self._engine)
        except zlib.error as error:
            raise ArchiveRefusedError(f"it is damaged: {error}") from error

    def _unpacked(self, engine: "zlib._Decompress") -> bytes:
        while True:
            if engine.eof:
                if self._given[self._at : self._at + 2] != GZIP:
                    return b""
                engine = self._next_member()
            given = self._given[self._at : self._at + PIECE]
            found = engine.decompress(given, PIECE)
            self._at += len(given) - len(engine.unconsumed_tail) - len(engine.unused_data)
            if found:
                return found
            if not given and not engine.eof:
                raise ArchiveRefusedError("it is damaged: it ends early")

    def _next_member(self) -> "zlib._Decompress":
        """Gzipped files may follow each other, and are one."""
        self._members += 1
        if self._members > self._limits.files:
            raise ArchiveRefusedError(f"it is made of more than {self._limits.files} parts")
        self._engine = zlib.decompressobj(_GZIP_WINDOW)
        return self._engine
