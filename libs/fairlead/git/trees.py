"""The trees of one mirror, remembered: hundreds of applications share the directories above them."""

from collections import OrderedDict
from collections.abc import Sequence

from fairlead.git.objects import Objects, tree_of
from fairlead.git.tree import Tree

CAPACITY = 3 << 20
"""Bytes of remembered trees in Git's form; 10 MB where all of them were taken apart."""
EACH = 64
"""Bytes that a remembered tree takes beside."""
ROOTS = 64
"""Commits whose root is remembered."""
MEMORABLE = 256
"""Trees asked for at once that are remembered; of a change to more, what others need would be forgotten."""


class Trees:
    """Reads a tree once for all who look below it. What is handed out is shared: nobody may change it."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self._roots: OrderedDict[str, str] = OrderedDict()
        self._trees: OrderedDict[str, Tree] = OrderedDict()
        self._bytes = 0

    async def root(self, commit: str) -> str:
        """The id of a commit's root. Raises MirrorCorruptError when the commit is not in the mirror."""
        if commit not in self._roots:
            self._roots[commit] = await tree_of(self.objects, commit)
            if len(self._roots) > ROOTS:
                self._roots.popitem(last=False)
        return self._roots[commit]

    def known(self, oid: str) -> Tree | None:
        """A tree that is remembered."""
        tree = self._trees.get(oid)
        if tree is not None:
            self._trees.move_to_end(oid)
        return tree

    async def of(self, oids: Sequence[str]) -> list[Tree]:
        """Trees by their ids, "" being the empty one. Raises MirrorCorruptError when one is not here."""
        found = {oid: tree for oid in oids if (tree := self.known(oid) if oid else Tree()) is not None}
        missing = [oid for oid in dict.fromkeys(oids) if oid not in found]
        read = dict(zip(missing, await self.objects.trees(missing), strict=True)) if missing else {}
        if len(missing) <= MEMORABLE:
            for oid, tree in read.items():
                self._keep(oid, tree)
        found |= read
        return [found[oid] for oid in oids]

    def _keep(self, oid: str, tree: Tree) -> None:
        if oid in self._trees:
            return
        self._trees[oid] = tree
        self._bytes += tree.size + EACH
        while self._bytes > CAPACITY and len(self._trees) > 1:
            self._bytes -= self._trees.popitem(last=False)[1].size + EACH
