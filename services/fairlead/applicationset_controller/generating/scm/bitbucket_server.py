"""Repositories of a project of Bitbucket Server or Data Center."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from fairlead.applicationset_controller.generating.hosts.bitbucket import (
    SERVER,
    ServerPage,
    server,
    server_pages,
)
from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.errors import MissingError
from fairlead.applicationset_controller.generating.hosts.pages import settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.scm.found import Branch, Clone, Repository
from fairlead.model.providers import ScmBitbucketServer


class _Link(msgspec.Struct):
    href: str
    name: str = ""


class _Links(msgspec.Struct):
    clone: list[_Link] = []


class _Project(msgspec.Struct):
    key: str


class _Repository(msgspec.Struct):
    id: int
    slug: str
    project: _Project
    links: _Links


class _Branch(msgspec.Struct):
    name: str = msgspec.field(name="displayId")
    sha: str = msgspec.field(name="latestCommit")


async def opened(block: ScmBitbucketServer, visit: Visit, clone: Clone) -> BitbucketServer:
    """Ready to be asked. Raises GeneratorError."""
    clone.check(SERVER)
    project = segment("project", block.project)
    return BitbucketServer(await server(block, visit), block, clone, project)


class BitbucketServer:
    """A project."""

    def __init__(self, door: Door, block: ScmBitbucketServer, clone: Clone, project: str) -> None:
        self._door = door
        self._block = block
        self._clone = clone
        self._project = project

    async def repositories(self) -> list[Repository]:
        path = f"/projects/{self._project}/repos"
        found = await settled(
            lambda: server_pages(self._door, path, ServerPage[_Repository]), lambda item: item.id
        )
        return [
            Repository(
                organization=item.project.key,
                name=item.slug,
                id=item.id,
                url=self._clone.of(ssh=_address(item, "ssh"), https=_address(item, "http")),
            )
            for item in found
        ]

    async def branches(self, repository: Repository) -> list[Branch]:
        path = f"{self._path(repository)}/branches"
        if self._block.all_branches:
            found = await settled(
                lambda: server_pages(self._door, path, ServerPage[_Branch]), lambda item: item.name
            )
            return [Branch(name=item.name, sha=item.sha) for item in found]
        try:
            main = (await self._door.get(f"{path}/default", _Branch)).value
        except MissingError as error:
            if error.status != 204 and not error.says("NoDefaultBranch", "NoSuchBranch"):
                raise
            return []
        return [Branch(name=main.name, sha=main.sha)]

    async def has_path(self, repository: Repository, branch: Branch, path: str) -> bool:
        place = f"{self._path(repository)}/browse/{quote(path, safe='/')}"
        try:
            await self._door.require(place, (("at", branch.sha), ("limit", "1"), ("type", "true")))
        except MissingError as error:
            if not error.says("NoSuchPath"):
                raise
            return False
        return True

    def _path(self, repository: Repository) -> str:
        return f"/projects/{self._project}/repos/{quote(repository.name, safe='')}"


def _address(found: _Repository, name: str) -> str:
    return next((link.href for link in found.links.clone if link.name == name), "")
