"""What somebody wants of remotes, each with its mirror: Git repositories, charts of chart repositories,
artifacts in registries.

Invariant: what two applications may see alike is one mirror, and what they may not is two.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from fairlead.events import Cause, RenderSettings, RepositorySource
from fairlead.git import GitProgram, Mirror, MovedRef, UrlRefusedError
from fairlead.git.urls import Address, inline_mark, mirror_name, parse
from fairlead.matching.repository import identity, identity_of_source, is_artifact
from fairlead.oci import OciInvalidError, Reference
from fairlead.outbound import Outbound
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.remotes.artifact import Artifact
from fairlead.repo_server.remotes.chart import Chart
from fairlead.repo_server.remotes.chart_index import ChartIndex
from fairlead.repo_server.remotes.git_repository import GitRepository
from fairlead.repo_server.remotes.repository import (
    OnFollowed,
    OnMoved,
    OnRecovered,
    Repository,
    Surroundings,
)
from fairlead.repo_server.remotes.versions import VersionMirror


async def _nobody_follows(_: Repository, _moves: tuple[MovedRef, ...], _cause: Cause) -> None:
    """What moves concerns nobody."""


class Mirrors:
    """All repositories in use, by address, chart and credential scope.

    `moved` is told of what looks found, and a look has not ended before it knows; `recovered` of a repository
    that answers again. `followed` says which revisions of one are followed.
    """

    def __init__(
        self,
        *,
        folder: Path,
        program: GitProgram,
        book: Repositories,
        moved: OnMoved = _nobody_follows,
        recovered: OnRecovered = lambda _: None,
        followed: OnFollowed = lambda _: (),
        outbound: Outbound | None = None,
        settings: Callable[[], RenderSettings] = RenderSettings,
    ) -> None:
        self.program = program
        self.book = book
        self._around = Surroundings(
            program=program,
            book=book,
            moved=moved,
            recovered=recovered,
            followed=followed,
            outbound=outbound,
            settings=settings,
        )
        self._folder = folder
        self._known: dict[str, Repository] = {}
        self._indexes: dict[str, ChartIndex] = {}
        self._by_identity: dict[str, set[str]] = {}

    def of(self, url: str, project: str, chart: str = "", *, pass_credentials: bool = False) -> Repository:
        """What a source names, as a project may see it. Raises UrlRefusedError.

        With `pass_credentials` those of a chart repository are told to other hosts that its index names, too.
        """
        if is_artifact(url) or (chart and self._is_in_registry(url, project)):
            return self._artifact(url, project, chart)
        if chart:
            return self._chart(url, project, chart, pass_credentials=pass_credentials)
        return self.git(url, project)

    def of_source(self, source: RepositorySource, project: str) -> Repository:
        """The same, of a source of a wish. Raises UrlRefusedError."""
        passes = passes_credentials(source.options)
        return self.of(source.repo_url, project, source.chart, pass_credentials=passes)

    def git(self, url: str, project: str) -> GitRepository:
        """The Git repository at an address, as a project may see it. Raises UrlRefusedError."""
        scope, address = self._seen(url, project)
        name = mirror_name(address.url, scope, inline_mark(address))
        known = self._known.get(name)
        if not isinstance(known, GitRepository):
            mirror = Mirror(self.program, self._folder / name)
            named = identity(address.url)
            known = GitRepository(self._around, address, scope, mirror, identity=named)
            self._keep(known)
        return known

    def index(self, url: str, project: str, *, pass_credentials: bool = False) -> ChartIndex:
        """The index of a chart repository, as a project may see it. Raises UrlRefusedError."""
        scope, address = self._seen(url.rstrip("/"), project)
        name = _name("index", address.url, scope, inline_mark(address), str(pass_credentials))
        return self._indexes.get(name) or ChartIndex(
            self._around, address, scope, name, pass_credentials=pass_credentials
        )

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
        if self._known.pop(repository.mirror.name, None):
            self._by_identity[repository.identity].discard(repository.mirror.name)
            repository.mirror.close()
        if isinstance(repository, Chart) and repository.index.dismiss(repository):
            self._indexes.pop(repository.index.name, None)

    async def close(self) -> None:
        """End the helper processes."""
        for repository in self:
            repository.mirror.close()

    def _chart(self, url: str, project: str, chart: str, *, pass_credentials: bool) -> Chart:
        index = self.index(url, project, pass_credentials=pass_credentials)
        name = _name("chart", index.name, chart)
        known = self._known.get(name)
        if not isinstance(known, Chart):
            scope, address = self._seen(url.rstrip("/"), project)
            mirror = VersionMirror(self.program, self._folder / name)
            named = identity_of_source(address.url, chart)
            known = Chart(self._around, address, scope, mirror, identity=named, index=index, name=chart)
            self._indexes[index.name] = index
            self._keep(known)
        return known

    def _artifact(self, url: str, project: str, chart: str) -> Artifact:
        """Its address as it was written, which is what credentials are declared for."""
        bare = url if is_artifact(url) else url.rpartition("://")[2]
        try:
            reference = Reference.parse(bare, chart)
        except OciInvalidError as error:
            raise UrlRefusedError(str(error)) from error
        found = self.book.find(url, project)
        name = _name("artifact", str(reference), chart, found.scope, url.strip().lower())
        known = self._known.get(name)
        if not isinstance(known, Artifact):
            mirror = VersionMirror(self.program, self._folder / name)
            address, named = Address(url=url.strip()), identity_of_source(url, chart)
            known = Artifact(
                self._around,
                address,
                found.scope,
                mirror,
                identity=named,
                reference=reference,
                chart=chart,
            )
            self._keep(known)
        return known

    def _is_in_registry(self, url: str, project: str) -> bool:
        """Whether charts of this address are in a registry: it has no scheme, or was declared so."""
        return "://" not in url or self.book.find(url, project).enable_oci

    def _keep(self, repository: Repository) -> None:
        name = repository.mirror.name
        self._known[name] = repository
        self._by_identity.setdefault(repository.identity, set()).add(name)

    def _seen(self, url: str, project: str) -> tuple[str, Address]:
        """Credential scope and address; user information stays in it only when that is what opens it.

        A mirror opened by somebody's own password is nobody else's.
        """
        address = parse(url, allow_files=self.program.allow_files)
        found = self.book.find(address.url, project)
        if not address.password or not found.credential.is_empty:
            address = Address(url=address.url)
        return found.scope, address


def passes_credentials(options: Mapping[str, object]) -> bool:
    """Whether a source wants credentials of a chart repository told to other hosts that its index names."""
    helm = options.get("helm")
    return isinstance(helm, dict) and helm.get("passCredentials") is True


def _name(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
