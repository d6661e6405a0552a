"""Repositories of a Gitea organisation."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.errors import MissingError
from fairlead.applicationset_controller.generating.hosts.gitea import NAME, QUERY, gitea
from fairlead.applicationset_controller.generating.hosts.pages import each, linked, settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.scm.found import Branch, Clone, Repository
from fairlead.model.providers import ScmGitea


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
    empty: bool = False


class _Label(msgspec.Struct):
    id: int
    name: str


class _Commit(msgspec.Struct):
    id: str


class _Branch(msgspec.Struct):
    name: str
    commit: _Commit


async def opened(block: ScmGitea, visit: Visit, clone: Clone) -> Gitea:
    """Ready to be asked. Raises GeneratorError."""
    clone.check(NAME)
    owner = segment("owner", block.owner)
    return Gitea(await gitea(block, visit), block, clone, owner)


class Gitea:
    """An organisation; labels are those for the issues of a repository."""

    def __init__(self, door: Door, block: ScmGitea, clone: Clone, owner: str) -> None:
        self._door = door
        self._block = block
        self._clone = clone
        self._owner = owner

    async def repositories(self) -> list[Repository]:
        path = f"/orgs/{self._owner}/repos"
        found = await settled(
            lambda: linked(self._door, path, list[_Repository], QUERY), lambda item: item.id
        )
        wanted = [item for item in found if not (item.archived and self._block.exclude_archived_repos)]
        return await each(wanted, self._labelled)

    async def _labelled(self, item: _Repository) -> Repository:
        path = f"{_path(item.owner.login, item.name)}/labels"
        labels = await settled(lambda: linked(self._door, path, list[_Label], QUERY), lambda label: label.id)
        return Repository(
            organization=item.owner.login,
            name=item.name,
            id=item.id,
            url=self._clone.of(ssh=item.ssh_url, https=item.clone_url),
            branch="" if item.empty else item.default_branch or "",
            labels=tuple(label.name for label in labels),
        )

    async def branches(self, repository: Repository) -> list[Branch]:
        if not repository.branch:
            return []
        path = f"{_path(repository.organization, repository.name)}/branches"
        if self._block.all_branches:
            found = await settled(
                lambda: linked(self._door, path, list[_Branch], QUERY), lambda item: item.name
            )
            return [_branch(item) for item in found]
        try:
            page = await self._door.get(f"{path}/{quote(repository.branch, safe='/')}", _Branch)
        except MissingError:
            await self._require(repository)
            return []
        return [_branch(page.value)]

    async def has_path(self, repository: Repository, branch: Branch, path: str) -> bool:
        place = f"{_path(repository.organization, repository.name)}/contents/{quote(path, safe='/')}"
        try:
            await self._door.require(place, (("ref", branch.sha),))
        except MissingError:
            await self._require(repository)
            return False
        return True

    async def _require(self, repository: Repository) -> None:
        """Raises MissingError when it is the repository that is gone."""
        await self._door.get(_path(repository.organization, repository.name), _Repository)


def _path(owner: str, name: str) -> str:
    return f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"


def _branch(found: _Branch) -> Branch:
    return Branch(name=found.name, sha=found.commit.id)
