"""Azure DevOps, in the cloud and as a server (learn.microsoft.com/rest/api/azure/devops), version 7.0."""

from __future__ import annotations

from typing import Final

import msgspec

from fairlead.preview.hosts.client import MOST_PAGES, Client, HostError
from fairlead.preview.hosts.host import CONTEXT, FAILURE, MOST_WORDS, SUCCESS, Comment, Pull, Status
from fairlead.previews.markdown import Dialect

MAX_COMMENT: Final = 140_000
_HEADS: Final = "refs/heads/"
_VERSION: Final = {"api-version": "7.0"}
_STATES: Final = {SUCCESS: "succeeded", FAILURE: "failed"}
_PAGE: Final = 100
_CLOSED: Final = 4
"""The status of a thread that asks nobody to do anything."""
_TEXT: Final = 1


class _Commit(msgspec.Struct):
    sha: str = msgspec.field(name="commitId")


class _Pull(msgspec.Struct):
    number: int = msgspec.field(name="pullRequestId")
    target: str = msgspec.field(name="targetRefName")
    commit: _Commit | None = msgspec.field(name="lastMergeSourceCommit", default=None)
    fork: object = msgspec.field(name="forkSource", default=None)
    status: str = "active"


class _Pulls(msgspec.Struct):
    value: list[_Pull]


class _Person(msgspec.Struct):
    id: str = ""


class _Comment(msgspec.Struct):
    id: int
    content: str | None = None
    author: _Person | None = None
    is_deleted: bool = msgspec.field(name="isDeleted", default=False)


class _Thread(msgspec.Struct):
    id: int
    comments: list[_Comment] = []


class _Threads(msgspec.Struct):
    value: list[_Thread]


class _Connection(msgspec.Struct):
    user: _Person = msgspec.field(name="authenticatedUser", default_factory=_Person)


class AzureDevops:
    """`path` is organisation, project and repository."""

    dialect = Dialect(limit=MAX_COMMENT)

    def __init__(self, client: Client, organization: str, project: str, name: str) -> None:
        self._client = client
        self._organization = organization
        self._repo = f"/{organization}/{project}/_apis/git/repositories/{name}"
        self._me: str | None = None

    async def pulls(self) -> list[Pull]:
        found: list[_Pull] = []
        for _ in range(MOST_PAGES):
            page = await self._client.get(
                f"{self._repo}/pullrequests",
                _Pulls,
                **{
                    "searchCriteria.status": "active",
                    "$top": str(_PAGE),
                    "$skip": str(len(found)),
                    **_VERSION,
                },
            )
            found += page.value
            if len(page.value) < _PAGE:
                break
        return [_read(each) for each in found]

    async def pull(self, number: int) -> Pull | None:
        found = await self._client.get(f"{self._repo}/pullrequests/{number}", _Pull, **_VERSION)
        return _read(found) if found.status == "active" else None

    async def comments(self, number: int) -> list[Comment]:
        found = await self._client.get(f"{self._repo}/pullRequests/{number}/threads", _Threads, **_VERSION)
        me = await self._who()
        return [
            Comment(
                id=f"{thread.id}/{item.id}",
                body=item.content or "",
                is_ours=(item.author.id if item.author else "") == me if me else None,
            )
            for thread in sorted(found.value, key=lambda thread: thread.id)
            for item in thread.comments[:1]
            if not item.is_deleted
        ]

    async def comment(self, number: int, body: str) -> None:
        comments = [{"parentCommentId": 0, "content": body, "commentType": _TEXT}]
        path = f"{self._repo}/pullRequests/{number}/threads?api-version=7.0"
        await self._client.send("POST", path, {"comments": comments, "status": _CLOSED})

    async def rewrite(self, number: int, comment: Comment, body: str) -> None:
        thread, _, item = comment.id.partition("/")
        path = f"{self._repo}/pullRequests/{number}/threads/{thread}/comments/{item}?api-version=7.0"
        await self._client.send("PATCH", path, {"content": body})

    async def status(self, pull: Pull, status: Status) -> None:
        genre, _, name = CONTEXT.partition("/")
        value = {
            "state": _STATES.get(status.state, status.state),
            "description": status.words[:MOST_WORDS],
            "context": {"genre": genre, "name": name},
        }
        link = {"targetUrl": status.url} if status.url else {}
        path = f"{self._repo}/commits/{pull.sha}/statuses?api-version=7.0"
        await self._client.send("POST", path, {**value, **link})

    async def _who(self) -> str:
        if self._me is None:
            try:
                path = f"/{self._organization}/_apis/connectionData"
                self._me = (await self._client.get(path, _Connection)).user.id
            except HostError as error:
                if error.status not in (401, 403, 404):
                    raise
                self._me = ""
        return self._me


def _read(found: _Pull) -> Pull:
    return Pull(
        number=found.number,
        sha=found.commit.sha if found.commit else "",
        target=found.target.removeprefix(_HEADS),
        is_fork=found.fork is not None,
    )
