"""One remote that is mirrored, of whatever kind: looks at it, and what they found is told.

A mirror has refs, which looks bring up to date, and commits, which its refs mean. Of a Git repository both
are the remote's own; of a chart or an artifact the refs are its versions, and a commit is made of each that
somebody wants.

Invariant: what a look found is told before the look has ended; what could not be told stays owed.
"""

import asyncio
import copy
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable

import msgspec
import structlog

from fairlead.events import Cause, Look, RenderSettings
from fairlead.git import Credential, GitError, GitProgram, GitTransientError, Mirror, MovedRef
from fairlead.git.advertised import Advertised
from fairlead.git.credentials import inherited
from fairlead.git.mirror import Snapshot
from fairlead.git.revisions import Resolved
from fairlead.git.urls import Address
from fairlead.outbound import Outbound
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.remotes.looks import Looks

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
OnFollowed = Callable[["Repository"], Iterable[str]]


class Surroundings(msgspec.Struct, kw_only=True):
    """What every repository has around it: how it is reached, with whose credentials, who is told, and which
    revisions of it are followed."""

    program: GitProgram
    book: Repositories
    moved: OnMoved
    recovered: OnRecovered
    followed: OnFollowed
    outbound: Outbound | None = None
    settings: Callable[[], RenderSettings] = RenderSettings


def credential_at(around: Surroundings, address: Address, project: str) -> Credential:
    """The credentials of this moment for an address, as a project may see it."""
    found = around.book.find(address.url, project).credential
    if found.is_empty and address.password:
        return inherited(found, Credential(username=address.username, password=address.password))
    return found


async def opened_at(around: Surroundings, url: str, credential: Credential) -> Credential:
    """Credentials as they are shown there: a token, where they are exchanged for one. Raises GitError."""
    credential.check()
    identities = around.program.identities
    return await identities.opened(url, credential) if identities is not None else credential


def client_of(around: Surroundings) -> Outbound:
    """What asks remotes that are no Git repositories."""
    if around.outbound is None:
        raise RuntimeError("charts and artifacts need a client")
    return around.outbound


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What a look found: nothing wrong, or the failure; `age` seconds ago."""

    failure: GitError | None = None
    age: float


class Repository(ABC):
    """One address, seen with one project's credentials or with those of all.

    `identity` is the same for every way to write what is mirrored. `looks` may be shared with others that the
    same look brings up to date.
    """

    def __init__(
        self,
        around: Surroundings,
        address: Address,
        project: str,
        mirror: Mirror,
        *,
        identity: str,
        looks: Looks | None = None,
    ) -> None:
        self.address = address
        self.project = project
        self.identity = identity
        self.mirror = mirror
        self.failure: GitError | None = None
        self.failures = 0
        self._around = around
        self._failed_at = 0.0
        self._looks = looks or Looks(self._look)
        self._owed: dict[str, MovedRef] = {}
        self._shown: Credential | None = None

    @property
    def url(self) -> str:
        """The address without user information."""
        return self.address.url

    @property
    def fetched_from(self) -> str:
        """The address as it is asked at."""
        return self.url

    @property
    def enable_lfs(self) -> bool:
        """Whether files that are kept in Git LFS are fetched."""
        return self._around.book.find(self.url, self.project).enable_lfs

    @property
    def age(self) -> float:
        """Seconds since the remote last answered."""
        checked = self.mirror.checked_at
        return time.monotonic() - checked if checked else float("inf")

    @property
    def is_opened_otherwise(self) -> bool:
        """Whether the credentials are others than at the last look."""
        return self._shown != self.credential()

    def state(self, credential: Credential) -> State | None:
        """How the latest look with this credential found the remote; None when no such look has ended."""
        if self._shown != credential or self._looks.is_running:
            return None
        if self.failure is not None:
            return State(failure=self.failure, age=time.monotonic() - self._failed_at)
        return State(age=self.age) if self.mirror.checked_at else None

    @property
    def look(self) -> Look:
        """The latest look at the remote."""
        return Look(epoch=self.mirror.epoch, number=self.mirror.looks)

    @property
    def is_away(self) -> bool:
        """Whether the last look failed, or one has not ended yet."""
        return self.failure is not None or self._looks.is_running

    @property
    def is_busy(self) -> bool:
        """Whether it is being looked at or written to."""
        return self._looks.is_running or self.mirror.is_busy

    @property
    def looked_at_as(self) -> str:
        """Names what is looked at: the same for all that one look brings up to date."""
        return self.mirror.name

    def together(self) -> Iterable["Repository"]:
        """Those whom the same look brings up to date, this one among them."""
        return (self,)

    def seen(self) -> Snapshot:
        """What the latest look found, as of one moment: to resolve several revisions from."""
        return self.mirror.snapshot()

    @abstractmethod
    def is_pinned(self, revision: str) -> bool:
        """Whether a revision never means anything else than it does."""

    @abstractmethod
    def may_be_commit(self, revision: str) -> bool:
        """Whether a revision could be a commit's id, whole or abbreviated."""

    @abstractmethod
    def may_follow(self, revision: str, ref: str) -> bool:
        """Whether a ref that appears or goes could change what a revision means."""

    @abstractmethod
    def ref_of(self, revision: str, tag_prefix: str) -> str:
        """The full ref that a revision means now; "" when it is no ref."""

    def lacks(self, revision: str) -> bool:
        """Whether the remote has to be asked before a revision can be resolved from what a look found."""
        del revision
        return False

    async def prepare(self, revision: str) -> None:
        """Ask the remote what it has to be asked for a revision. Raises GitError."""
        del revision

    @abstractmethod
    async def resolve(self, revision: str, *, tag_prefix: str = "", seen: Snapshot | None = None) -> Resolved:
        """The commit of a revision by the last look, or by the one that is given; it is in the mirror then.

        Raises:
            RevisionError: it names nothing.
            GitError: the remote was needed and failed.
        """

    def doubt(self) -> None:
        """Fetch again, when it is wanted next, what is here and may have become something else unseen."""
        return

    @abstractmethod
    async def holds(self, revision: str) -> bool:
        """Whether what a pinned revision means is in the mirror."""

    @abstractmethod
    async def advertised(self) -> Advertised:
        """What the remote offers at this moment; nothing of it is kept. Raises GitError."""

    @abstractmethod
    async def renew(self, generation: int) -> None:
        """Make the mirror anew, once for all who found that generation damaged. Raises GitError."""

    def credential(self) -> Credential:
        """The credentials of this moment."""
        return credential_at(self._around, self.address, self.project)

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
        await self._looks.ask(cause, list_first=list_first, join=join)

    async def _look(self, cause: Cause, list_first: bool) -> None:
        """One look at the remote."""
        await self.mirror.open()
        is_first = self.is_unseen
        try:
            self.opens()
            moved = await self._ask(list_first)
        except GitError as error:
            self.failed(error)
            raise
        await self.arrived(moved, cause, is_first=is_first)

    @abstractmethod
    async def _ask(self, list_first: bool) -> tuple[MovedRef, ...]:
        """What moved at the remote, which is in the mirror then. Raises GitError."""

    @property
    def is_unseen(self) -> bool:
        """Whether no look has found anything yet."""
        return self.mirror.is_empty and not self.mirror.checked_at

    def opens(self) -> None:
        """The remote is asked with the credentials of this moment."""
        self._shown = self.credential()

    def failed(self, error: GitError) -> None:
        """A look failed."""
        self.failure, self._failed_at = copy.copy(error), time.monotonic()
        self.failures += 1

    async def arrived(self, moved: tuple[MovedRef, ...], cause: Cause, *, is_first: bool) -> None:
        """A look found something, or nothing new."""
        recovered, self.failure, self.failures = self.failure is not None, None, 0
        if not is_first or cause in _UNASKED:
            await self._tell(moved, cause)
        if recovered:
            self._around.recovered(self)

    async def _tell(self, moved: tuple[MovedRef, ...], cause: Cause) -> None:
        """What could not be told stays owed until the next look."""
        for move in moved:
            old = self._owed[move.ref].old if move.ref in self._owed else move.old
            self._owed[move.ref] = MovedRef(ref=move.ref, old=old, new=move.new)
        if self._owed:
            await self._around.moved(self, tuple(self._owed.values()), cause)
            self._owed.clear()
