"""Merge requests of a GitLab project, in all states unless one is named."""

from __future__ import annotations

from typing import Final

import msgspec

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.hosts.door import Door, Pairs
from fairlead.applicationset_controller.generating.hosts.gitlab import gitlab
from fairlead.applicationset_controller.generating.hosts.pages import PAGE, linked, settled
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.pull_requests.found import PullRequest
from fairlead.model.providers import PullRequestGitlab

STATES: Final = ("", "all", "opened", "closed", "merged", "locked")


class _User(msgspec.Struct):
    username: str


class _Request(msgspec.Struct):
    iid: int
    title: str
    source_branch: str
    target_branch: str
    sha: str | None = None
    author: _User | None = None
    labels: list[str] = []


async def opened(block: PullRequestGitlab, visit: Visit) -> Gitlab:
    """Ready to be asked. Raises GeneratorError."""
    project = segment("project", block.project)
    if block.pull_request_state not in STATES:
        known = ", ".join(STATES[2:])
        raise GeneratorError(f"pullRequestState {block.pull_request_state[:40]!r} is none of {known}")
    query = [("per_page", str(PAGE)), ("order_by", "created_at"), ("sort", "asc")]
    if block.pull_request_state:
        query.append(("state", block.pull_request_state))
    if block.labels:
        query.append(("labels", ",".join(block.labels)))
    return Gitlab(await gitlab(block, visit), f"/projects/{project}/merge_requests", tuple(query))


class Gitlab:
    """A project."""

    def __init__(self, door: Door, path: str, query: Pairs) -> None:
        self._door = door
        self._path = path
        self._query = query

    async def pull_requests(self) -> list[PullRequest]:
        found = await settled(
            lambda: linked(self._door, self._path, list[_Request], self._query), lambda item: item.iid
        )
        return [
            PullRequest(
                number=item.iid,
                title=item.title,
                branch=item.source_branch,
                target=item.target_branch,
                sha=item.sha or "",
                author=item.author.username if item.author else "",
                labels=tuple(item.labels),
            )
            for item in found
        ]
