"""What an archive holds: files, and links between them.

Invariant: a path that passed `clean_path` is relative and has no part that leads upwards.
"""

import msgspec

from fairlead.archives.errors import ArchiveRefusedError
from fairlead.archives.limits import Limits

SHOWN = 200
"""Characters of a name that are shown to people."""
PART_BYTES = 255
_GIT = frozenset({".git", "git~1"})
_IGNORED = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF],
)
"""Characters that some file systems leave out of names (as git's own check of `.git` has them)."""


class File(msgspec.Struct, frozen=True):
    """One file. With `is_link` the content is where it leads; with `same_as` it has that earlier file's."""

    path: str
    content: bytes
    executable: bool = False
    is_link: bool = False
    same_as: str = ""


def clean_path(name: bytes, limits: Limits) -> str:
    """A name as a path below the archive's root, "" for the root itself.

    Raises:
        ArchiveRefusedError: it is absolute, leads upwards, or is too long, too deep or no name at all.
    """
    if len(name) > limits.path:
        raise ArchiveRefusedError(f"the name {shown(name)} is longer than {limits.path} bytes")
    if b"\0" in name:
        raise ArchiveRefusedError(f"the name {shown(name)} holds a NUL")
    if name.startswith(b"/"):
        raise ArchiveRefusedError(f"the name {shown(name)} is absolute")
    parts = [part for part in name.split(b"/") if part not in {b"", b"."}]
    if b".." in parts:
        raise ArchiveRefusedError(f"the name {shown(name)} leads out of its folder")
    if len(parts) > limits.depth:
        raise ArchiveRefusedError(f"the name {shown(name)} is more than {limits.depth} folders deep")
    if any(len(part) > PART_BYTES for part in parts):
        raise ArchiveRefusedError(f"the name {shown(name)} has a part of more than {PART_BYTES} bytes")
    return b"/".join(parts).decode(errors="surrogateescape")


def is_of_git(path: str) -> bool:
    """Whether a path is Git's own folder or in it, however a file system may spell that."""
    return any(_folded(part) in _GIT for part in path.split("/"))


def shown(name: bytes | str) -> str:
    """A name as people may see it: quoted, without what a terminal would act on."""
    text = name.decode(errors="replace") if isinstance(name, bytes) else name
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def amount(size: int) -> str:
    """A number of bytes in words."""
    return f"{size >> 20} MiB" if size >= 1 << 20 and size % (1 << 20) == 0 else f"{size} bytes"


def _folded(part: str) -> str:
    return part.translate(_IGNORED).rstrip(". ").casefold()
