"""What renders read: as it is remembered, and as it is held against another commit.

Invariant: two commits are alike for a render only when every path it read has the same object in both.
"""

import hashlib
import posixpath

from fairlead.events import SourcesWanted
from fairlead.git import MirrorCorruptError
from fairlead.render import ReadEntry
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.records import Reading, Record


async def is_alike(repository: Repository, commit: str, reading: Reading) -> bool:
    """Whether a commit has at every path what was read there. What cannot be read is not alike."""
    return bool(reading.proof) and await _proof(repository, commit, reading.paths) == reading.proof


async def readings(
    reads: tuple[ReadEntry, ...], used: dict[str, tuple[Repository, str]]
) -> dict[str, Reading]:
    """What was read, by ref name, of repositories at commits."""
    found = {}
    for ref, (repository, commit) in used.items():
        own = [entry for entry in reads if entry.ref == ref]
        paths = tuple(dict.fromkeys(map(spelled, own)))
        is_certain = not any(entry.kind == "tree" and not entry.oid for entry in own)
        found[ref] = await reading_of(repository, commit, paths, is_certain=is_certain)
    return found


async def reading_of(
    repository: Repository, commit: str, paths: tuple[str, ...], *, is_certain: bool = True
) -> Reading:
    """What was read at a commit, with its proof unless that would prove nothing."""
    proof = await _proof(repository, commit, paths) if is_certain else ""
    return Reading(commit=commit, paths=paths, proof=proof)


async def _proof(repository: Repository, commit: str, paths: tuple[str, ...]) -> str:
    """Digest of the objects at these paths; "" when the mirror cannot tell."""
    try:
        found = await repository.mirror.paths.ids(commit, paths)
    except MirrorCorruptError:
        return ""
    return hashlib.sha256("\n".join(found).encode()).hexdigest()[:32]


def spelled(entry: ReadEntry) -> str:
    """What was read, as it stands in readings and in the groups' indexes: names have a slash at their end."""
    return f"{entry.path}/" if entry.kind == "names" else entry.path


def read_of(wish: SourcesWanted, place: int, records: dict[int, Record]) -> tuple[str, ...]:
    """What the application read in the repository of one of its sources."""
    own = records[place].readings[""].paths if place in records else ()
    ref = wish.sources[place].ref
    foreign = [r.readings[ref].paths for p, r in records.items() if ref and ref in r.readings]
    return tuple(dict.fromkeys((*own, *(path for paths in foreign for path in paths))))


def folder(path: str) -> str:
    """A source's path as it stands in a read set."""
    clean = posixpath.normpath(path or ".").strip("/")
    return "" if clean == "." else clean
