"""Answers what the merge of a pull request would be.

Invariant: nothing that is followed moves; what is answered is of commits that were told by name or by a look
that began after the question, and by credentials of whom it is asked for. One who spells the repository as
nobody reaches it keeps no other from an answer.
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
MOST_TRIED = 4
"""Ways to the repository that are tried, the ones that worked last first."""


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
        refusal: RemoteError | None = None
        try:
            for repository in self._ways(asked):
                try:
                    return encode(await _merged(repository, asked))
                except GitError as error:
                    refusal = refusal or _refusal(error)
        except GitError as error:
            raise _refusal(error) from error
        raise refusal or RemoteError("NotFound", "there is no such repository")

    def _ways(self, asked: MergeRevisions) -> list[GitRepository]:
        """Those that are followed and that the project sees so, or a new one."""
        known = [
            each
            for each in self._mirrors.identified(identity(asked.repo_url))
            if isinstance(each, GitRepository) and self._is_open_to(each, asked.project)
        ]
        known.sort(key=lambda each: each.is_away)
        return known[:MOST_TRIED] or [self._mirrors.git(asked.repo_url, asked.project)]

    def _is_open_to(self, repository: GitRepository, project: str) -> bool:
        if not project:
            return True
        found = self._mirrors.book.find(repository.url, project)
        return found.scope == repository.project and not repository.address.password


async def _merged(repository: GitRepository, asked: MergeRevisions) -> MergedRevisions:
    await repository.ensure(0.0, Cause.REFRESH)
    target = await repository.resolve(_branch(asked.target))
    head = await repository.resolve(asked.head)
    found = await repository.merge(target.commit, head.commit)
    is_branch = target.ref.startswith(_BRANCH)
    return MergedRevisions(
        target=found.target,
        head=found.head,
        base=found.base,
        branch=target.ref.removeprefix(_BRANCH) if is_branch else "",
        is_default=is_branch and target.ref == repository.mirror.head,
        merge=merge_of(found.target, found.head) if found.commit else "",
        of_strangers=not await repository.mirror.has_as_its_own(found.head),
        conflicts=found.conflicts,
    )


def _branch(target: str) -> str:
    """A branch and nothing else: its name may be that of a tag, or read as a range of versions."""
    return target if target in ("", "HEAD") or target.startswith("refs/") else f"{_BRANCH}{target}"


def _refusal(error: GitError) -> RemoteError:
    code = "InvalidArgument" if isinstance(error, GitInvalidError) else "Unavailable"
    return RemoteError(code, str(error))
