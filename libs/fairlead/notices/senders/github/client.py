"""Requests of GitHub's API with the token of the app's installation.

Invariant: a token that is refused is exchanged anew once, and only then is its refusal an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from fairlead.git.credentials import Credential, GithubApp
from fairlead.git.errors import GitError, GitTransientError
from fairlead.identities import github
from fairlead.identities.tokens import Tokens
from fairlead.notices.senders.asking import Asker, Reply, encoded, refusal
from fairlead.notices.senders.sender import DeliveryError

VERSION = "2022-11-28"
MOST_PAGES = 10
"""Pages of a hundred that are looked through for one thing."""
_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next"?')


class Client:
    """Asks about one repository at a time."""

    def __init__(self, asker: Asker, tokens: Tokens, app: GithubApp, *, insecure: bool) -> None:
        self._asker = asker
        self._tokens = tokens
        self._app = app
        self._api = app.base_url.rstrip("/") or github.API
        self._credential = Credential(insecure=insecure)

    async def get(self, repository: str, path: str, **query: str) -> Any:
        """What stands there."""
        return (await self._asked("GET", self._url(repository, path, query))).json()

    async def pages(self, repository: str, path: str, **query: str) -> list[Any]:
        """The items of a list, at most `MOST_PAGES` of its pages."""
        url, found = self._url(repository, path, {"per_page": "100", **query}), []
        for _ in range(MOST_PAGES):
            reply = await self._asked("GET", url)
            items = reply.json()
            found += items if isinstance(items, list) else []
            following = _NEXT.search(reply.headers.get("Link", ""))
            if following is None or not following[1].startswith(f"{self._api}/"):
                break
            url = following[1]
        return found

    async def post(self, repository: str, path: str, value: Mapping[str, Any]) -> Reply:
        """Make something."""
        return await self._asked("POST", self._url(repository, path, {}), value)

    async def patch(self, repository: str, path: str, value: Mapping[str, Any]) -> Reply:
        """Change something."""
        return await self._asked("PATCH", self._url(repository, path, {}), value)

    def _url(self, repository: str, path: str, query: Mapping[str, str]) -> str:
        url = f"{self._api}/repos/{quote(repository)}/{path}"
        return f"{url}?{urlencode(query)}" if query else url

    async def _asked(self, method: str, url: str, value: Mapping[str, Any] | None = None) -> Reply:
        body = encoded(value) if value is not None else b""
        for again in (True, False):
            reply = await self._asker.ask(method, url, body=body, headers=await self._headers(body))
            if reply.is_fine:
                return reply
            if reply.status == 401 and again:
                self._tokens.forget(self._app)
                continue
            raise _refused(reply)
        raise AssertionError("unreachable")

    async def _headers(self, body: bytes) -> dict[str, str]:
        token = await self._token()
        kind = {"Content-Type": "application/json"} if body else {}
        return {
            **kind,
            "Accept": github.ACCEPT,
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": VERSION,
        }

    async def _token(self) -> str:
        app, outbound = self._app, self._asker.outbound
        try:
            found = await self._tokens.of(
                (app, app.installation_id),
                lambda: github.token(outbound, app, self._credential, app.installation_id),
            )
        except GitError as error:
            words = str(error).replace("the repository's credentials", "appID, installationID and privateKey")
            raise DeliveryError(words, may_pass=isinstance(error, GitTransientError)) from None
        return found.value


def _refused(reply: Reply) -> DeliveryError:
    """GitHub says with 403 too that it was asked too often."""
    told = refusal(reply)
    is_spent = reply.headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in reply.headers
    if reply.status == 403 and is_spent:
        from_now = refusal(Reply(host=reply.host, status=429, headers=reply.headers, body=reply.body))
        return DeliveryError(told.words, may_pass=True, after=from_now.after)
    return told
