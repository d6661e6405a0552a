"""Open pull requests of a repository of Bitbucket Server or Data Center."""

from __future__ import annotations

import msgspec

from fairlead.applicationset_controller.generating.hosts.bitbucket import ServerPage, server, server_pages
from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.pages import settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.pull_requests.found import PullRequest
from fairlead.model.providers import PullRequestBitbucketServer


class _Ref(msgspec.Struct):
    name: str = msgspec.field(name="displayId")
    sha: str = msgspec.field(name="latestCommit", default="")


class _User(msgspec.Struct):
    name: str


class _Author(msgspec.Struct):
    user: _User


class _Pull(msgspec.Struct):
    id: int
    title: str
    source: _Ref = msgspec.field(name="fromRef")
    target: _Ref = msgspec.field(name="toRef")
    author: _Author | None = None


async def opened(block: PullRequestBitbucketServer, visit: Visit) -> BitbucketServer:
    """Ready to be asked. Raises GeneratorError."""
    path = f"/projects/{segment('project', block.project)}/repos/{segment('repo', block.repo)}/pull-requests"
    return BitbucketServer(await server(block, visit), path)


class BitbucketServer:
    """A repository."""

    def __init__(self, door: Door, path: str) -> None:
        self._door = door
        self._path = path

    async def pull_requests(self) -> list[PullRequest]:
        query = (("state", "OPEN"),)
        found = await settled(
            lambda: server_pages(self._door, self._path, ServerPage[_Pull], query), lambda item: item.id
        )
        return [
            PullRequest(
                number=item.id,
                title=item.title,
                branch=item.source.name,
                target=item.target.name,
                sha=item.source.sha,
                author=item.author.user.name if item.author else "",
            )
            for item in found
        ]
