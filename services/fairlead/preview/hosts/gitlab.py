"""GitLab, version 4 of its API (docs.gitlab.com/api)."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import msgspec

from fairlead.preview.hosts.client import Client, HostError
from fairlead.preview.hosts.host import CONTEXT, ERROR, FAILURE, MOST_WORDS, Comment, Pull, Status
from fairlead.previews.markdown import Dialect

MAX_COMMENT: Final = 900_000
_PAGE: Final = "100"
_STATES: Final = {FAILURE: "failed", ERROR: "failed"}


class _Request(msgspec.Struct):
    iid: int
    target_branch: str
    sha: str | None = None
    source_project_id: int | None = None
    target_project_id: int | None = None
    state: str = "opened"


class _User(msgspec.Struct):
    id: int = 0


class _Note(msgspec.Struct):
    id: int
    body: str = ""
    author: _User | None = None
    system: bool = False


class Gitlab:
    """`path` is that of the project, with its groups."""

    dialect = Dialect(limit=MAX_COMMENT)

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._project = f"/projects/{quote(path, safe='')}"
        self._me: int | None = None

    async def pulls(self) -> list[Pull]:
        path = f"{self._project}/merge_requests"
        pages = self._client.pages(path, _Request, state="opened", per_page=_PAGE)
        return [_read(item) async for item in pages if item.sha]

    async def pull(self, number: int) -> Pull | None:
        found = await self._client.get(f"{self._project}/merge_requests/{number}", _Request)
        return _read(found) if found.state == "opened" and found.sha else None

    async def comments(self, number: int) -> list[Comment]:
        path = f"{self._project}/merge_requests/{number}/notes"
        pages = self._client.pages(path, _Note, per_page=_PAGE, sort="asc", order_by="created_at")
        me = await self._who()
        return [
            Comment(
                id=str(item.id),
                body=item.body,
                is_ours=(item.author.id if item.author else 0) == me if me else None,
            )
            async for item in pages
            if not item.system
        ]

    async def comment(self, number: int, body: str) -> None:
        await self._client.send("POST", f"{self._project}/merge_requests/{number}/notes", {"body": body})

    async def rewrite(self, number: int, comment: Comment, body: str) -> None:
        path = f"{self._project}/merge_requests/{number}/notes/{comment.id}"
        await self._client.send("PUT", path, {"body": body})

    async def status(self, pull: Pull, status: Status) -> None:
        state = _STATES.get(status.state, status.state)
        value = {"state": state, "description": status.words[:MOST_WORDS], "name": CONTEXT}
        link = {"target_url": status.url} if status.url else {}
        try:
            await self._client.send("POST", f"{self._project}/statuses/{pull.sha}", {**value, **link})
        except HostError as error:
            if "transition" not in str(error):  # it is so already
                raise

    async def _who(self) -> int:
        if self._me is None:
            try:
                self._me = (await self._client.get("/user", _User)).id
            except HostError as error:
                if error.status not in (401, 403, 404):
                    raise
                self._me = 0
        return self._me


def _read(found: _Request) -> Pull:
    is_fork = found.source_project_id is None or found.source_project_id != found.target_project_id
    return Pull(number=found.iid, sha=found.sha or "", target=found.target_branch, is_fork=is_fork)
