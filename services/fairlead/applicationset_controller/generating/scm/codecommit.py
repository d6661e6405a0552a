"""Repositories of AWS CodeCommit in one region of one account.

Source: AWS CodeCommit API 2015-04-13 and Resource Groups Tagging API 2017-01-26, JSON 1.1.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.hosts.aws import Aws, AwsRefusedError
from fairlead.applicationset_controller.generating.hosts.errors import HostError
from fairlead.applicationset_controller.generating.hosts.pages import each, settled
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.scm.found import Branch, Clone, Repository
from fairlead.model.providers import ScmAwsCodeCommit

NAME: Final = "AWS CodeCommit"
BATCH: Final = 25
"""Repositories that are described at once: what the API takes."""
FIPS: Final = "https-fips"


class _Name(msgspec.Struct):
    name: str = msgspec.field(name="repositoryName")


class _Names(msgspec.Struct):
    repositories: list[_Name]
    next: str | None = msgspec.field(name="nextToken", default=None)


class _Tagged(msgspec.Struct):
    arn: str = msgspec.field(name="ResourceARN")


class _AllTagged(msgspec.Struct):
    resources: list[_Tagged] = msgspec.field(name="ResourceTagMappingList")
    next: str | None = msgspec.field(name="PaginationToken", default=None)


class _Metadata(msgspec.Struct):
    name: str = msgspec.field(name="repositoryName")
    id: str = msgspec.field(name="repositoryId")
    account: str = msgspec.field(name="accountId", default="")
    http: str = msgspec.field(name="cloneUrlHttp", default="")
    ssh: str = msgspec.field(name="cloneUrlSsh", default="")
    branch: str | None = msgspec.field(name="defaultBranch", default=None)


class _Described(msgspec.Struct):
    repositories: list[_Metadata]
    missing: list[str] | None = msgspec.field(name="repositoriesNotFound", default=None)


class _Branches(msgspec.Struct):
    branches: list[str]
    next: str | None = msgspec.field(name="nextToken", default=None)


class _Branch(msgspec.Struct):
    name: str = msgspec.field(name="branchName")
    sha: str = msgspec.field(name="commitId")


class _OneBranch(msgspec.Struct):
    branch: _Branch


class _Entry(msgspec.Struct):
    path: str = msgspec.field(name="absolutePath", default="")


class _Folder(msgspec.Struct):
    commit: str = msgspec.field(name="commitId")
    files: list[_Entry] = []
    folders: list[_Entry] = msgspec.field(name="subFolders", default_factory=list)
    links: list[_Entry] = msgspec.field(name="symbolicLinks", default_factory=list)
    modules: list[_Entry] = msgspec.field(name="subModules", default_factory=list)


async def opened(block: ScmAwsCodeCommit, visit: Visit, clone: Clone) -> CodeCommit:
    """Ready to be asked. Raises GeneratorError."""
    visit.admit()
    visit.hosts.rules.require_ours(NAME, visit.namespace)
    clone.check(NAME, "ssh", "https", FIPS)
    if any(not each_filter.key for each_filter in block.tag_filters):
        raise GeneratorError("tagFilters: an entry has no key")
    return CodeCommit(await Aws.opened(visit.hosts, block.role, block.region), block, clone)


class CodeCommit:
    """A region."""

    def __init__(self, aws: Aws, block: ScmAwsCodeCommit, clone: Clone) -> None:
        self._aws = aws
        self._block = block
        self._clone = clone

    async def repositories(self) -> list[Repository]:
        walk = self._tagged if self._block.tag_filters else self._listed
        names = await settled(walk, lambda name: name)
        parts = [names[at : at + BATCH] for at in range(0, len(names), BATCH)]
        return [found for some in await each(parts, self._described) for found in some]

    async def branches(self, repository: Repository) -> list[Branch]:
        if not repository.branch:
            return []
        if not self._block.all_branches:
            return [await self._branch(repository.name, repository.branch)]
        names = await settled(lambda: self._branches(repository.name), lambda name: name)
        return [await self._branch(repository.name, name) for name in names]

    async def has_path(self, repository: Repository, branch: Branch, path: str) -> bool:
        parent = path.rpartition("/")[0]
        asked = {
            "repositoryName": repository.name,
            "commitSpecifier": branch.sha,
            "folderPath": f"/{parent}",
        }
        try:
            found = await self._aws.codecommit("GetFolder", asked, _Folder)
        except AwsRefusedError as error:
            if error.code != "FolderDoesNotExistException":
                raise
            return False
        entries = (*found.files, *found.folders, *found.links, *found.modules)
        return any(entry.path.strip("/") == path for entry in entries)

    async def _listed(self) -> AsyncIterator[Sequence[str]]:
        asked: dict[str, Any] = {}
        while True:
            page = await self._aws.codecommit("ListRepositories", asked, _Names)
            yield [item.name for item in page.repositories]
            if not page.next:
                return
            asked = {"nextToken": page.next}

    async def _tagged(self) -> AsyncIterator[Sequence[str]]:
        asked: dict[str, Any] = {
            "ResourceTypeFilters": ["codecommit:repository"],
            "ResourcesPerPage": 100,
            "TagFilters": _tag_filters(self._block),
        }
        while True:
            page = await self._aws.tagging("GetResources", asked, _AllTagged)
            yield [item.arn.rpartition(":")[2] for item in page.resources]
            if not page.next:
                return
            asked["PaginationToken"] = page.next

    async def _described(self, names: list[str]) -> list[Repository]:
        found = await self._aws.codecommit("BatchGetRepositories", {"repositoryNames": names}, _Described)
        known = {item.name: item for item in found.repositories}
        gone = [name for name in names if name not in known]
        if gone:
            raise HostError(f"{NAME}: repository {gone[0]} vanished while repositories were listed")
        return [self._repository(known[name]) for name in names]

    def _repository(self, item: _Metadata) -> Repository:
        https = item.http
        if self._clone.protocol == FIPS:
            https = https.replace("https://git-codecommit.", "https://git-codecommit-fips.", 1)
        return Repository(
            organization=item.account,
            name=item.name,
            id=item.id,
            url=self._clone.of(ssh=item.ssh, https=https),
            branch=item.branch or "",
        )

    async def _branches(self, name: str) -> AsyncIterator[Sequence[str]]:
        asked = {"repositoryName": name}
        while True:
            page = await self._aws.codecommit("ListBranches", asked, _Branches)
            yield page.branches
            if not page.next:
                return
            asked = {"repositoryName": name, "nextToken": page.next}

    async def _branch(self, repository: str, branch: str) -> Branch:
        asked = {"repositoryName": repository, "branchName": branch}
        found = (await self._aws.codecommit("GetBranch", asked, _OneBranch)).branch
        return Branch(name=found.name, sha=found.sha)


def _tag_filters(block: ScmAwsCodeCommit) -> list[dict[str, Any]]:
    """Values of one key are alternatives, keys hold together."""
    values: dict[str, list[str]] = {}
    for wanted in block.tag_filters:
        known = values.setdefault(wanted.key, [])
        if wanted.value:
            known.append(wanted.value)
    return [{"Key": key, **({"Values": found} if found else {})} for key, found in values.items()]
