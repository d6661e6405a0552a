"""What a merge of two commits would be, made beside all refs: `merge:<target>:<head>` is a revision.

Invariant: the same two commits give the same commit in every mirror, as nothing but them is in it; no ref is
moved by it, and what a merge cannot settle by itself is no commit.
"""

import asyncio
import re
import tempfile
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec

from fairlead.git.errors import GitInvalidError, GitTransientError
from fairlead.git.program import GitProgram

SECONDS: Final = 45.0
"""For one step of a merge, which looks for renames among all that differs."""
MOST_RENAMES: Final = 1000
"""Files that are compared with each other for renames; beyond them none are looked for."""
MAX_CONFLICTS: Final = 50
"""Paths in conflict that are named."""
MOST_KEPT: Final = 256
"""Merges of one mirror that are remembered."""
_REVISION: Final = re.compile(r"merge:([0-9a-f]{40}|[0-9a-f]{64}):([0-9a-f]{40}|[0-9a-f]{64})")
_NO_BASE: Final = 1
_CONFLICTS: Final = 1
_WHO: Final = "Fairlead <fairlead@invalid> 0 +0000"


class ConflictsError(GitInvalidError):
    """Two commits that change the same places; `paths` are the first of those."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        shown = ", ".join(paths[:3])
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        super().__init__(f"the commits cannot be merged: conflicts in {shown}{more}")
        self.paths = paths

    def __reduce__(self) -> tuple[type["ConflictsError"], tuple[tuple[str, ...]]]:
        """How it is copied: from what it was made of."""
        return type(self), (self.paths,)


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """The merge of `head` into `target`, which parted at `base`: a commit, that may be one of both, or "" and
    the paths in conflict."""

    target: str
    head: str
    base: str
    commit: str = ""
    conflicts: tuple[str, ...] = ()


def merge_of(target: str, head: str) -> str:
    """The revision that means the merge of one commit into another; both by their whole ids."""
    return f"merge:{target}:{head}"


def merging(revision: str) -> tuple[str, str] | None:
    """Target and head of a revision that is a merge."""
    found = _REVISION.fullmatch(revision)
    return (found[1], found[2]) if found else None


class Merges:
    """The merges of one mirror: one is made at a time, beside whatever is fetched, and each once."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._known: OrderedDict[tuple[str, str], Merge] = OrderedDict()

    async def of(
        self,
        program: GitProgram,
        mirror: Path,
        target: str,
        head: str,
        *,
        is_here: Callable[[str], Awaitable[bool]],
    ) -> Merge:
        """As `merged`; one that is known is made again once its commit is not here any more."""
        async with self._turn:
            found = self._known.pop((target, head), None)
            if found is None or (found.commit and not await is_here(found.commit)):
                found = await merged(program, mirror, target, head)
            self._known[target, head] = found
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)
            return found


async def merged(program: GitProgram, mirror: Path, target: str, head: str) -> Merge:
    """Merge two commits that are in a mirror, with what led to them.

    Raises:
        GitInvalidError: they have nothing in common.
        GitTransientError: git failed, or took too long.
    """
    directory = f"--git-dir={mirror}"
    found = await program.run((directory, "merge-base", target, head), deadline=SECONDS, also_fine=_NO_BASE)
    base = found.decode().strip()
    if not base:
        raise GitInvalidError(f"{head[:7]} has no history in common with {target[:7]}")
    if base in (target, head):
        return Merge(target=target, head=head, base=base, commit=head if base == target else target)
    options = ("-c", f"merge.renameLimit={MOST_RENAMES}", "-c", "merge.directoryRenames=false")
    how = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages")
    printed = await program.run(
        (directory, *options, *how, target, head), deadline=SECONDS, also_fine=_CONFLICTS
    )
    tree, *paths = printed.decode(errors="surrogateescape").rstrip("\0").split("\0")
    conflicts = tuple(_shown(path) for path in dict.fromkeys(paths) if path)[:MAX_CONFLICTS]
    if conflicts:
        return Merge(target=target, head=head, base=base, conflicts=conflicts)
    text = (
        f"tree {tree}\nparent {target}\nparent {head}\nauthor {_WHO}\ncommitter {_WHO}\n\n"
        f"What a merge of {head} would be\n"
    )
    with tempfile.TemporaryFile() as given:
        given.write(text.encode())
        given.seek(0)
        write = (directory, "hash-object", "-t", "commit", "-w", "--stdin")
        commit = (await program.run(write, deadline=SECONDS, given=given)).decode().strip()
    if not commit:
        raise GitTransientError("git made no commit of a merge")
    return Merge(target=target, head=head, base=base, commit=commit)


def _shown(path: str) -> str:
    """A path as it may be told to people."""
    return "".join(each if each.isprintable() else "?" for each in path)[:500]
