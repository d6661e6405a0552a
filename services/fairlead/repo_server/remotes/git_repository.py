"""A Git repository and its mirror.

Invariant: the mirror holds what the remote's refs mean, and nothing of it is written back.
"""

from fairlead.events import Cause
from fairlead.git import MovedRef, UrlRefusedError
from fairlead.git.advertised import Advertised, is_beside
from fairlead.git.merging import ConflictsError, Merge, merging
from fairlead.git.mirror import Snapshot
from fairlead.git.remote import Remote
from fairlead.git.revisions import Resolved, is_pinned, may_be_commit, may_follow, ref_of, resolve
from fairlead.git.urls import is_ssh
from fairlead.repo_server.remotes.repository import Repository


class GitRepository(Repository):
    """A repository that git fetches."""

    _suffix = ""

    @property
    def remote(self) -> Remote:
        """How the remote is reached, with the credentials of this moment."""
        return Remote(
            program=self._around.program,
            url=self.url + self._suffix,
            credential=self.credential(),
            depth=self._around.book.find(self.url, self.project).depth,
        )

    def is_pinned(self, revision: str) -> bool:
        return is_pinned(revision) or merging(revision) is not None

    def may_be_commit(self, revision: str) -> bool:
        return may_be_commit(revision)

    def may_follow(self, revision: str, ref: str) -> bool:
        if revision in {"", "HEAD"}:
            return ref in {"HEAD", self.mirror.head}
        return may_follow(revision, ref)

    def ref_of(self, revision: str, tag_prefix: str) -> str:
        return ref_of(revision, self.mirror, tag_prefix=tag_prefix)

    def lacks(self, revision: str) -> bool:
        return revision.startswith("refs/") and not self.mirror.is_followed(revision) and is_beside(revision)

    async def prepare(self, revision: str) -> None:
        """A ref beside branches and tags is fetched from now on."""
        if self.lacks(revision):
            before = self._head()
            moved = await self.mirror.follow(self.remote, revision)
            await self._tell((*moved, *self._head_moved(before)), Cause.REFRESH)

    async def resolve(self, revision: str, *, tag_prefix: str = "", seen: Snapshot | None = None) -> Resolved:
        if seen is None and self.lacks(revision):
            await self.prepare(revision)
        if pair := merging(revision):
            found = await self.merge(*pair)
            if not found.commit:
                raise ConflictsError(found.conflicts)
            return Resolved(commit=found.commit)
        return await resolve(revision, self.mirror, self.remote, tag_prefix=tag_prefix, seen=seen)

    async def merge(self, target: str, head: str) -> Merge:
        """What the merge of one commit into another would be. Raises GitError."""
        return await self.mirror.merge(self.remote, target, head)

    async def holds(self, revision: str) -> bool:
        commits = merging(revision) or (revision.lower(),)
        return all([await self.mirror.objects.has_commit(commit) for commit in commits])

    async def advertised(self) -> Advertised:
        return await self.remote.list_refs()

    async def renew(self, generation: int) -> None:
        moved = await self.mirror.renew(self.remote, generation=generation)
        await self._tell(moved, Cause.RETRY)

    async def _ask(self, list_first: bool) -> tuple[MovedRef, ...]:
        before = self._head()
        moved = await self._check(list_first)
        return (*moved, *self._head_moved(before))

    async def _check(self, list_first: bool) -> tuple[MovedRef, ...]:
        """Some servers redirect an address without `.git`, and redirects are not followed."""
        try:
            return await self.mirror.check(self.remote, list_first=list_first)
        except UrlRefusedError:
            if self._suffix or self.url.endswith(".git") or is_ssh(self.url):
                raise
            self._suffix = ".git"
            return await self.mirror.check(self.remote, list_first=list_first)

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
