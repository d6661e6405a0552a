"""Reading a zip archive.

Invariant: its directory is read only when it is no larger than that of an archive within the limits, and no
entry yields more than the directory and the limits say.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from fairlead.archives.errors import ArchiveRefusedError
from fairlead.archives.files import amount, shown
from fairlead.archives.limits import Limits
from fairlead.archives.tar import Entry

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_END = b"PK\x05\x06"
_END_BYTES = 22
_COMMENT_BYTES = 0xFFFF
_RECORD_BYTES = 512
"""Of the directory, for each entry that may be there."""
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
    OverflowError,
)
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def entries(archive: bytes, limits: Limits) -> Iterator[Entry]:
    """All entries, each with its content. Raises ArchiveRefusedError."""
    _check_directory(archive, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            made = 0
            for info in opened.infolist():
                entry = _entry(opened, info, min(limits.most - made, limits.file), limits)
                made += len(entry.content)
                if made > limits.ratio_from and made > limits.ratio * len(archive):
                    raise ArchiveRefusedError(
                        f"it is more than {limits.ratio} times as large when unpacked, as no files of use are"
                    )
                yield entry
    except _DAMAGED as error:
        raise ArchiveRefusedError(f"it is damaged: {error}") from error


def _check_directory(archive: bytes, limits: Limits) -> None:
    at = archive.rfind(_END, max(0, len(archive) - _END_BYTES - _COMMENT_BYTES))
    end = archive[at : at + _END_BYTES] if at >= 0 else b""
    if len(end) < _END_BYTES:
        raise ArchiveRefusedError("it is damaged: a zip archive without its directory")
    number, size = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    if number > limits.files or size > limits.files * _RECORD_BYTES or size > len(archive):
        raise ArchiveRefusedError(f"it has more than {limits.files} entries, or its directory is too large")


def _entry(opened: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, limits: Limits) -> Entry:
    name = info.filename.encode(errors="surrogateescape")
    mode = info.external_attr >> 16
    if info.is_dir():
        return Entry(name, "folder")
    if info.flag_bits & 1:
        raise ArchiveRefusedError(f"{shown(name)} is encrypted")
    if info.compress_type not in _METHODS:
        raise ArchiveRefusedError(f"{shown(name)} is packed in a way that is not known here")
    if mode and not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_IFMT(mode) == 0):
        raise ArchiveRefusedError(f"{shown(name)} is neither a file nor a folder nor a link")
    if info.file_size > limits.ratio_from and info.file_size > limits.ratio * max(1, info.compress_size):
        raise ArchiveRefusedError(f"{shown(name)} is more than {limits.ratio} times as large when unpacked")
    content = _content(opened, info, most)
    if stat.S_ISLNK(mode):
        return Entry(name, "link", target=content)
    return Entry(name, "file", content, executable=bool(mode & 0o100))


def _content(opened: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    with opened.open(info) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise ArchiveRefusedError(
            f"{shown(info.filename)} is larger than {amount(most)}, or all are together"
        )
    return content
