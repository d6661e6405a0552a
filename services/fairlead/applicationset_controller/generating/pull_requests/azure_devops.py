"""Active pull requests of an Azure DevOps repository."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec

from fairlead.applicationset_controller.generating.hosts.azure_devops import (
    HEADS,
    VERSION,
    Values,
    azure_devops,
)
from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.pages import PAGE, settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.pull_requests.found import PullRequest, carries
from fairlead.model.providers import PullRequestAzureDevOps


class _Commit(msgspec.Struct):
    sha: str = msgspec.field(name="commitId")


class _Person(msgspec.Struct):
    unique_name: str = msgspec.field(name="uniqueName", default="")


class _Label(msgspec.Struct):
    name: str
    active: bool = True


class _Pull(msgspec.Struct):
    number: int = msgspec.field(name="pullRequestId")
    title: str
    source: str = msgspec.field(name="sourceRefName")
    target: str = msgspec.field(name="targetRefName")
    commit: _Commit | None = msgspec.field(name="lastMergeSourceCommit", default=None)
    author: _Person | None = msgspec.field(name="createdBy", default=None)
    labels: list[_Label] | None = None


async def opened(block: PullRequestAzureDevOps, visit: Visit) -> AzureDevOps:
    """Ready to be asked. Raises GeneratorError."""
    path = f"/repositories/{segment('repo', block.repo)}/pullrequests"
    door = await azure_devops(block.api, block.organization, block.project, block.token_ref, visit)
    return AzureDevOps(door, path, block.labels)


class AzureDevOps:
    """A repository; with several labels all have to be there."""

    def __init__(self, door: Door, path: str, labels: tuple[str, ...]) -> None:
        self._door = door
        self._path = path
        self._labels = labels

    async def pull_requests(self) -> list[PullRequest]:
        found = await settled(self._pages, lambda item: item.number)
        return [each for each in map(_read, found) if carries(each.labels, self._labels)]

    async def _pages(self) -> AsyncIterator[Sequence[_Pull]]:
        skipped = 0
        while True:
            query = (
                ("searchCriteria.status", "active"),
                ("$top", str(PAGE)),
                ("$skip", str(skipped)),
                VERSION,
            )
            page = (await self._door.get(self._path, Values[_Pull], query)).value.value
            if not page:
                return
            yield page
            skipped += len(page)


def _read(found: _Pull) -> PullRequest:
    name = found.author.unique_name if found.author else ""
    return PullRequest(
        number=found.number,
        title=found.title,
        branch=found.source.removeprefix(HEADS),
        target=found.target.removeprefix(HEADS),
        sha=found.commit.sha if found.commit else "",
        author=name.partition("@")[0],
        labels=tuple(label.name for label in found.labels or () if label.active),
    )
