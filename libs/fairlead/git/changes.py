"""Which paths differ between two commits, found by comparing trees from the top.

The work is proportional to what changed: equal subtrees are never opened, and no process is started.
"""

from collections.abc import Iterable

from fairlead.git.tree import Entries, is_directory, kind_of
from fairlead.git.trees import Trees

MAX_TOUCHED = 200_000
"""Paths after which a comparison stops and everything counts as touched."""

_Pair = tuple[str, str, str]
"""Directory path, tree before, tree after; "" is the empty tree."""


class Changes:
    """The paths touched between two commits: files changed, added and removed, and all directories above.

    A renamed file is one removed and one added. A directory with other names in it, or with a name that is of
    another kind, is also there with a slash at its end; the root is then a slash alone.
    """

    def __init__(self, touched: frozenset[str] | None) -> None:
        self._touched = touched

    @property
    def paths(self) -> frozenset[str] | None:
        """The touched paths, "" being the root; None means that there are too many to tell."""
        return self._touched

    def touch(self, paths: Iterable[str]) -> bool:
        """Whether any of these paths was touched."""
        return self._touched is None or not self._touched.isdisjoint(paths)


async def changes_between(trees: Trees, old: str, new: str) -> Changes:
    """Compare two commits that are both in the mirror. Raises MirrorCorruptError when one is not."""
    if old == new:
        return Changes(frozenset())
    before, after = await trees.root(old), await trees.root(new)
    touched: set[str] = set()
    level: list[_Pair] = [("", before, after)] if before != after else []
    while level:
        touched.update(path for path, _, _ in level)
        if len(touched) > MAX_TOUCHED:
            return Changes(None)
        level = await _below(trees, level, touched)
    return Changes(frozenset(touched))


async def _below(trees: Trees, level: list[_Pair], touched: set[str]) -> list[_Pair]:
    """Files that differ directly below are added to `touched`; the directories that differ are returned."""
    read = await trees.of([oid for pair in level for oid in pair[1:]])
    found: list[_Pair] = []
    for number, (path, _, _) in enumerate(level):
        before, after = read[2 * number], read[2 * number + 1]
        folders: dict[bytes, list[str]] = {}
        gone, new = before.differing(after)
        if _names(gone) != _names(new):
            touched.add(f"{path}/")
        for side, entries in enumerate((gone, new)):
            for name, (mode, oid) in entries.items():
                if is_directory(mode):
                    folders.setdefault(name, ["", ""])[side] = oid.hex()
                touched.add(_join(path, name))
        found += [(_join(path, name), old, new) for name, (old, new) in folders.items() if old != new]
    return found


def _names(entries: Entries) -> set[tuple[bytes, str]]:
    return {(name, kind_of(mode)) for name, (mode, _) in entries.items()}


def _join(path: str, name: bytes) -> str:
    text = name.decode(errors="surrogateescape")
    return f"{path}/{text}" if path else text
