"""Repositories of an Azure DevOps project."""

from __future__ import annotations

from typing import Final

import msgspec

from fairlead.applicationset_controller.generating.hosts.azure_devops import (
    HEADS,
    NAME,
    VERSION,
    Values,
    azure_devops,
    continued,
)
from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.errors import MissingError
from fairlead.applicationset_controller.generating.hosts.pages import settled
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.scm.found import Branch, Clone, Repository
from fairlead.model.providers import ScmAzureDevOps

_TOP: Final = ("$top", "1000")


class _Repository(msgspec.Struct):
    id: str
    name: str
    remote_url: str = msgspec.field(name="remoteUrl", default="")
    ssh_url: str = msgspec.field(name="sshUrl", default="")
    default_branch: str | None = msgspec.field(name="defaultBranch", default=None)
    is_disabled: bool = msgspec.field(name="isDisabled", default=False)


class _Ref(msgspec.Struct):
    name: str
    sha: str = msgspec.field(name="objectId")


async def opened(block: ScmAzureDevOps, visit: Visit, clone: Clone) -> AzureDevOps:
    """Ready to be asked. Raises GeneratorError."""
    clone.check(NAME)
    door = await azure_devops(
        block.api, block.organization, block.team_project, block.access_token_ref, visit
    )
    return AzureDevOps(door, block, msgspec.structs.replace(clone, usual="https"))


class AzureDevOps:
    """A team project. A repository that is disabled, or has no default branch, is left out."""

    def __init__(self, door: Door, block: ScmAzureDevOps, clone: Clone) -> None:
        self._door = door
        self._block = block
        self._clone = clone

    async def repositories(self) -> list[Repository]:
        found = (await self._door.get("/repositories", Values[_Repository], (VERSION,))).value.value
        return [
            Repository(
                organization=self._block.organization,
                name=item.name,
                id=item.id,
                url=self._clone.of(ssh=item.ssh_url, https=item.remote_url),
                branch=(item.default_branch or "").removeprefix(HEADS),
            )
            for item in found
            if not item.is_disabled and item.default_branch
        ]

    async def branches(self, repository: Repository) -> list[Branch]:
        wanted = "" if self._block.all_branches else repository.branch
        query = (("filter", f"heads/{wanted}"), _TOP)
        path = f"/repositories/{repository.id}/refs"
        found = await settled(
            lambda: continued(self._door, path, Values[_Ref], query), lambda item: item.name
        )
        branches = [Branch(name=item.name.removeprefix(HEADS), sha=item.sha) for item in found]
        return [branch for branch in branches if not wanted or branch.name == wanted]

    async def has_path(self, repository: Repository, branch: Branch, path: str) -> bool:
        query = (
            ("path", f"/{path}"),
            ("versionDescriptor.version", branch.sha),
            ("versionDescriptor.versionType", "commit"),
            ("$format", "json"),
            VERSION,
        )
        try:
            await self._door.require(f"/repositories/{repository.id}/items", query)
        except MissingError as error:
            if not error.says("GitItemNotFoundException", "TF401174"):
                raise
            return False
        return True
