"""What is at a path of a commit, walking trees that are remembered.

Hundreds of applications share the directories above them; each of those trees is read once per commit.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence

from fairlead.git.tree import Entries, Tree, is_directory, kind_of
from fairlead.git.trees import Trees

LISTINGS = 20_000
"""Trees of whose names a digest is remembered."""


class Paths:
    """Looks paths up in the commits of one mirror. A symlink on the way is not followed."""

    def __init__(self, trees: Trees) -> None:
        self._trees = trees
        self._listings: OrderedDict[str, str] = OrderedDict()
        self._turn = asyncio.Lock()

    async def find(self, commit: str, folder: str, names: list[str]) -> list[str | None]:
        """Ids of what is in a folder ("" is the root) under each name; None where nothing is.

        Raises:
            MirrorCorruptError: the commit or a tree of it is not in the mirror.
        """
        entries = await self.folder(commit, folder)
        found = [entries.get(name.encode(errors="surrogateescape")) if entries else None for name in names]
        return [entry[1].hex() if entry else None for entry in found]

    async def ids(self, commit: str, paths: Sequence[str]) -> list[str]:
        """What is at each path of a commit ("" is the root): its mode and id, or "" where nothing is.

        A path with a slash at its end stands for the names in a directory and of which kind each is: a digest
        of them, or "" where no directory is. A tree is read once for all paths below it, and only when it is
        not remembered.

        Raises:
            MirrorCorruptError: the commit or a tree of it is not in the mirror.
        """
        async with self._turn:
            root = await self._trees.root(commit)
            return [
                await self._names(root, path[:-1]) if path.endswith("/") else await self._id(root, path)
                for path in paths
            ]

    async def _names(self, root: str, path: str) -> str:
        mode, _, oid = (await self._id(root, path)).partition(" ")
        if not is_directory(mode.encode()):
            return ""
        known = self._listings.get(oid)
        if known is None:
            tree = await self._tree(oid)
            lines = sorted(
                name + b"\0" + kind_of(found).encode() for name, (found, _) in tree.entries.items()
            )
            known = self._listings[oid] = hashlib.sha256(b"\0".join(lines)).hexdigest()
            if len(self._listings) > LISTINGS:
                self._listings.popitem(last=False)
        return known

    async def _id(self, root: str, path: str) -> str:
        mode, oid = b"40000", root
        for step in path.encode(errors="surrogateescape").split(b"/") if path else ():
            if not is_directory(mode):
                return ""
            tree = self._trees.known(oid) or await self._tree(oid)
            mode, binary = tree.get(step)
            if not binary:
                return ""
            oid = binary.hex()
        return f"{mode.decode()} {oid}"

    async def folder(self, commit: str, path: str) -> Entries | None:
        """The entries of a folder, or None when there is no folder at the path."""
        async with self._turn:
            tree = await self._tree(await self._trees.root(commit))
            for step in path.encode(errors="surrogateescape").split(b"/") if path else ():
                mode, oid = tree.get(step)
                if not is_directory(mode):
                    return None
                tree = await self._tree(oid.hex())
            return tree.entries

    async def _tree(self, oid: str) -> Tree:
        [tree] = await self._trees.of((oid,))
        return tree
