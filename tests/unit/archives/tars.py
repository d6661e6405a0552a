"""Tar archives with whatever in them: sound ones, and those that Python's library would not write."""

import gzip
import io
import tarfile

BLOCK = 512


def tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive of members with their content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def file(name: str, content: bytes = b"x", mode: int = 0o644) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode
    return member, content


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    """A folder, link, device or pipe."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def header(
    name: bytes, *, kind: bytes = b"0", size: bytes = b"00000000000\0", mode: bytes = b"0000644\0"
) -> bytes:
    """One header with its checksum, whatever it says."""
    fields = name.ljust(100, b"\0") + mode + b"0000000\0" * 2 + size + b"00000000000\0" + b" " * 8 + kind
    whole = (fields + bytes(100) + b"ustar\x0000").ljust(BLOCK, b"\0")
    checksum = b"%06o\0 " % sum(whole)
    return whole[:148] + checksum + whole[156:]


def pax(*records: tuple[bytes, bytes]) -> bytes:
    """A header of pax records, with its content."""
    content = b"".join(_record(key, value) for key, value in records)
    size = b"%011o\0" % len(content)
    return header(b"pax", kind=b"x", size=size) + content.ljust(-(-len(content) // BLOCK) * BLOCK, b"\0")


def _record(key: bytes, value: bytes) -> bytes:
    rest = b" " + key + b"=" + value + b"\n"
    size = len(rest) + 1
    while len(b"%d" % size) + len(rest) != size:
        size += 1
    return b"%d" % size + rest


def end(archive: bytes) -> bytes:
    return archive + bytes(2 * BLOCK)


def gzipped(archive: bytes) -> bytes:
    return gzip.compress(archive, mtime=0)
