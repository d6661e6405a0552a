"""Git's trees for a set of files, in the order and form in which Git makes them.

This is where files have to fit together. Invariant: no path is two things, none is beneath a link or a file,
and no link leads out of the root.
"""

import posixpath
from collections.abc import Callable, Iterator

from fairlead.archives.errors import ArchiveRefusedError
from fairlead.archives.files import shown

FILE, EXECUTABLE, LINK, FOLDER = b"100644", b"100755", b"120000", b"40000"
MAX_TARGET = 4096
"""Bytes of where a link leads, as a system takes them at most."""
ObjectId = bytes
"""Of 20 bytes."""
Written = tuple[bytes, ObjectId]
Write = Callable[[bytes], ObjectId]


class Tree:
    """A folder: `entries` have mode and object by name, `folders` are those beneath it."""

    def __init__(self) -> None:
        self.entries: dict[str, Written] = {}
        self.folders: dict[str, Tree] = {}

    def add(self, path: str, mode: bytes, oid: ObjectId) -> None:
        """Put a file or a link there. The same once more is nothing. Raises ArchiveRefusedError."""
        *above, name = path.split("/")
        if not _is_sound([*above, name]):
            raise ArchiveRefusedError(f"{shown(path)} is no path of a file that can be taken")
        folder = self
        for part in above:
            if part in folder.entries:
                what = "a link" if folder.entries[part][0] == LINK else "a file"
                raise ArchiveRefusedError(f"{shown(path)} is beneath {shown(part)}, which is {what}")
            folder = folder.folders.setdefault(part, Tree())
        if name in folder.folders:
            raise ArchiveRefusedError(f"{shown(path)} is both a file and a folder")
        if folder.entries.setdefault(name, (mode, oid)) != (mode, oid):
            raise ArchiveRefusedError(f"{shown(path)} is there twice, with different content")

    def find(self, path: str) -> Written:
        """The file at a path that was added. Raises ArchiveRefusedError when there is none."""
        *above, name = path.split("/")
        folder: Tree | None = self
        for part in above:
            folder = folder.folders.get(part) if folder is not None else None
        found = folder.entries.get(name) if folder is not None else None
        if found is None or found[0] == LINK:
            raise ArchiveRefusedError(f"a hard link leads to {shown(path)}, which is no earlier file")
        return found

    def write(self, write: Write) -> ObjectId:
        """Write this tree and those beneath it."""
        lines = [(name, *entry) for name, entry in self.entries.items()]
        lines += [(name, FOLDER, folder.write(write)) for name, folder in self.folders.items()]
        return write(b"".join(_ordered(lines)))


def checked_target(path: str, target: bytes) -> bytes:
    """Where a link leads, when that is inside. Upwards leads only the start of it: what follows may be links.

    Raises:
        ArchiveRefusedError: it is absolute, empty or leads out of the root.
    """
    parts = target.split(b"/")
    upwards = next((number for number, part in enumerate(parts) if part not in {b"..", b"."}), len(parts))
    depth = len(posixpath.dirname(path).split("/")) if "/" in path else 0
    if not target or b"\0" in target or target.startswith(b"/") or len(target) > MAX_TARGET:
        raise ArchiveRefusedError(f"the link {shown(path)} leads to {shown(target)}, which is no path inside")
    if parts[:upwards].count(b"..") > depth or b".." in parts[upwards:]:
        raise ArchiveRefusedError(f"the link {shown(path)} leads to {shown(target)}, out of its root")
    return target


def _is_sound(parts: list[str]) -> bool:
    return not any(part in {"", ".", ".."} or part.lower() == ".git" or "\0" in part for part in parts)


def _ordered(lines: list[tuple[str, bytes, ObjectId]]) -> Iterator[bytes]:
    """Git sorts a folder as if its name ended with a slash."""
    encoded = [(name.encode(errors="surrogateescape"), mode, oid) for name, mode, oid in lines]
    for name, mode, oid in sorted(encoded, key=lambda line: line[0] + (b"/" if line[1] == FOLDER else b"")):
        yield mode + b" " + name + b"\0" + oid
