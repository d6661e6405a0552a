"""Says what a revision means to whoever follows it for a hydration, and remembers that somebody does.

Invariant: the commit that is told was found by a look as young as was asked for, and is here.
"""

from __future__ import annotations

from fairlead.bus import Handler, RemoteError
from fairlead.events import Cause, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError, GitInvalidError
from fairlead.git.history import describe
from fairlead.repo_server.remotes.interests import Interests
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.rpc.followed import FOLLOW, FollowedRevision, FollowRevision


class Followed:
    """Answers `follow-revision`."""

    def __init__(self, *, mirrors: Mirrors, interests: Interests) -> None:
        self._mirrors = mirrors
        self._interests = interests

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {FOLLOW: self.follow}

    async def follow(self, _: str, payload: bytes) -> bytes:
        """`FollowRevision` → `FollowedRevision`. Refusals carry the failure's text."""
        asked = decode(FollowRevision, payload)
        try:
            repository = self._mirrors.of(asked.repo_url, asked.project)
            await repository.mirror.open()
            if not await _is_here(repository, asked.revision):
                await repository.ensure(asked.max_age, Cause.REFRESH)
            self._interests.note(repository, asked.revision)
            found = await repository.resolve(asked.revision)
            told = await describe(repository.mirror, found.commit)
        except GitError as error:
            code = "InvalidArgument" if isinstance(error, GitInvalidError) else "Unavailable"
            raise RemoteError(code, str(error)) from error
        return encode(
            FollowedRevision(
                commit=found.commit,
                author=told.author,
                date=told.date,
                message=told.message,
                ref=found.ref,
            )
        )


async def _is_here(repository: Repository, revision: str) -> bool:
    """Whether it is a commit's id, which needs no look once it is in the mirror."""
    is_fixed = repository.is_pinned(revision) and not repository.mirror.is_empty
    return is_fixed and await repository.holds(revision)
