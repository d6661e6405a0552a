"""Answers what the merge of a pull request would be.

Invariant: nothing that is followed moves; what is answered is of commits that were told by name or by a look
that began after the question.
"""

from fairlead.bus import Handler, RemoteError
from fairlead.events import Cause, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError, GitInvalidError
from fairlead.git.merging import merge_of
from fairlead.matching.repository import identity
from fairlead.repo_server.remotes.git_repository import GitRepository
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.rpc import merging
from fairlead.rpc.merging import MergedRevisions, MergeRevisions

_BRANCH = "refs/heads/"


class Merging:
    """Answers for repositories that are ours."""

    def __init__(self, mirrors: Mirrors) -> None:
        self._mirrors = mirrors

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {merging.MERGE: self.merge}

    async def merge(self, _: str, payload: bytes) -> bytes:
        """`MergeRevisions` → `MergedRevisions`. Refusals carry the failure's text."""
        asked = decode(MergeRevisions, payload)
        try:
            repository = self._of(asked)
            await repository.ensure(0.0, Cause.REFRESH)
            target = await repository.resolve(asked.target)
            head = await repository.resolve(asked.head)
            found = await repository.merge(target.commit, head.commit)
        except GitInvalidError as error:
            raise RemoteError("InvalidArgument", str(error)) from error
        except GitError as error:
            raise RemoteError("Unavailable", str(error)) from error
        return encode(
            MergedRevisions(
                target=found.target,
                head=found.head,
                base=found.base,
                branch=target.ref.removeprefix(_BRANCH),
                is_default=bool(target.ref) and target.ref == repository.mirror.head,
                merge=merge_of(found.target, found.head) if found.commit else "",
                conflicts=found.conflicts,
            )
        )

    def _of(self, asked: MergeRevisions) -> GitRepository:
        """One that is followed, with the project's credentials where it has some of its own, or a new one."""
        known = [
            each
            for each in self._mirrors.identified(identity(asked.repo_url))
            if isinstance(each, GitRepository) and asked.project in ("", each.project)
        ]
        return known[0] if known else self._mirrors.git(asked.repo_url, asked.project)
