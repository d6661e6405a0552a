"""The files of a commit as a process or a plugin is to see them: listed, bounded, their links checked.

Invariant: no name and no link in a `Tree` leads out of it, whatever the commit holds, so that it can be
written below any folder; and nothing of it is read before its sizes are known to be within the bounds.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from fairlead.git.advertised import OBJECT_ID
from fairlead.git.objects import MAX_OBJECT, Objects
from fairlead.git.program import GitProgram
from fairlead.matching.links import leads_out
from fairlead.render import RenderInvalidError

FILES = 200_000
"""Files and links of a tree."""
BYTES = 1 << 30
"""Bytes of all of them together."""
NAME = 4096
"""Bytes of a path, and of what a link points at."""
BATCH = 8 << 20
"""Bytes of files that are read at a time."""
BATCH_FILES = 512
LINK, GITLINK = "120000", "160000"

Grafts = Mapping[str, "Graft"]
"""What stands in place of a path of the tree, such as a submodule or a file that was kept elsewhere."""


class Graft(msgspec.Struct, frozen=True, kw_only=True):
    """A commit, tree or blob of a bare repository."""

    mirror: Path
    object: str
    is_executable: bool = False


class Entry(NamedTuple):
    """A file or a link. `mirror` is the repository that has its content."""

    path: str
    mode: str
    oid: str
    size: int
    mirror: Path

    @property
    def is_link(self) -> bool:
        """Whether its content is where it points."""
        return self.mode == LINK

    @property
    def is_executable(self) -> bool:
        """Whether it may be run."""
        return self.mode == "100755"


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """Files and links by path; `targets` is where the links point."""

    entries: tuple[Entry, ...]
    targets: Mapping[str, str]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries)

    @property
    def files(self) -> Iterator[Entry]:
        """Without the links."""
        return (entry for entry in self.entries if not entry.is_link)

    def below(self, folder: str) -> "Tree":
        """The part below a folder, with paths from there; a link that leads out of the part is left out."""
        if not folder:
            return self
        start = f"{folder}/"
        entries = [e._replace(path=e.path[len(start) :]) for e in self.entries if e.path.startswith(start)]
        targets = {p[len(start) :]: to for p, to in self.targets.items() if p.startswith(start)}
        kept = {path: to for path, to in targets.items() if not leads_out(targets, path)}
        return Tree(entries=tuple(e for e in entries if not e.is_link or e.path in kept), targets=kept)


async def listed(program: GitProgram, mirror: Path, commit: str, grafts: Grafts | None = None) -> Tree:
    """The files of a commit or tree; a submodule without a graft is an empty place.

    Raises:
        RenderInvalidError: too many, too large, or a name or link that leads out.
        GitError: as `GitProgram.run`.
    """
    grafts = grafts or {}
    found, _ = await listed_raw(program, mirror, commit)
    entries = [e for e in found if not _is_covered(e.path, grafts)]
    for place, graft in grafts.items():
        within = [other for other in grafts if other.startswith(f"{place}/")]
        entries += [e for e in await _grafted(program, place, graft) if not _is_covered(e.path, within)]
    _check(entries)
    return Tree(entries=tuple(sorted(entries)), targets=await _targets(program, entries))


async def contents(program: GitProgram, entries: Iterable[Entry]) -> AsyncIterator[list[tuple[Entry, bytes]]]:
    """The entries with their content, in their order, no more than BATCH bytes or one file at a time.

    Raises GitError. They are read by a process of their own, so that nobody else waits.
    """
    readers: dict[Path, Objects] = {}
    try:
        for batch in _batches(entries):
            reader = readers.setdefault(batch[0].mirror, Objects(program, batch[0].mirror))
            bodies = await reader.contents([entry.oid for entry in batch], "blob")
            yield list(zip(batch, bodies, strict=True))
    finally:
        for reader in readers.values():
            await reader.end()


def refusal_of_link(path: str) -> RenderInvalidError:
    """A link that leads out, in the contract's words (7.1)."""
    words = f"repository contains out-of-bounds symlinks. file: {path[:NAME]}"
    return RenderInvalidError(words, code="path", file=path)


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        is_full = size + entry.size > BATCH or len(batch) >= BATCH_FILES
        if batch and (is_full or entry.mirror != batch[0].mirror):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch


async def listed_raw(
    program: GitProgram, mirror: Path, oid: str, prefix: str = ""
) -> tuple[list[Entry], list[Entry]]:
    """The files and links of a commit or tree, unchecked, and its submodules. Raises GitError."""
    listing = await _git(program, mirror, "ls-tree", "-r", "-l", "-z", "--full-tree", oid)
    found, links = [], []
    for line in listing.split(b"\0")[:-1]:
        facts, _, name = line.partition(b"\t")
        mode, _, oid, size = facts.decode().split()
        path = prefix + name.decode(errors="surrogateescape")
        if mode == GITLINK:
            links.append(Entry(path, mode, oid, 0, mirror))
        else:
            found.append(Entry(path, mode, oid, int(size), mirror))
    return found, links


async def _grafted(program: GitProgram, place: str, graft: Graft) -> list[Entry]:
    kind = (await _git(program, graft.mirror, "cat-file", "-t", graft.object)).decode().strip()
    if kind == "blob":
        size = int(await _git(program, graft.mirror, "cat-file", "-s", graft.object))
        mode = "100755" if graft.is_executable else "100644"
        return [Entry(place, mode, graft.object, size, graft.mirror)]
    found, _ = await listed_raw(program, graft.mirror, graft.object, f"{place}/")
    return found


async def _git(program: GitProgram, mirror: Path, *words: str) -> bytes:
    if not OBJECT_ID.match(words[-1]):
        raise ValueError("not a full object id")
    return await program.run((f"--git-dir={mirror}", *words))


def _is_covered(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def _check(entries: list[Entry]) -> None:
    if len(entries) > FILES:
        raise RenderInvalidError(f"the repository has more than {FILES} files", code="limit")
    if sum(entry.size for entry in entries) > BYTES:
        raise RenderInvalidError(f"the files are larger than {BYTES >> 20} MiB together", code="limit")
    for path, mode, _, size, _ in entries:
        parts = path.lower().split("/")
        if len(path) > NAME or {"", ".", "..", ".git"} & set(parts) or "\n" in path:
            raise RenderInvalidError(f"{path[:200]!r} is no path that can be written", code="path")
        if size > (NAME if mode == LINK else MAX_OBJECT):
            raise RenderInvalidError(f"{path}: larger than {MAX_OBJECT >> 20} MiB", code="limit", file=path)


async def _targets(program: GitProgram, entries: list[Entry]) -> dict[str, str]:
    """Where the links point. Raises RenderInvalidError for one that leads out."""
    found: dict[str, str] = {}
    async for batch in contents(program, (entry for entry in entries if entry.is_link)):
        found |= {entry.path: body.decode(errors="surrogateescape") for entry, body in batch}
    for path, target in found.items():
        if "\0" in target or leads_out(found, path):
            raise refusal_of_link(path)
    return found
