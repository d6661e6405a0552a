"""Projects of a GitLab group."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import msgspec

from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.errors import MissingError
from fairlead.applicationset_controller.generating.hosts.gitlab import NAME, gitlab
from fairlead.applicationset_controller.generating.hosts.pages import PAGE, linked, settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.scm.found import Branch, Clone, Repository
from fairlead.model.providers import ScmGitlab

_QUERY: Final = (("per_page", str(PAGE)),)


class _Namespace(msgspec.Struct):
    full_path: str


class _Project(msgspec.Struct):
    id: int
    path: str
    namespace: _Namespace
    ssh_url_to_repo: str = ""
    http_url_to_repo: str = ""
    default_branch: str | None = None
    topics: list[str] | None = None
    tag_list: list[str] | None = None
    repository_access_level: str | None = None

    @property
    def branch(self) -> str:
        """Its default branch, "" where there are no commits, or nobody may see them."""
        return "" if self.repository_access_level == "disabled" else self.default_branch or ""


class _Commit(msgspec.Struct):
    id: str


class _Branch(msgspec.Struct):
    name: str
    commit: _Commit


async def opened(block: ScmGitlab, visit: Visit, clone: Clone) -> Gitlab:
    """Ready to be asked. Raises GeneratorError."""
    clone.check(NAME)
    group = segment("group", block.group)
    return Gitlab(await gitlab(block, visit), block, clone, group)


class Gitlab:
    """A group."""

    def __init__(self, door: Door, block: ScmGitlab, clone: Clone, group: str) -> None:
        self._door = door
        self._block = block
        self._clone = clone
        self._group = group

    async def repositories(self) -> list[Repository]:
        path, query = f"/groups/{self._group}/projects", self._query()
        found = await settled(lambda: linked(self._door, path, list[_Project], query), lambda item: item.id)
        return [
            Repository(
                organization=item.namespace.full_path,
                name=item.path,
                id=item.id,
                url=self._clone.of(ssh=item.ssh_url_to_repo, https=item.http_url_to_repo),
                branch=item.branch,
                labels=tuple(item.topics if item.topics is not None else item.tag_list or ()),
            )
            for item in found
        ]

    def _query(self) -> tuple[tuple[str, str], ...]:
        block = self._block
        found = [
            *_QUERY,
            ("order_by", "id"),
            ("sort", "asc"),
            ("include_subgroups", _flag(block.include_subgroups)),
            ("with_shared", _flag(block.include_shared_projects is not False)),
        ]
        if not block.include_archived_repos:
            found.append(("archived", "false"))
        if block.topic:
            found.append(("topic", block.topic))
        return tuple(found)

    async def branches(self, repository: Repository) -> list[Branch]:
        if not repository.branch:
            return []
        path = f"/projects/{repository.id}/repository/branches"
        if not self._block.all_branches:
            try:
                page = await self._door.get(f"{path}/{quote(repository.branch, safe='')}", _Branch)
            except MissingError as error:
                return _none(error)
            return [_branch(page.value)]
        try:
            found = await settled(
                lambda: linked(self._door, path, list[_Branch], _QUERY), lambda item: item.name
            )
        except MissingError as error:
            return _none(error)
        return [_branch(item) for item in found]

    async def has_path(self, repository: Repository, branch: Branch, path: str) -> bool:
        base = f"/projects/{repository.id}/repository"
        at = ("ref", branch.sha)
        if await self._door.is_there(f"{base}/files/{quote(path, safe='')}", (at,)):
            return True
        try:  # a folder: it lists something
            query = (("path", path), at, ("per_page", "1"))
            page = await self._door.get(f"{base}/tree", list[msgspec.Raw], query)
        except MissingError as error:
            return bool(_none(error))
        return bool(page.value)


def _none(error: MissingError) -> list[Branch]:
    """Nothing is there in a project that is. Raises the error when it may be the project that is not."""
    if error.says("Project"):
        raise error
    return []


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _branch(found: _Branch) -> Branch:
    return Branch(name=found.name, sha=found.commit.id)
