"""The commits that a followed ref has pointed at, and which applications each of them touched.

One record per repository and ref, kept by the repo-servers: an application that a commit left as it was is
not written for it, its revision is laid over wherever it is read. A lost record shows an older one, no more.
"""

from fairlead.events.envelope import Event, SchemaError, decode

COMMITS = 256
"""Commits that are remembered of a ref."""
TOUCHED = 20_000
"""Touched applications that are remembered of a ref, over all its commits."""

App = tuple[str, str]
"""Namespace and name."""


class Move(Event, frozen=True, kw_only=True):
    """A commit, and the applications that the step to it touched."""

    commit: str
    touched: tuple[App, ...] = ()


class RefHistory(Event, frozen=True, kw_only=True):
    """The moves of `ref`, as written in targetRevision, oldest first."""

    repository: str
    ref: str
    moves: tuple[Move, ...] = ()

    @property
    def commit(self) -> str:
        """Where the ref points; "" when that is not known."""
        return self.moves[-1].commit if self.moves else ""

    def moved(self, old: str, new: str, touched: tuple[App, ...]) -> "RefHistory":
        """The history with one more move; one from a commit that is not known begins anew, one
        from "" goes on from wherever it was.

        Two may tell of one ref: of a step that is there already, whom either touched.
        """
        known, last = self.moves, Move(commit=new, touched=touched)
        if known and self.commit == new:
            known, last = known[:-1], Move(commit=new, touched=tuple(sorted({*known[-1].touched, *touched})))
        elif old and old not in {move.commit for move in known}:
            known = (Move(commit=old),)
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
        """The newest commit whose manifests are those of `revision` for an application."""
        commits = [move.commit for move in self.moves]
        if revision not in commits:
            return revision
        found = revision
        for move in self.moves[len(commits) - commits[::-1].index(revision) :]:
            if app in move.touched:
                break
            found = move.commit
        return found


class RefHistories:
    """All records, as a bucket has them."""

    def __init__(self) -> None:
        self._known: dict[str, RefHistory] = {}
        self._by_ref: dict[tuple[str, str], RefHistory] = {}

    def take(self, key: str, value: bytes | None) -> None:
        """What the bucket holds under a key now."""
        before = self._known.pop(key, None)
        if before is not None:
            self._by_ref.pop((before.repository, before.ref), None)
        try:
            found = decode(RefHistory, value) if value is not None else None
        except SchemaError:
            return
        if found is not None:
            self._known[key] = self._by_ref[found.repository, found.ref] = found

    def laid_over(self, app: App, repository: str, ref: str, revision: str) -> str:
        """The revision an application is at, of the one that its status says."""
        history = self._by_ref.get((repository, "" if ref == "HEAD" else ref))
        return revision if history is None else history.laid_over(app, revision)
