"""Who made the commits that applications are at, as far as somebody asked.

Invariant: a commit is described once and for good; what is not known is found out in the background, by few
at a time, and only once somebody searched for words.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.matching.repository import identity
from fairlead.rpc.repo import DescribeRevision, RevisionDescription

MAX_KEPT = 20_000
"""Commits that are remembered; the longest known go first."""
MAX_WAITING = 5_000
"""Commits that wait to be asked for."""
MAX_WORDS = 256
"""Words of which is remembered whose commits they mean, while no other commit becomes known."""
AT_ONCE = 2
"""Of them that are asked for at once in the background."""
MAX_AUTHOR, MAX_MESSAGE = 200, 500
"""Characters that are kept."""
AGAIN = 600.0
"""Seconds after which a commit that could not be described is asked for again."""

LOOK_AGAIN = 30.0
"""Seconds between two looks at what there is."""

Describe = Callable[[DescribeRevision], Awaitable[RevisionDescription]]
Permits = Callable[[str, str], bool]
"""Whether a project, by name, permits that a repository is looked at."""
Place = tuple[str, str]
"""A repository's identity, and a commit."""


class Commit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who made it, when, and the beginning of what they wrote."""

    author: str = ""
    date: str = ""
    message: str = ""


class Commits:
    """Those that are known."""

    def __init__(self, describe: Describe, permits: Permits) -> None:
        self._describe = describe
        self._permits = permits
        self._known: dict[Place, Commit] = {}
        self._by: dict[str, frozenset[Place]] = {}
        self._failed: dict[Place, float] = {}
        self._queue: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue(MAX_WAITING)
        self._queued: set[Place] = set()
        self._looked = -LOOK_AGAIN

    def known(self, repo_url: str, revision: str) -> Commit | None:
        """What is known of a commit."""
        return self._known.get((identity(repo_url), revision))

    def by(self, word: str) -> frozenset[Place]:
        """The commits in whose author's name or address a word is, in lower case."""
        found = self._by.get(word)
        if found is None:
            found = frozenset(place for place, one in self._known.items() if word in one.author.lower())
            if len(self._by) >= MAX_WORDS:
                self._by.clear()
            self._by[word] = found
        return found

    def is_at(self, document: ApplicationDocument, places: frozenset[Place]) -> bool:
        """Whether an application is at one of these commits, of a repository that it follows and that its
        project permits: what another project made known tells nothing of this one."""
        return any(
            (followed[0], revision) in places and self._permits(document.project, url)
            for url, followed, revision in zip(
                document.urls, document.follows, document.revisions, strict=False
            )
        )

    async def ask(self, repo_url: str, project: str, revision: str) -> Commit | None:
        """A commit, asked for unless it is known; None when it cannot be described now, and where the project
        does not permit the repository, whoever made it known."""
        if not self._permits(project, repo_url):
            return None
        place = (identity(repo_url), revision)
        found = self._known.get(place)
        if found is None and not self._has_failed(place):
            question = DescribeRevision(repo_url=repo_url, project=project, revision=revision)
            try:
                found = self._keep(place, await self._describe(question))
            except RefusalError:
                self._fail(place)
        return found

    def look(self, documents: Iterable[ApplicationDocument]) -> None:
        """Have the commits that applications are at found out, once in a while, and as far as room is."""
        now = time.monotonic()
        if now - self._looked < LOOK_AGAIN:
            return
        self._looked = now
        for document in documents:
            for url, followed, revision in zip(
                document.urls, document.follows, document.revisions, strict=False
            ):
                place = (followed[0], revision)
                if not url or place in self._known or place in self._queued or self._has_failed(place):
                    continue
                if self._queue.full():
                    return
                self._queued.add(place)
                self._queue.put_nowait((url, document.project, revision))

    async def run(self) -> None:
        """Find out what is wanted, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            repo_url, project, revision = await self._queue.get()
            self._queued.discard((identity(repo_url), revision))
            await self.ask(repo_url, project, revision)

    def _keep(self, place: Place, found: RevisionDescription) -> Commit:
        if len(self._known) >= MAX_KEPT:
            del self._known[next(iter(self._known))]
        self._by.clear()
        message = found.message.strip()[:MAX_MESSAGE]
        self._known[place] = commit = Commit(
            author=found.author[:MAX_AUTHOR], date=found.date, message=message
        )
        return commit

    def _has_failed(self, place: Place) -> bool:
        return time.monotonic() - self._failed.get(place, -AGAIN) < AGAIN

    def _fail(self, place: Place) -> None:
        if len(self._failed) >= MAX_KEPT:
            del self._failed[next(iter(self._failed))]
        self._failed[place] = time.monotonic()
