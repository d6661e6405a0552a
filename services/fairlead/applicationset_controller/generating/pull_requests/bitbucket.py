"""Open pull requests of a repository of Bitbucket Cloud, which tells twelve characters of a commit."""

from __future__ import annotations

import msgspec

from fairlead.applicationset_controller.generating.hosts.bitbucket import CloudPage, cloud, cloud_pages
from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.pages import settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.pull_requests.found import PullRequest
from fairlead.model.providers import PullRequestBitbucket

_QUERY = (("state", "OPEN"), ("pagelen", "50"))


class _Branch(msgspec.Struct):
    name: str


class _Commit(msgspec.Struct):
    hash: str


class _Source(msgspec.Struct):
    branch: _Branch
    commit: _Commit | None = None


class _User(msgspec.Struct):
    nickname: str = ""
    display_name: str = ""


class _Pull(msgspec.Struct):
    id: int
    title: str
    source: _Source
    destination: _Source
    author: _User | None = None


async def opened(block: PullRequestBitbucket, visit: Visit) -> Bitbucket:
    """Ready to be asked. Raises GeneratorError."""
    visit.admit(block.api)
    path = f"/repositories/{segment('owner', block.owner)}/{segment('repo', block.repo)}/pullrequests"
    shown = await visit.credentials.basic_or_bearer(block.basic_auth, block.bearer_token)
    return Bitbucket(cloud(visit, shown, block.api), path)


class Bitbucket:
    """A repository."""

    def __init__(self, door: Door, path: str) -> None:
        self._door = door
        self._path = path

    async def pull_requests(self) -> list[PullRequest]:
        found = await settled(
            lambda: cloud_pages(self._door, self._path, CloudPage[_Pull], _QUERY), lambda item: item.id
        )
        return [
            PullRequest(
                number=item.id,
                title=item.title,
                branch=item.source.branch.name,
                target=item.destination.branch.name,
                sha=item.source.commit.hash if item.source.commit else "",
                author=item.author.nickname or item.author.display_name if item.author else "",
            )
            for item in found
        ]
