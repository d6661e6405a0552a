"""Somebody says a ref may have moved: look at the remote.

The owner of a repository's partition takes what is said as work. Who follows the repository beside, for an
application whose first source is elsewhere, takes it as a hint, behind which its poll stands.

Invariant: a forged or needless check costs one look; what it finds is told once.
"""

import asyncio

import structlog

from fairlead.bus import Message, RetryLaterError
from fairlead.events import Cause, RevisionCheck, push_time
from fairlead.git import GitError, GitInvalidError
from fairlead.repo_server.remotes.following import Following
from fairlead.repo_server.remotes.interests import Interests
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository

log = structlog.get_logger(__name__)

LONGEST_WAIT = 30.0
MAX_HINTED = 256
"""Looks because of hints at once; hints beyond are left to the poll."""


class Checker:
    """Handles checks."""

    def __init__(self, *, mirrors: Mirrors, following: Following, interests: Interests) -> None:
        self._mirrors = mirrors
        self._following = following
        self._interests = interests
        self._hinted: set[asyncio.Task[None]] = set()

    async def handle(self, message: Message) -> None:
        """A `RevisionCheck`. A failure that may pass puts it back."""
        event = message.event(RevisionCheck)
        wanted = self._wanted(event)
        if not wanted:
            log.info("check.ignored", repository=event.repository, reason="nobody follows it here")
            return
        with push_time.following(event.told_at):
            failed = await asyncio.gather(*(self._check(repository, event.cause) for repository in wanted))
        if any(failed):
            raise RetryLaterError(min(2.0**message.attempt, LONGEST_WAIT), "the remote did not answer")

    def hint(self, message: Message) -> None:
        """A `RevisionCheck` that another repo-server works on."""
        event = message.event(RevisionCheck)
        for repository in self._wanted(event):
            if len(self._hinted) < MAX_HINTED:
                with push_time.following(event.told_at):
                    task = asyncio.create_task(self._hinted_at(repository, event.cause))
                self._hinted.add(task)
                task.add_done_callback(self._hinted.discard)

    def _wanted(self, event: RevisionCheck) -> list[Repository]:
        return [
            repository
            for repository in self._mirrors.identified(event.repository)
            if any(self._following.of(repository)) or self._interests.any_in(repository)
        ]

    async def _hinted_at(self, repository: Repository, cause: Cause) -> None:
        try:
            await self._check(repository, cause)
        except Exception:
            log.exception("check.broke", repository=repository.identity, cause=cause)

    async def _check(self, repository: Repository, cause: Cause) -> bool:
        """Whether it failed for a reason that may pass."""
        try:
            await repository.check(cause, list_first=cause is not Cause.WEBHOOK)
        except GitError as error:
            log.warning("check.failed", repository=repository.identity, cause=cause, error=str(error))
            return not isinstance(error, GitInvalidError)
        return False
