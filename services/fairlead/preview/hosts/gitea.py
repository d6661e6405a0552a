"""Gitea and Forgejo (docs.gitea.com/api)."""

from __future__ import annotations

from typing import Final

import msgspec

from fairlead.preview.hosts.client import Client, HostError
from fairlead.preview.hosts.host import CONTEXT, MOST_WORDS, Comment, Pull, Status
from fairlead.previews.markdown import Dialect

MAX_COMMENT: Final = 65_000
_PAGE: Final = "50"


class _Ref(msgspec.Struct):
    ref: str
    sha: str
    repo_id: int = 0


class _Pull(msgspec.Struct):
    number: int
    head: _Ref
    base: _Ref
    state: str = "open"


class _User(msgspec.Struct):
    id: int = 0


class _Comment(msgspec.Struct):
    id: int
    body: str = ""
    user: _User | None = None


class Gitea:
    """`path` is owner and name."""

    dialect = Dialect(limit=MAX_COMMENT)

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._repo = f"/repos/{path}"
        self._me: int | None = None

    async def pulls(self) -> list[Pull]:
        pages = self._client.pages(f"{self._repo}/pulls", _Pull, state="open", limit=_PAGE)
        return [_read(item) async for item in pages]

    async def pull(self, number: int) -> Pull | None:
        found = await self._client.get(f"{self._repo}/pulls/{number}", _Pull)
        return _read(found) if found.state == "open" else None

    async def comments(self, number: int) -> list[Comment]:
        found = await self._client.get(f"{self._repo}/issues/{number}/comments", list[_Comment])
        me = await self._who()
        return [
            Comment(
                id=str(item.id),
                body=item.body,
                is_ours=(item.user.id if item.user else 0) == me if me else None,
            )
            for item in found
        ]

    async def comment(self, number: int, body: str) -> None:
        await self._client.send("POST", f"{self._repo}/issues/{number}/comments", {"body": body})

    async def rewrite(self, number: int, comment: Comment, body: str) -> None:
        del number
        await self._client.send("PATCH", f"{self._repo}/issues/comments/{comment.id}", {"body": body})

    async def status(self, pull: Pull, status: Status) -> None:
        value = {"state": status.state, "description": status.words[:MOST_WORDS], "context": CONTEXT}
        link = {"target_url": status.url} if status.url else {}
        await self._client.send("POST", f"{self._repo}/statuses/{pull.sha}", {**value, **link})

    async def _who(self) -> int:
        if self._me is None:
            try:
                self._me = (await self._client.get("/user", _User)).id
            except HostError as error:
                if error.status not in (401, 403, 404):
                    raise
                self._me = 0
        return self._me


def _read(found: _Pull) -> Pull:
    is_fork = not found.head.repo_id or found.head.repo_id != found.base.repo_id
    return Pull(number=found.number, sha=found.head.sha, target=found.base.ref, is_fork=is_fork)
