"""Bitbucket Server and Data Center (developer.atlassian.com, REST API 1.0), whose comments have versions and
fold nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from fairlead.preview.hosts.client import MOST_PAGES, Client, HostError
from fairlead.preview.hosts.host import CONTEXT, MOST_WORDS, PENDING, SUCCESS, Comment, Pull, Status
from fairlead.previews.markdown import Dialect

MAX_COMMENT: Final = 30_000
_STATES: Final = {PENDING: "INPROGRESS", SUCCESS: "SUCCESSFUL"}
_USER: Final = "X-AUSERNAME"


class _Repository(msgspec.Struct):
    id: int = 0


class _Ref(msgspec.Struct):
    name: str = msgspec.field(name="displayId")
    sha: str = msgspec.field(name="latestCommit", default="")
    repository: _Repository | None = None


class _Pull(msgspec.Struct):
    id: int
    source: _Ref = msgspec.field(name="fromRef")
    target: _Ref = msgspec.field(name="toRef")
    state: str = "OPEN"


class _User(msgspec.Struct):
    name: str = ""


class _Comment(msgspec.Struct):
    id: int
    version: int = 0
    text: str = ""
    author: _User | None = None


class _Activity(msgspec.Struct):
    action: str = ""
    comment: _Comment | None = None


class _Page(msgspec.Struct):
    values: list[Any]
    is_last: bool = msgspec.field(name="isLastPage", default=True)
    next_start: int | None = msgspec.field(name="nextPageStart", default=None)


class BitbucketServer:
    """`project` and `name` are those of the repository."""

    dialect = Dialect(limit=MAX_COMMENT, folds=False)

    def __init__(self, client: Client, project: str, name: str, url: str) -> None:
        self._client = client
        self._repo = f"/rest/api/1.0/projects/{project}/repos/{name}"
        self._url = url

    async def pulls(self) -> list[Pull]:
        pages = self._pages(f"{self._repo}/pull-requests", state="OPEN")
        return [_read(msgspec.convert(item, _Pull)) async for item in pages]

    async def pull(self, number: int) -> Pull | None:
        found = await self._client.get(f"{self._repo}/pull-requests/{number}", _Pull)
        return _read(found) if found.state == "OPEN" else None

    async def comments(self, number: int) -> list[Comment]:
        path = f"{self._repo}/pull-requests/{number}"
        me = (await self._client.ask("GET", self._client.url(path, {}))).headers.get(_USER, "")
        found = [msgspec.convert(item, _Activity) async for item in self._pages(f"{path}/activities")]
        comments = [each.comment for each in found if each.action == "COMMENTED" and each.comment]
        return [
            Comment(
                id=f"{item.id}/{item.version}",
                body=item.text,
                is_ours=(item.author.name if item.author else "") == me if me else None,
            )
            for item in sorted(comments, key=lambda item: item.id)
        ]

    async def comment(self, number: int, body: str) -> None:
        await self._client.send("POST", f"{self._repo}/pull-requests/{number}/comments", {"text": body})

    async def rewrite(self, number: int, comment: Comment, body: str) -> None:
        place, _, version = comment.id.partition("/")
        path = f"{self._repo}/pull-requests/{number}/comments/{place}"
        await self._client.send("PUT", path, {"text": body, "version": int(version)})

    async def status(self, pull: Pull, status: Status) -> None:
        value = {
            "key": CONTEXT,
            "name": CONTEXT,
            "state": _STATES.get(status.state, "FAILED"),
            "description": status.words[:MOST_WORDS],
            "url": status.url or self._url,
        }
        await self._client.send("POST", f"/rest/build-status/1.0/commits/{pull.sha}", value)

    async def _pages(self, path: str, **query: str) -> AsyncIterator[Any]:
        start = 0
        for _ in range(MOST_PAGES):
            page = await self._client.get(path, _Page, limit="100", start=str(start), **query)
            for item in page.values:
                yield item
            if page.is_last:
                return
            if page.next_start is None or page.next_start <= start:
                raise HostError(f"{self._client.name} does not say where the next page is")
            start = page.next_start


def _read(found: _Pull) -> Pull:
    here, there = found.target.repository, found.source.repository
    is_fork = here is None or there is None or here.id != there.id
    return Pull(number=found.id, sha=found.source.sha, target=found.target.name, is_fork=is_fork)
