"""GitHub (docs.github.com, "REST API", version 2022-11-28)."""

from __future__ import annotations

from typing import Final

import msgspec

from fairlead.preview.hosts.client import Client, HostError
from fairlead.preview.hosts.host import CONTEXT, MOST_WORDS, Comment, Pull, Status
from fairlead.previews.markdown import Dialect

MAX_COMMENT: Final = 65_536
_PAGE: Final = "100"


class _Repository(msgspec.Struct):
    full_name: str = ""


class _Ref(msgspec.Struct):
    ref: str
    sha: str
    repo: _Repository | None = None


class _Pull(msgspec.Struct):
    number: int
    head: _Ref
    base: _Ref
    state: str = "open"


class _User(msgspec.Struct):
    login: str = ""


class _App(msgspec.Struct):
    id: int = 0


class _Comment(msgspec.Struct):
    id: int
    body: str | None = None
    user: _User | None = None
    performed_via_github_app: _App | None = None


class Github:
    """`path` is owner and name; `app` is the id of the app that we are, 0 for none."""

    dialect = Dialect(limit=MAX_COMMENT)

    def __init__(self, client: Client, path: str, app: int = 0) -> None:
        self._client = client
        self._repo = f"/repos/{path}"
        self._app = app
        self._login: str | None = None

    async def pulls(self) -> list[Pull]:
        pages = self._client.pages(f"{self._repo}/pulls", _Pull, state="open", per_page=_PAGE)
        return [_read(item) async for item in pages]

    async def pull(self, number: int) -> Pull | None:
        found = await self._client.get(f"{self._repo}/pulls/{number}", _Pull)
        return _read(found) if found.state == "open" else None

    async def comments(self, number: int) -> list[Comment]:
        pages = self._client.pages(f"{self._repo}/issues/{number}/comments", _Comment, per_page=_PAGE)
        login = await self._who()
        return [
            Comment(id=str(item.id), body=item.body or "", is_ours=self._is_ours(item, login))
            async for item in pages
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

    def _is_ours(self, comment: _Comment, login: str) -> bool | None:
        if self._app:
            via = comment.performed_via_github_app
            return via is not None and via.id == self._app
        return (comment.user.login if comment.user else "") == login if login else None

    async def _who(self) -> str:
        """Our name, "" where it is not told; an app is known by its number."""
        if self._login is None and not self._app:
            try:
                self._login = (await self._client.get("/user", _User)).login
            except HostError as error:
                if error.status not in (401, 403, 404):
                    raise
                self._login = ""
        return self._login or ""


def _read(found: _Pull) -> Pull:
    here, there = found.base.repo, found.head.repo
    is_fork = there is None or here is None or there.full_name != here.full_name
    return Pull(number=found.number, sha=found.head.sha, target=found.base.ref, is_fork=is_fork)
