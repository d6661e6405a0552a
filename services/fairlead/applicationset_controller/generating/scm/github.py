"""Repositories of a GitHub organisation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

import msgspec

from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.errors import MissingError
from fairlead.applicationset_controller.generating.hosts.github import NAME, github
from fairlead.applicationset_controller.generating.hosts.pages import PAGE, linked, settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.scm.found import Branch, Clone, Repository
from fairlead.model.providers import ScmGithub

_QUERY: Final = (("per_page", str(PAGE)),)


class _Owner(msgspec.Struct):
    login: str


class _Repository(msgspec.Struct):
    id: int
    name: str
    owner: _Owner
    ssh_url: str = ""
    clone_url: str = ""
    default_branch: str | None = None
    archived: bool = False
    topics: list[str] | None = None


class _Commit(msgspec.Struct):
    sha: str


class _Branch(msgspec.Struct):
    name: str
    commit: _Commit


async def opened(block: ScmGithub, visit: Visit, clone: Clone) -> Github:
    """Ready to be asked. Raises GeneratorError."""
    clone.check(NAME)
    organization = segment("organization", block.organization)
    door = await github(block.api, block.token_ref, block.app_secret_name, block.organization.strip(), visit)
    return Github(door, block, clone, organization)


class Github:
    """An organisation."""

    def __init__(self, door: Door, block: ScmGithub, clone: Clone, organization: str) -> None:
        self._door = door
        self._block = block
        self._clone = clone
        self._organization = organization

    async def repositories(self) -> list[Repository]:
        path = f"/orgs/{self._organization}/repos"
        found = await settled(
            lambda: linked(self._door, path, list[_Repository], _QUERY), lambda item: item.id
        )
        return [
            Repository(
                organization=item.owner.login,
                name=item.name,
                id=item.id,
                url=self._clone.of(ssh=item.ssh_url, https=item.clone_url),
                branch=item.default_branch or "",
                labels=tuple(item.topics or ()),
            )
            for item in found
            if not (item.archived and self._block.exclude_archived_repos)
        ]

    async def branches(self, repository: Repository) -> list[Branch]:
        if self._block.all_branches:
            found = await settled(lambda: self._branches(repository, _QUERY), lambda item: item.name)
            return [_branch(item) for item in found]
        if not repository.branch:
            return []
        try:
            path = f"{_path(repository)}/branches/{quote(repository.branch, safe='/')}"
            return [_branch((await self._door.get(path, _Branch)).value)]
        except MissingError:
            await self._require(repository)
            return []

    async def has_path(self, repository: Repository, branch: Branch, path: str) -> bool:
        try:
            await self._door.require(
                f"{_path(repository)}/contents/{quote(path, safe='/')}", (("ref", branch.sha),)
            )
        except MissingError:
            await self._require(repository)
            return False
        return True

    def _branches(
        self, repository: Repository, query: tuple[tuple[str, str], ...]
    ) -> AsyncIterator[list[_Branch]]:
        return linked(self._door, f"{_path(repository)}/branches", list[_Branch], query)

    async def _require(self, repository: Repository) -> None:
        """A repository without what was asked for is another thing than one that is gone or hidden. Raises
        MissingError for the latter."""
        await self._door.get(f"{_path(repository)}/branches", list[_Branch], (("per_page", "1"),))


def _path(repository: Repository) -> str:
    return f"/repos/{quote(repository.organization, safe='')}/{quote(repository.name, safe='')}"


def _branch(found: _Branch) -> Branch:
    return Branch(name=found.name, sha=found.commit.sha)
