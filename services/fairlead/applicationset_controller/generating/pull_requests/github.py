"""Open pull requests of a GitHub repository."""

from __future__ import annotations

from typing import Final

import msgspec

from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.github import github
from fairlead.applicationset_controller.generating.hosts.pages import PAGE, linked, settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.pull_requests.found import PullRequest, carries
from fairlead.model.providers import PullRequestGithub

_QUERY: Final = (("state", "open"), ("per_page", str(PAGE)))


class _Label(msgspec.Struct):
    name: str


class _User(msgspec.Struct):
    login: str


class _Head(msgspec.Struct):
    ref: str
    sha: str


class _Pull(msgspec.Struct):
    number: int
    title: str
    head: _Head
    base: _Head
    user: _User | None = None
    labels: list[_Label] = []


async def opened(block: PullRequestGithub, visit: Visit) -> Github:
    """Ready to be asked. Raises GeneratorError."""
    path = f"/repos/{segment('owner', block.owner)}/{segment('repo', block.repo)}/pulls"
    door = await github(block.api, block.token_ref, block.app_secret_name, block.owner.strip(), visit)
    return Github(door, path, block.labels)


class Github:
    """A repository; with several labels all have to be there."""

    def __init__(self, door: Door, path: str, labels: tuple[str, ...]) -> None:
        self._door = door
        self._path = path
        self._labels = labels

    async def pull_requests(self) -> list[PullRequest]:
        found = await settled(
            lambda: linked(self._door, self._path, list[_Pull], _QUERY), lambda item: item.number
        )
        return [each for each in map(_read, found) if carries(each.labels, self._labels)]


def _read(found: _Pull) -> PullRequest:
    return PullRequest(
        number=found.number,
        title=found.title,
        branch=found.head.ref,
        target=found.base.ref,
        sha=found.head.sha,
        author=found.user.login if found.user else "",
        labels=tuple(label.name for label in found.labels),
    )
