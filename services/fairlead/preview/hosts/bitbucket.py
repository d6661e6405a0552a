"""Bitbucket Cloud (developer.atlassian.com, "Bitbucket Cloud REST API" 2.0), which tells twelve characters of
a commit and folds nothing in comments."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from fairlead.preview.hosts.client import MOST_PAGES, Client, HostError
from fairlead.preview.hosts.host import CONTEXT, MOST_WORDS, PENDING, SUCCESS, Comment, Pull, Status
from fairlead.previews.markdown import Dialect

MAX_COMMENT: Final = 30_000
_STATES: Final = {PENDING: "INPROGRESS", SUCCESS: "SUCCESSFUL"}


class _Named(msgspec.Struct):
    name: str = ""
    full_name: str = ""


class _Commit(msgspec.Struct):
    hash: str = ""


class _Side(msgspec.Struct):
    branch: _Named
    commit: _Commit | None = None
    repository: _Named | None = None


class _Href(msgspec.Struct):
    href: str = ""


class _Links(msgspec.Struct):
    html: _Href | None = None


class _Pull(msgspec.Struct):
    id: int
    source: _Side
    destination: _Side
    state: str = "OPEN"


class _Content(msgspec.Struct):
    raw: str = ""


class _User(msgspec.Struct):
    uuid: str = ""


class _Comment(msgspec.Struct):
    id: int
    content: _Content = msgspec.field(default_factory=_Content)
    user: _User | None = None
    deleted: bool = False


class _Page(msgspec.Struct):
    values: list[Any]
    next: str = ""


class Bitbucket:
    """`path` is workspace and name; `url` stands in a status that leads nowhere else, as it must lead
    somewhere."""

    dialect = Dialect(limit=MAX_COMMENT, folds=False)

    def __init__(self, client: Client, path: str, url: str) -> None:
        self._client = client
        self._repo = f"/repositories/{path}"
        self._url = url
        self._me: str | None = None

    async def pulls(self) -> list[Pull]:
        pages = self._pages(f"{self._repo}/pullrequests", state="OPEN", pagelen="50")
        return [_read(msgspec.convert(item, _Pull)) async for item in pages]

    async def pull(self, number: int) -> Pull | None:
        found = await self._client.get(f"{self._repo}/pullrequests/{number}", _Pull)
        return _read(found) if found.state == "OPEN" else None

    async def comments(self, number: int) -> list[Comment]:
        me = await self._who()
        pages = self._pages(f"{self._repo}/pullrequests/{number}/comments", pagelen="100")
        found = [msgspec.convert(item, _Comment) async for item in pages]
        return [
            Comment(
                id=str(item.id),
                body=item.content.raw,
                is_ours=(item.user.uuid if item.user else "") == me if me else None,
            )
            for item in found
            if not item.deleted
        ]

    async def comment(self, number: int, body: str) -> None:
        path = f"{self._repo}/pullrequests/{number}/comments"
        await self._client.send("POST", path, {"content": {"raw": body}})

    async def rewrite(self, number: int, comment: Comment, body: str) -> None:
        path = f"{self._repo}/pullrequests/{number}/comments/{comment.id}"
        await self._client.send("PUT", path, {"content": {"raw": body}})

    async def status(self, pull: Pull, status: Status) -> None:
        value = {
            "key": CONTEXT,
            "name": CONTEXT,
            "state": _STATES.get(status.state, "FAILED"),
            "description": status.words[:MOST_WORDS],
            "url": status.url or self._url,
        }
        await self._client.send("POST", f"{self._repo}/commit/{pull.sha}/statuses/build", value)

    async def _pages(self, path: str, **query: str) -> AsyncIterator[Any]:
        page = await self._client.get(path, _Page, **query)
        for _ in range(MOST_PAGES):
            for item in page.values:
                yield item
            if not page.next:
                return
            page = await self._client.get(page.next, _Page)

    async def _who(self) -> str:
        if self._me is None:
            try:
                self._me = (await self._client.get("/user", _User)).uuid
            except HostError as error:
                if error.status not in (401, 403, 404):
                    raise
                self._me = ""
        return self._me


def _read(found: _Pull) -> Pull:
    here, there = found.destination.repository, found.source.repository
    is_fork = here is None or there is None or here.full_name != there.full_name
    sha = found.source.commit.hash if found.source.commit else ""
    return Pull(number=found.id, sha=sha, target=found.destination.branch.name, is_fork=is_fork)
