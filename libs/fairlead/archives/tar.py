"""Reading a tar archive from its start to its end: ustar, GNU's long names, and the records of pax.

It is our own reader because Python's takes what an archive claims for granted: it reads names of gigabytes
and follows sizes that are negative. Invariant: of a header nothing is believed that its checksum, the limits
and the kinds below do not allow.
"""

from collections.abc import Iterator

import msgspec

from fairlead.archives.errors import ArchiveRefusedError
from fairlead.archives.files import amount, shown
from fairlead.archives.inflate import Inflated
from fairlead.archives.limits import Limits

BLOCK = 512
_ZEROS = bytes(BLOCK)
_FILE, _HARD_LINK, _LINK, _FOLDER = b"0", b"1", b"2", b"5"
_PAX, _PAX_FOR_ALL, _LONG_NAME, _LONG_LINK = b"x", b"g", b"L", b"K"
_REFUSED = {
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"S": "a sparse file",
    b"M": "a part of another archive",
}


class Entry(msgspec.Struct, frozen=True):
    """One entry. Of `kind`: a file, a folder, a link (to `target`) or a hard link (to an earlier name)."""

    name: bytes
    kind: str
    content: bytes = b""
    target: bytes = b""
    executable: bool = False


class _Extension:
    """What the headers before an entry's own say about it."""

    def __init__(self) -> None:
        self.name: bytes | None = None
        self.target: bytes | None = None
        self.size: int | None = None


def entries(archive: Inflated, limits: Limits) -> Iterator[Entry]:
    """All entries, each with its content. Raises ArchiveRefusedError."""
    extension = _Extension()
    for number, header in enumerate(_headers(archive)):
        if number > 4 * limits.files:
            raise ArchiveRefusedError(f"it has more than {4 * limits.files} headers")
        kind, size = header[156:157], _number(header[124:136], "size")
        if kind in {_PAX, _LONG_NAME, _LONG_LINK}:
            _extend(extension, kind, _extension_of(archive, size, limits))
        elif kind == _PAX_FOR_ALL:
            _extension_of(archive, size, limits)  # a comment in practice: git writes its commit there
        else:
            yield _entry(archive, header, extension, limits)
            extension = _Extension()


def _headers(archive: Inflated) -> Iterator[bytes]:
    while header := archive.read(BLOCK):
        if header == _ZEROS:
            if archive.read(BLOCK) not in {_ZEROS, b""}:
                raise ArchiveRefusedError("it is damaged: something follows its end")
            return
        if len(header) < BLOCK:
            raise ArchiveRefusedError("it is damaged: it ends early")
        if _number(header[148:156], "checksum") != sum(header) - sum(header[148:156]) + 8 * 32:
            raise ArchiveRefusedError("it is no tar archive, or damaged: a header's checksum is wrong")
        yield header


def _entry(archive: Inflated, header: bytes, extension: _Extension, limits: Limits) -> Entry:
    kind = header[156:157]
    name = extension.name if extension.name is not None else _name(header)
    target = extension.target if extension.target is not None else _text(header[157:257])
    size = extension.size if extension.size is not None else _number(header[124:136], "size")
    if kind in _REFUSED:
        raise ArchiveRefusedError(f"{shown(name)} is {_REFUSED[kind]}, which is not unpacked")
    if kind == _FOLDER or (kind in {b"0", b"\0"} and name.endswith(b"/")):
        _skip(archive, 0 if kind == _FOLDER else size)
        return Entry(name, "folder")
    if kind in {_LINK, _HARD_LINK}:
        return Entry(name, "link" if kind == _LINK else "hard link", target=target)
    if kind not in {_FILE, b"\0", b"7"}:
        raise ArchiveRefusedError(f"{shown(name)} is of the unknown kind {shown(kind)}")
    if size > limits.file:
        raise ArchiveRefusedError(f"{shown(name)} is larger than {amount(limits.file)}")
    content = _content(archive, size)
    return Entry(name, "file", content, executable=bool(_number(header[100:108], "mode") & 0o100))


def _extend(extension: _Extension, kind: bytes, content: bytes) -> None:
    if kind == _LONG_NAME:
        extension.name = content.rstrip(b"\0")
    elif kind == _LONG_LINK:
        extension.target = content.rstrip(b"\0")
    else:
        for key, value in _records(content):
            _extend_by(extension, key, value)


def _extend_by(extension: _Extension, key: bytes, value: bytes) -> None:
    if key.startswith(b"GNU.sparse"):
        raise ArchiveRefusedError("it has a sparse file, which is not unpacked")
    if key == b"path":
        extension.name = value
    elif key == b"linkpath":
        extension.target = value
    elif key == b"size":
        if not value.isdigit() or len(value) > 20:
            raise ArchiveRefusedError(f"it is damaged: {shown(value)} is no size")
        extension.size = int(value)


def _records(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """`<length> <key>=<value>\\n`, one after the other."""
    at = 0
    while at < len(content):
        digits, blank, _ = content[at : at + 12].partition(b" ")
        length = int(digits) if blank and digits.isdigit() else 0
        record = content[at : at + length]
        key, equals, value = record[len(digits) + 1 :].partition(b"=")
        if len(record) != length or not equals or not value.endswith(b"\n"):
            raise ArchiveRefusedError("it is damaged: a pax record is not whole")
        yield key, value[:-1]
        at += length


def _extension_of(archive: Inflated, size: int, limits: Limits) -> bytes:
    if size > limits.header:
        raise ArchiveRefusedError(f"a header of it is larger than {amount(limits.header)}")
    return _content(archive, size)


def _content(archive: Inflated, size: int) -> bytes:
    content = archive.read(size)
    if len(content) != size:
        raise ArchiveRefusedError("it is damaged: it ends early")
    _skip(archive, 0, -size % BLOCK)
    return content


def _skip(archive: Inflated, size: int, padding: int = 0) -> None:
    if size + padding and not archive.skip(size + (padding or -size % BLOCK)):
        raise ArchiveRefusedError("it is damaged: it ends early")


def _name(header: bytes) -> bytes:
    name, prefix = _text(header[:100]), _text(header[345:500])
    is_ustar = header[257:263] == b"ustar\0"
    return prefix + b"/" + name if is_ustar and prefix else name


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _number(field: bytes, what: str) -> int:
    """Octal digits, or with the first bit set the number itself, which may be negative."""
    if field[0] & 0x80:
        if field[0] != 0x80:
            raise ArchiveRefusedError(f"it is damaged: a {what} is negative or beyond any measure")
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\0 ")
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        raise ArchiveRefusedError(f"it is no tar archive, or damaged: {shown(digits)} is no {what}") from None
