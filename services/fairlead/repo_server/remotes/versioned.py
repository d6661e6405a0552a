"""What charts and artifacts have in common: revisions are versions of theirs, and commits are made here.

Invariant: nothing but a look changes what a version that somebody was told of means.
"""

from fairlead.git.mirror import Snapshot
from fairlead.git.refs import Refs
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.remotes.versions import VersionMirror

ANY = "*"
_ANY = frozenset({"", "HEAD", ANY})


class Versioned(Repository):
    """A repository of versions."""

    mirror: VersionMirror

    def may_be_commit(self, revision: str) -> bool:
        del revision
        return False

    def refs_of(self, seen: Snapshot | None) -> Refs:
        """What a look found, the latest or one that is given."""
        return seen.refs if seen is not None else self.mirror.refs

    async def renew(self, generation: int) -> None:
        await self.mirror.renew_versions(generation)


def wanted_version(revision: str) -> str:
    """A revision as versions are chosen by it: nothing, and what means the default, is any."""
    return ANY if revision.strip() in _ANY else revision
