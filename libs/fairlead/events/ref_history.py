"""The commits that a followed ref has pointed at, and which applications each of them touched.

One record per repository and ref, kept by the repo-servers: an application that a commit left as it was is
not written for it, its revision is laid over wherever it is read. A lost record shows an older one, no more.

A ref may be followed by applications of several repo-servers, where it is not their first source. Each tells
of those of its own partitions, which a move names. Invariant: a move says nothing of anybody else.
"""

import msgspec

from fairlead.events.envelope import Event, SchemaError, decode
from fairlead.events.subjects import PARTITIONS, partition

COMMITS = 256
"""Commits that are remembered of a ref."""
TOUCHED = 20_000
"""Touched applications that are remembered of a ref, over all its commits."""

App = tuple[str, str]
"""Namespace and name."""


class Move(Event, frozen=True, kw_only=True):
    """A commit, and the applications that the step to it touched.

    `shown` is what people are told the revision is, "" being the commit; several commits may be one.
    `parts` are the partitions of whose applications it speaks, by their first sources; "" speaks of all.
    """

    commit: str
    touched: tuple[App, ...] = ()
    parts: str = ""
    shown: str = ""

    @property
    def revision(self) -> str:
        """What people are told."""
        return self.shown or self.commit

    def speaks_of(self, parts: str) -> bool:
        """Whether it says something of every application of these partitions ("" being all)."""
        return not self.parts or (bool(parts) and set(parts) <= set(self.parts))


class RefHistory(Event, frozen=True, kw_only=True):
    """The moves of `ref`, as written in targetRevision, oldest first."""

    repository: str
    ref: str
    moves: tuple[Move, ...] = ()

    @property
    def commit(self) -> str:
        """Where the ref points; "" when that is not known."""
        return self.moves[-1].commit if self.moves else ""

    def has(self, commit: str) -> bool:
        """Whether the ref is known to have pointed at a commit."""
        return any(move.commit == commit for move in self.moves)

    def of(self, parts: str) -> "RefHistory":
        """The history as the applications of these partitions have it."""
        if all(move.speaks_of(parts) for move in self.moves):
            return self
        return msgspec.structs.replace(self, moves=tuple(m for m in self.moves if m.speaks_of(parts)))

    def moved(
        self,
        old: str,
        new: str,
        touched: tuple[App, ...],
        parts: str = "",
        *,
        shown: str = "",
        old_shown: str = "",
    ) -> "RefHistory":
        """The history with one more move, for the applications of these partitions; one from a commit that is
        not known of them begins anew, one from "" goes on from wherever it was.

        Two may tell of one ref: of a step that is there already, whom either touched. People are told `shown`
        and `old_shown` of the two commits, "" being the commit.
        """
        known, last = self.moves, Move(commit=new, touched=touched, parts=parts, shown=shown)
        if known and self.commit == new:
            known, last = known[:-1], _merged(known[-1], last)
        lacking = [part for part in parts or ("",) if old and not self.of(part).has(old)]
        if lacking:
            named = "".join(lacking)
            known = (*_without(known, named), Move(commit=old, parts=named, shown=old_shown))
        moves = (*known, last)[-COMMITS:]
        while len(moves) > 2 and sum(len(move.touched) for move in moves[1:]) > TOUCHED:
            moves = moves[1:]
        return RefHistory(repository=self.repository, ref=self.ref, moves=moves)

    def touched_since(self, commit: str) -> frozenset[App] | None:
        """Whom the moves behind a commit touched; None when that is not known."""
        commits = [move.commit for move in self.moves]
        if commit not in commits:
            return None
        behind = self.moves[len(commits) - commits[::-1].index(commit) :]
        return frozenset(app for move in behind for app in move.touched)

    def laid_over(self, app: App, revision: str) -> str:
        """The newest revision, as people are told, whose manifests are those of `revision` for an
        application."""
        revisions = [move.revision for move in self.moves]
        if revision not in revisions:
            return revision
        found = revision
        for move in self.moves[len(revisions) - revisions[::-1].index(revision) :]:
            if app in move.touched:
                break
            found = move.revision
        return found


def _merged(one: Move, other: Move) -> Move:
    """Two moves to one commit."""
    parts = "".join(sorted({*one.parts, *other.parts})) if one.parts and other.parts else ""
    return Move(
        commit=one.commit,
        shown=other.shown or one.shown,
        touched=tuple(sorted({*one.touched, *other.touched})),
        parts="" if len(parts) == len(PARTITIONS) else parts,
    )


def _without(moves: tuple[Move, ...], parts: str) -> tuple[Move, ...]:
    """The moves that say nothing of the applications of these partitions any more."""
    found = []
    for move in moves if parts else ():
        left = "".join(part for part in move.parts or PARTITIONS if part not in parts)
        if left:
            found.append(msgspec.structs.replace(move, parts=left))
    return tuple(found)


class RefHistories:
    """All records, as a bucket has them."""

    def __init__(self) -> None:
        self._known: dict[str, RefHistory] = {}
        self._by_ref: dict[tuple[str, str], dict[str, RefHistory]] = {}

    def take(self, key: str, value: bytes | None) -> tuple[str, str] | None:
        """What the bucket holds under a key now; of which ref of which repository that is, if it says so."""
        before = self._known.pop(key, None)
        if before is not None:
            self._by_ref.pop((before.repository, before.ref), None)
        try:
            found = decode(RefHistory, value) if value is not None else None
        except SchemaError:
            return None
        if found is None:
            return None
        self._known[key] = found
        self._by_ref[found.repository, found.ref] = {"": found}
        return found.repository, found.ref

    def repositories_at(self, revision: str) -> list[str]:
        """The repositories of which a ref has been at a revision that begins so."""
        found = {
            history.repository: None
            for history in self._known.values()
            if any(move.revision.startswith(revision) for move in history.moves)
        }
        return list(found)

    def is_later(self, home: str, repository: str, ref: str, revision: str, *, than: str) -> bool:
        """Whether a ref is known to have come to `revision` after `than`, for applications of that home."""
        known = self._by_ref.get((repository, "" if ref == "HEAD" else ref))
        if known is None:
            return False
        revisions = [move.revision for move in known[""].of(partition(home)).moves][::-1]
        if revision not in revisions or than not in revisions:
            return False
        return revisions.index(revision) < revisions.index(than)

    def laid_over(self, app: App, home: str, repository: str, ref: str, revision: str) -> str:
        """The revision an application is at, of the one that its status says. `home` is the identity of its
        first source's repository, by which it is told of.
        """
        known = self._by_ref.get((repository, "" if ref == "HEAD" else ref))
        if known is None:
            return revision
        part = partition(home)
        if part not in known:
            known[part] = known[""].of(part)
        return known[part].laid_over(app, revision)
