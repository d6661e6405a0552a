"""The repositories that somebody wants, each with its mirror; one look at the remote at a time.

Invariant: who asks for a look shares one that begins after the asking, so a burst costs at most two.
"""

import asyncio
import copy
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import structlog

from fairlead.events import Cause, Look
from fairlead.git import (
    Credential,
    GitError,
    GitProgram,
    GitTransientError,
    Mirror,
    MovedRef,
    UrlRefusedError,
)
from fairlead.git.remote import Remote
from fairlead.git.revisions import is_pinned
from fairlead.git.urls import Address, inline_mark, mirror_name, parse
from fairlead.matching.repository import identity
from fairlead.repo_server.remotes.repositories import Repositories

log = structlog.get_logger(__name__)

PATIENCE = 20.0
"""Seconds that who is content with an older look waits for a new one."""
LONGEST_WAIT = 45.0
"""Seconds that anybody waits for one: less than questions may take, and a fetch may take hours."""
FAILURE_HOLDS = 3.0
"""Seconds for which a failed look is the answer to whoever does not insist."""

_UNASKED = frozenset({Cause.WEBHOOK, Cause.POLL})
"""Why a first fetch is told as commits; in any other case whoever asked is answered anyway."""

OnMoved = Callable[["Repository", tuple[MovedRef, ...], Cause], Awaitable[None]]
OnRecovered = Callable[["Repository"], None]


async def _nobody_follows(_: "Repository", _moves: tuple[MovedRef, ...], _cause: Cause) -> None:
    """What moves concerns nobody."""


class Repository:
    """One address, seen with one project's credentials or with those of all."""

    def __init__(self, mirrors: "Mirrors", address: Address, project: str, mirror: Mirror) -> None:
        self.address = address
        self.project = project
        self.identity = identity(address.url)
        self.mirror = mirror
        self.failure: GitError | None = None
        self._mirrors = mirrors
        self.failures = 0
        self._failed_at = 0.0
        self._running: asyncio.Task[None] | None = None
        self._started = 0.0
        self._owed: dict[str, MovedRef] = {}
        self._suffix = ""
        self._shown: Credential | None = None

    @property
    def url(self) -> str:
        """The address without user information."""
        return self.address.url

    @property
    def remote(self) -> Remote:
        """How the remote is reached, with the credentials of this moment."""
        return Remote(
            program=self._mirrors.program, url=self.url + self._suffix, credential=self._credential()
        )

    @property
    def age(self) -> float:
        """Seconds since the remote last answered."""
        checked = self.mirror.checked_at
        return time.monotonic() - checked if checked else float("inf")

    @property
    def is_opened_otherwise(self) -> bool:
        """Whether the credentials are others than at the last look."""
        return self._shown != self._credential()

    @property
    def look(self) -> Look:
        """The latest look at the remote."""
        return Look(epoch=self.mirror.epoch, number=self.mirror.looks)

    @property
    def is_away(self) -> bool:
        """Whether the last look failed, or one has not ended yet."""
        return self.failure is not None or self._running is not None

    @property
    def is_busy(self) -> bool:
        """Whether it is being looked at or written to."""
        return self._running is not None or self.mirror.is_busy

    async def ensure(self, max_age: float, cause: Cause) -> None:
        """Look at the remote unless it answered within `max_age` seconds. Raises GitError.

        Nobody waits for a long fetch: who does not insist goes on with what is here, who does is told.
        """
        if self.age < max_age:
            return
        if max_age > 0 and self.failure and time.monotonic() - self._failed_at < FAILURE_HOLDS:
            raise copy.copy(self.failure)
        is_content = max_age > 0 and not self.mirror.is_empty
        patience = PATIENCE if is_content else LONGEST_WAIT
        try:
            async with asyncio.timeout(patience):
                await self.check(cause, list_first=True, join=max_age > 0)
        except TimeoutError as error:
            log.info("repository.look.not_awaited", repository=self.identity, seconds=patience)
            if not is_content:
                raise GitTransientError(
                    f"{self.url} is still being fetched after {patience:g} s; it goes on once that is done"
                ) from error

    async def check(self, cause: Cause, *, list_first: bool, join: bool = False) -> None:
        """Look at the remote, together with whoever asks meanwhile; moved refs are told first.

        With `join` a look that began before is good enough. Raises GitError.
        """
        asked = time.monotonic()
        while True:
            running = self._running
            if running is None:
                running = self._begin(cause, list_first)
            is_enough = join or self._started >= asked
            await asyncio.wait({running})
            if is_enough:
                if error := running.exception():
                    raise copy.copy(error)
                return

    async def renew(self, generation: int) -> None:
        """Clone the mirror again, once for all who found that generation damaged. Raises GitError."""
        moved = await self.mirror.renew(self.remote, generation=generation)
        await self._tell(moved, Cause.RETRY)

    def _begin(self, cause: Cause, list_first: bool) -> asyncio.Task[None]:
        self._started = time.monotonic()
        task = asyncio.create_task(self._check(cause, list_first))
        self._running = task
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()

    async def _check(self, cause: Cause, list_first: bool) -> None:
        await self.mirror.open()
        head, first = self._head(), self.mirror.is_empty and not self.mirror.checked_at
        try:
            moved = await self._ask(list_first)
        except GitError as error:
            self.failure, self._failed_at = copy.copy(error), time.monotonic()
            self.failures += 1
            raise
        recovered, self.failure, self.failures = self.failure is not None, None, 0
        if not first or cause in _UNASKED:
            await self._tell((*moved, *self._head_moved(head)), cause)
        if recovered:
            self._mirrors.recovered(self)

    async def _ask(self, list_first: bool) -> tuple[MovedRef, ...]:
        """Some servers redirect an address without `.git`, and redirects are not followed."""
        self._shown = self._credential()
        try:
            return await self.mirror.check(self.remote, list_first=list_first)
        except UrlRefusedError:
            if self._suffix or self.url.endswith(".git"):
                raise
            self._suffix = ".git"
            return await self.mirror.check(self.remote, list_first=list_first)

    async def _tell(self, moved: tuple[MovedRef, ...], cause: Cause) -> None:
        """What could not be told stays owed until the next look."""
        for move in moved:
            old = self._owed[move.ref].old if move.ref in self._owed else move.old
            self._owed[move.ref] = MovedRef(ref=move.ref, old=old, new=move.new)
        if self._owed:
            await self._mirrors.moved(self, tuple(self._owed.values()), cause)
            self._owed.clear()

    def _head(self) -> tuple[str, str]:
        """The remote's HEAD and its commit: a branch, or detached the commit itself."""
        head = self.mirror.head
        return head, head if is_pinned(head) else self.mirror.refs.get(head, "")

    def _head_moved(self, before: tuple[str, str]) -> tuple[MovedRef, ...]:
        """Another default branch is a move of what HEAD means, though no ref moved."""
        ref, commit = self._head()
        if not before[0] or ref == before[0] or not commit:
            return ()
        return (MovedRef(ref="HEAD" if is_pinned(ref) else ref, old=before[1], new=commit),)

    def _credential(self) -> Credential:
        found = self._mirrors.book.find(self.url, self.project).credential
        if found.is_empty and self.address.password:
            return Credential(username=self.address.username, password=self.address.password)
        return found


class Mirrors:
    """All repositories in use, by address and credential scope.

    `moved` is told of what looks found, and a look has not ended before it knows; `recovered` of a repository
    that answers again.
    """

    def __init__(
        self,
        *,
        folder: Path,
        program: GitProgram,
        book: Repositories,
        moved: OnMoved = _nobody_follows,
        recovered: OnRecovered = lambda _: None,
    ) -> None:
        self.program = program
        self.book = book
        self.moved = moved
        self.recovered = recovered
        self._folder = folder
        self._known: dict[str, Repository] = {}
        self._by_identity: dict[str, set[str]] = {}

    def named(self, url: str, project: str) -> str:
        """Name of the mirror that serves an address for a project. Raises UrlRefusedError."""
        return self._seen(url, project)[0]

    def of(self, url: str, project: str) -> Repository:
        """The repository at an address, as a project may see it. Raises UrlRefusedError."""
        name, scope, address = self._seen(url, project)
        if name not in self._known:
            mirror = Mirror(self.program, self._folder / name)
            repository = Repository(self, address, scope, mirror)
            self._known[name] = repository
            self._by_identity.setdefault(repository.identity, set()).add(name)
        return self._known[name]

    def _seen(self, url: str, project: str) -> tuple[str, str, Address]:
        """Mirror, credential scope and address; user information stays in it only when that is what opens it.

        A mirror opened by somebody's own password is nobody else's.
        """
        address = parse(url, allow_files=self.program.allow_files)
        found = self.book.find(address.url, project)
        if not address.password or not found.credential.is_empty:
            address = Address(url=address.url)
        return mirror_name(address.url, found.scope, inline_mark(address)), found.scope, address

    def identified(self, repository: str) -> list[Repository]:
        """Repositories with this identity: one, unless it is known by several addresses."""
        return [self._known[name] for name in sorted(self._by_identity.get(repository, ()))]

    def unlike(self) -> list[Repository]:
        """Repositories that were last asked with other credentials than they have now, or never."""
        return [repository for repository in self if repository.is_opened_otherwise]

    def __iter__(self) -> Iterator[Repository]:
        return iter(tuple(self._known.values()))

    def forget(self, repository: Repository) -> None:
        """Nobody wants it any more; its files stay for the next who does."""
        name = repository.mirror.name
        if self._known.pop(name, None):
            self._by_identity[repository.identity].discard(name)
            repository.mirror.close()

    async def close(self) -> None:
        """End the helper processes."""
        for repository in self:
            repository.mirror.close()
