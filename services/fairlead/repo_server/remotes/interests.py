"""Revisions that generators of ApplicationSets asked about: a commit there is told, so that they ask again.

Nothing is polled for them, since they ask again by themselves; but what a look finds, whoever had it, is
theirs to know. Invariant: an interest ends by itself unless it is asked for again.
"""

from __future__ import annotations

import time
from collections import OrderedDict

from fairlead.repo_server.remotes.repository import Repository

LASTING = 2 * 3600.0
"""Seconds after a question for which its revision is of interest; generators ask each few minutes unless they
are told to ask less often."""
MOST = 20_000
"""Revisions that are kept; those asked about longest ago go first."""


class Interests:
    """Revisions by repository."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._revisions: dict[str, set[str]] = {}

    def note(self, repository: Repository, revision: str) -> None:
        """A generator asked about a revision."""
        key = (repository.mirror.name, revision)
        self._until[key] = time.monotonic() + LASTING
        self._until.move_to_end(key)
        self._revisions.setdefault(repository.mirror.name, set()).add(revision)
        while len(self._until) > MOST or next(iter(self._until.values())) < time.monotonic():
            self._drop(next(iter(self._until)))

    def concern(self, repository: Repository, ref: str) -> bool:
        """Whether a move of a ref may change what a generator was told."""
        return any(
            ref == repository.ref_of(revision, "") or repository.may_follow(revision, ref)
            for revision in self._of(repository)
            if not repository.is_pinned(revision)
        )

    def any_in(self, repository: Repository) -> bool:
        """Whether a generator asks about it."""
        return bool(self._of(repository))

    def _of(self, repository: Repository) -> tuple[str, ...]:
        now, name = time.monotonic(), repository.mirror.name
        known = self._revisions.get(name, ())
        return tuple(revision for revision in known if self._until[name, revision] > now)

    def _drop(self, key: tuple[str, str]) -> None:
        del self._until[key]
        name, revision = key
        self._revisions[name].discard(revision)
        if not self._revisions[name]:
            del self._revisions[name]
