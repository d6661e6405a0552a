"""A walk through the directories of a commit, and into its submodules, as far as somebody wants to see them.

Invariant: nothing is read but trees until somebody asks for a file; the walk is bounded by what it meets.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from fairlead.git import GitProgram
from fairlead.git.objects import Objects, tree_of
from fairlead.git.tree import Tree, kind_of
from fairlead.repo_server.supplying.provider import OWN, Origin

MOST_ENTRIES = 500_000
"""Names of all directories of one walk."""
TREES_AT_ONCE = 128
DIRECTORY, FILE, LINK, SUBMODULE = "directory", "file", "link", "submodule"


class WalkError(Exception):
    """A walk that leads nowhere; the words are for whoever wrote the set."""


class Folder(NamedTuple):
    """A directory: its path in the whole, its tree, and in which repository that is; the root of which is at
    `base`, and which was obtained under `key`."""

    path: str
    oid: str
    origin: Origin
    base: str
    key: str

    def within(self, path: str) -> str:
        """A path as its repository has it."""
        return path[len(self.base) + 1 :] if self.base else path


class Met(NamedTuple):
    """What a walk came across. A submodule is met as a directory."""

    path: str
    kind: str
    oid: str
    mirror: Path


Entered = Callable[[str, str, Folder], Awaitable[tuple[Origin, str] | None]]
"""Where a submodule lies, and its key, by its path in the whole, its commit and the folder that has it;
None to leave it empty."""


class Walk:
    """Reads the repositories of one commit; `close` ends what reads submodules."""

    def __init__(self, program: GitProgram, objects: Objects, own: Origin, entered: Entered) -> None:
        self._program = program
        self._own = own
        self._readers = {own.mirror: objects}
        self._entered = entered
        self._count = 0

    async def close(self) -> None:
        """End the helper processes of submodules."""
        for mirror, reader in self._readers.items():
            if mirror != self._own.mirror:
                await reader.end()

    async def root(self) -> Folder:
        """Where it begins."""
        return await self.folder("", self._own, OWN)

    async def folder(self, path: str, origin: Origin, key: str) -> Folder:
        """The root of a repository at a path of the whole."""
        return Folder(path, await tree_of(self.reader(origin.mirror), origin.commit), origin, path, key)

    def reader(self, mirror: Path) -> Objects:
        """Who reads a repository."""
        if mirror not in self._readers:
            self._readers[mirror] = Objects(self._program, mirror)
        return self._readers[mirror]

    async def met(self, is_wanted: Callable[[str], bool]) -> AsyncIterator[list[Met]]:
        """What is in each directory whose path is wanted, from the root down. Raises WalkError, GitError."""
        waiting = [await self.root()]
        while waiting:
            batch, waiting = waiting[:TREES_AT_ONCE], waiting[TREES_AT_ONCE:]
            for folder, tree in zip(batch, await self._trees(batch), strict=True):
                found = self._entries(folder, tree)
                for entry in found:
                    if entry.kind in (DIRECTORY, SUBMODULE) and is_wanted(entry.path):
                        waiting += await self._below(folder, entry)
                yield [e._replace(kind=DIRECTORY) if e.kind == SUBMODULE else e for e in found]

    async def _trees(self, folders: Sequence[Folder]) -> list[Tree]:
        found: dict[Path, list[Tree]] = {}
        for mirror in {folder.origin.mirror for folder in folders}:
            oids = [folder.oid for folder in folders if folder.origin.mirror == mirror]
            found[mirror] = list(reversed(await self.reader(mirror).trees(oids)))
        return [found[folder.origin.mirror].pop() for folder in folders]

    def _entries(self, folder: Folder, tree: Tree) -> list[Met]:
        self._count += len(tree.entries)
        if self._count > MOST_ENTRIES:
            raise WalkError(
                f"more than {MOST_ENTRIES} names would have to be looked at; write narrower paths"
            )
        begin = f"{folder.path}/" if folder.path else ""
        return [
            Met(f"{begin}{name.decode(errors='replace')}", kind_of(mode), oid.hex(), folder.origin.mirror)
            for name, (mode, oid) in tree.entries.items()
        ]

    async def _below(self, folder: Folder, entry: Met) -> list[Folder]:
        if entry.kind == DIRECTORY:
            return [folder._replace(path=entry.path, oid=entry.oid)]
        entered = await self._entered(entry.path, entry.oid, folder)
        return [await self.folder(entry.path, *entered)] if entered is not None else []
