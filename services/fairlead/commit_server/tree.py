"""Folders of a commit as they are, and the trees that come of putting files into them.

Invariant: nothing but the named files changes, and no file takes the place of a folder, nor a folder that of
a file.
"""

from collections.abc import Iterable, Mapping

from fairlead.archives.pack import BLOB, TREE, object_id
from fairlead.git.tree import Entries, is_directory, kind_of
from fairlead.git.trees import Trees
from fairlead.hydration.errors import PathRefusedError

FILE, FOLDER = b"100644", b"40000"
Packed = list[tuple[int, bytes]]
"""Objects to be written: kind and content."""


async def read_folders(trees: Trees, root: str, folders: Iterable[str]) -> dict[str, Entries]:
    """The entries of the root, of these folders and of those above them, as far as they are there.

    Raises PathRefusedError when something else is where a folder is to be.
    """
    [top] = await trees.of([root])
    found: dict[str, Entries] = {"": top.entries}
    wanted = {above for folder in folders for above in _prefixes(folder)}
    for depth in range(1, max((path.count("/") + 1 for path in wanted), default=0) + 1):
        level = sorted(path for path in wanted if path.count("/") + 1 == depth)
        there = [(path, oid) for path in level if (oid := _below(found, path))]
        for (path, _), tree in zip(there, await trees.of([oid for _, oid in there]), strict=True):
            found[path] = tree.entries
    return found


def files_in(entries: Entries, names: Iterable[str]) -> dict[str, str]:
    """Object ids of the plain files of these names. Raises PathRefusedError when one is a folder."""
    found = {}
    for name in names:
        mode, oid = entries.get(name.encode(), (b"", b""))
        if is_directory(mode):
            raise PathRefusedError(f"{name} is a folder in the branch, and the name of a file written here")
        if mode and kind_of(mode) == "file":
            found[name] = oid.hex()
    return found


def grown(found: Mapping[str, Entries], files: Mapping[str, bytes]) -> tuple[str, Packed]:
    """The root's id, and all objects to be written, once these files (content by path) are put in."""
    entries = {path: dict(there) for path, there in found.items()}
    packed: Packed = []
    for path, content in files.items():
        folder, _, name = path.rpartition("/")
        packed.append((BLOB, content))
        entries.setdefault(folder, {})[name.encode()] = (FILE, object_id(BLOB, content))
        for above in _prefixes(folder):
            entries.setdefault(above, {})
    changed = {above for path in files for above in (*_prefixes(path.rpartition("/")[0]), "")}
    oid = b""
    for path in sorted(changed, key=lambda one: (-_depth(one), one)):
        content = _written(entries[path])
        packed.append((TREE, content))
        oid = object_id(TREE, content)
        if path:
            above, _, name = path.rpartition("/")
            entries.setdefault(above, {})[name.encode()] = (FOLDER, oid)
    return oid.hex(), packed


async def root_of(trees: Trees, commit: str) -> str:
    """The root tree of a commit, "" of none."""
    return await trees.root(commit) if commit else ""


def _depth(path: str) -> int:
    return path.count("/") + 1 if path else 0


def _prefixes(folder: str) -> list[str]:
    """The folder and those above it, but for the root."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[: number + 1]) for number in range(len(parts))]


def _below(found: Mapping[str, Entries], path: str) -> str:
    above, _, name = path.rpartition("/")
    mode, oid = found.get(above, {}).get(name.encode(), (b"", b""))
    if mode and not is_directory(mode):
        raise PathRefusedError(f"{path!r} is a {kind_of(mode)} in the branch, and cannot be a folder")
    return oid.hex()


def _written(entries: Entries) -> bytes:
    """Git's order is that of names, of which those of folders end with a slash."""
    ordered = sorted(entries.items(), key=lambda one: one[0] + (b"/" if is_directory(one[1][0]) else b""))
    return b"".join(b"%s %s\0%s" % (mode, name, oid) for name, (mode, oid) in ordered)
