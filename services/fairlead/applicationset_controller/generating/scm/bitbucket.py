"""Repositories of a workspace of Bitbucket Cloud."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import msgspec

from fairlead.applicationset_controller.generating.hosts.bitbucket import (
    CLOUD,
    CloudPage,
    cloud,
    cloud_pages,
)
from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.errors import MissingError
from fairlead.applicationset_controller.generating.hosts.pages import PAGE, settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.shown import basic_header
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.scm.found import Branch, Clone, Repository
from fairlead.model.providers import ScmBitbucket

_QUERY: Final = (("pagelen", str(PAGE)),)


class _Link(msgspec.Struct):
    href: str
    name: str = ""


class _Links(msgspec.Struct):
    clone: list[_Link] = []


class _Main(msgspec.Struct):
    name: str = ""


class _Repository(msgspec.Struct):
    uuid: str
    slug: str
    links: _Links
    mainbranch: _Main | None = None


class _Target(msgspec.Struct):
    hash: str


class _Branch(msgspec.Struct):
    name: str
    target: _Target


async def opened(block: ScmBitbucket, visit: Visit, clone: Clone) -> Bitbucket:
    """Ready to be asked. Raises GeneratorError."""
    visit.admit()
    clone.check(CLOUD)
    owner = segment("owner", block.owner)
    password = await visit.credentials.token(block.app_password_ref)
    return Bitbucket(cloud(visit, basic_header(block.user, password)), block, clone, owner)


class Bitbucket:
    """A workspace."""

    def __init__(self, door: Door, block: ScmBitbucket, clone: Clone, owner: str) -> None:
        self._door = door
        self._block = block
        self._clone = clone
        self._owner = owner

    async def repositories(self) -> list[Repository]:
        path = f"/repositories/{self._owner}"
        found = await settled(
            lambda: cloud_pages(self._door, path, CloudPage[_Repository], _QUERY), lambda item: item.uuid
        )
        return [
            Repository(
                organization=self._block.owner,
                name=item.slug,
                id=item.uuid,
                url=self._clone.of(ssh=_address(item, "ssh"), https=_address(item, "https")),
                branch=item.mainbranch.name if item.mainbranch else "",
            )
            for item in found
        ]

    async def branches(self, repository: Repository) -> list[Branch]:
        path = f"{self._path(repository)}/refs/branches"
        if self._block.all_branches:
            found = await settled(
                lambda: cloud_pages(self._door, path, CloudPage[_Branch], _QUERY), lambda item: item.name
            )
            return [_branch(item) for item in found]
        if not repository.branch:
            return []
        try:
            page = await self._door.get(f"{path}/{quote(repository.branch, safe='/')}", _Branch)
        except MissingError:
            await self._require(repository)
            return []
        return [_branch(page.value)]

    async def has_path(self, repository: Repository, branch: Branch, path: str) -> bool:
        place = f"{self._path(repository)}/src/{quote(branch.sha, safe='')}/{quote(path, safe='/')}"
        try:
            await self._door.require(place, (("format", "meta"),))
        except MissingError:
            await self._require(repository)
            return False
        return True

    async def _require(self, repository: Repository) -> None:
        """Raises MissingError when it is the repository that is gone."""
        await self._door.get(self._path(repository), _Repository)

    def _path(self, repository: Repository) -> str:
        return f"/repositories/{self._owner}/{quote(repository.name, safe='')}"


def _address(found: _Repository, name: str) -> str:
    return next((link.href for link in found.links.clone if link.name == name), "")


def _branch(found: _Branch) -> Branch:
    return Branch(name=found.name, sha=found.target.hash)
