"""One chart of a Helm repository: its versions are refs, and what people are told of a commit is the version.

Invariant: a commit is the archive that the index named, checked, and of the version that was chosen.
"""

from collections.abc import Iterable

from fairlead.archives import Limits
from fairlead.archives.room import ROOM
from fairlead.charts import Index, choose, import_chart
from fairlead.charts.errors import ChartVersionError
from fairlead.events import Cause
from fairlead.git import GitError, GitTransientError, MovedRef
from fairlead.git.advertised import Advertised
from fairlead.git.mirror import Snapshot
from fairlead.git.refs import Refs
from fairlead.git.revisions import Resolved
from fairlead.git.urls import Address
from fairlead.outbound.names import host_of
from fairlead.repo_server.remotes.chart_index import UNVOUCHED, ChartIndex, Indexed, refs_of
from fairlead.repo_server.remotes.failures import taking
from fairlead.repo_server.remotes.repository import Repository, Surroundings
from fairlead.repo_server.remotes.versioned import wanted_version
from fairlead.repo_server.remotes.versions import TAG, VersionError, VersionMirror


class Chart(Indexed):
    """A chart by its name."""

    def __init__(
        self,
        around: Surroundings,
        address: Address,
        project: str,
        mirror: VersionMirror,
        *,
        identity: str,
        index: ChartIndex,
        name: str,
    ) -> None:
        super().__init__(around, address, project, mirror, identity=identity, looks=index.looks)
        self.mirror: VersionMirror = mirror
        self.index = index
        self.name = name
        self._taken: tuple[Index, Refs] | None = None
        self._chosen: tuple[Refs, dict[str, str]] = ({}, {})
        index.admit(self)

    @property
    def looked_at_as(self) -> str:
        return self.index.name

    def together(self) -> Iterable[Repository]:
        return tuple(self.index)

    def is_pinned(self, revision: str) -> bool:
        """A version may be published anew."""
        del revision
        return False

    def may_follow(self, revision: str, ref: str) -> bool:
        if not ref.startswith(TAG):
            return False
        try:
            return bool(choose((ref.removeprefix(TAG),), wanted_version(revision)))
        except ChartVersionError:
            return False

    def ref_of(self, revision: str, tag_prefix: str) -> str:
        del tag_prefix
        try:
            return TAG + self._choose(self.mirror.refs, revision)
        except VersionError:
            return ""

    async def resolve(self, revision: str, *, tag_prefix: str = "", seen: Snapshot | None = None) -> Resolved:
        del tag_prefix
        await self.mirror.open()
        refs = self.refs_of(seen)
        version = self._choose(refs, revision)
        content = refs[TAG + version]
        commit = await self.mirror.commit_of(f"{version} {content}", lambda: self._import(version, content))
        return Resolved(commit=commit, ref=TAG + version, shown=version)

    def doubt(self) -> None:
        self.mirror.doubt(lambda content: content.rpartition(" ")[2].startswith(UNVOUCHED))

    async def holds(self, revision: str) -> bool:
        del revision
        return False

    async def advertised(self) -> Advertised:
        return Advertised(refs=await refs_of(await self.index.read(), self.name))

    async def check(self, cause: Cause, *, list_first: bool, join: bool = False) -> None:
        """A look that began before the chart was in use says nothing of it."""
        await super().check(cause, list_first=list_first, join=join and not self.is_unseen)

    async def take(self, index: Index, cause: Cause) -> None:
        """A look found this index. Raises GitError."""
        is_first = self.is_unseen
        try:
            if self._taken is None or self._taken[0] is not index:
                self._taken = index, await refs_of(index, self.name)
            moved = await self.mirror.arrive(self._taken[1])
        except GitError as error:
            self.failed(error)
            raise
        await self.arrived(moved, cause, is_first=is_first)

    async def _ask(self, list_first: bool) -> tuple[MovedRef, ...]:
        raise NotImplementedError("the index is looked at, for all its charts")

    def _choose(self, refs: Refs, revision: str) -> str:
        """The version that a revision means. Raises VersionError."""
        of, chosen = self._chosen
        if of is not refs:
            chosen = {}
            self._chosen = refs, chosen
        if revision not in chosen:
            if not refs:
                raise VersionError(f"chart {self.name!r} is not in the index of {self.url}")
            with taking():
                versions = (ref.removeprefix(TAG) for ref in refs)
                chosen[revision] = choose(versions, wanted_version(revision))
        return chosen[revision]

    async def _import(self, version: str, content: str) -> str:
        limits = Limits(unpacked=self._around.settings().limits.helm_extracted)
        async with ROOM.share(host_of(self.url)) as share:
            try:
                archive = await self.index.archive(self.name, version, content, share)
            except LookupError:
                raise GitTransientError(
                    f"chart {self.name} {version} of {self.url} was published anew while it was fetched"
                ) from None
            with taking():
                return await import_chart(
                    self.mirror.path, archive, name=self.name, version=version, limits=limits
                )
