"""The repositories that somebody wants, each with its mirror.

Invariant: what two applications may see alike is one mirror, and what they may not is two.
"""

from collections.abc import Iterator
from pathlib import Path

import structlog

from fairlead.events import Cause, RepositorySource
from fairlead.git import GitProgram, Mirror, MovedRef
from fairlead.git.urls import Address, inline_mark, mirror_name, parse
from fairlead.matching.repository import identity
from fairlead.repo_server.remotes.git_repository import GitRepository
from fairlead.repo_server.remotes.repositories import Repositories
from fairlead.repo_server.remotes.repository import OnMoved, OnRecovered, Repository, Surroundings

__all__ = ["Mirrors", "Repository"]

log = structlog.get_logger(__name__)


async def _nobody_follows(_: Repository, _moves: tuple[MovedRef, ...], _cause: Cause) -> None:
    """What moves concerns nobody."""


class Mirrors:
    """All repositories in use, by address, chart and credential scope.

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
        self._around = Surroundings(program=program, book=book, moved=moved, recovered=recovered)
        self._folder = folder
        self._known: dict[str, Repository] = {}
        self._by_identity: dict[str, set[str]] = {}

    def named(self, url: str, project: str) -> str:
        """Name of the mirror that serves an address for a project. Raises UrlRefusedError."""
        return self._seen(url, project)[0]

    def git(self, url: str, project: str) -> GitRepository:
        """The Git repository at an address, as a project may see it. Raises UrlRefusedError."""
        name, scope, address = self._seen(url, project)
        known = self._known.get(name)
        if not isinstance(known, GitRepository):
            mirror = Mirror(self.program, self._folder / name)
            known = GitRepository(self._around, address, scope, mirror, identity=identity(address.url))
            self._keep(name, known)
        return known

    def of(self, url: str, project: str, chart: str = "") -> Repository:
        """What a source names, as a project may see it. Raises UrlRefusedError."""
        del chart
        return self.git(url, project)

    def of_source(self, source: RepositorySource, project: str) -> Repository:
        """The same, of a source of a wish. Raises UrlRefusedError."""
        return self.of(source.repo_url, project, source.chart)

    def _keep(self, name: str, repository: Repository) -> None:
        self._known[name] = repository
        self._by_identity.setdefault(repository.identity, set()).add(name)

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
