"""One host's API, with one token: bounded questions, and answers as JSON or an error in words.

Invariant: the token goes to the host that it is for and nowhere else, and is in no word that leaves here. A
host that wants to be left alone is not asked with that token.
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from fairlead.outbound import Anybody, Outbound, OutboundError
from fairlead.outbound.budgets import Budgets, wait_of

DEADLINE: Final = 30.0
LIMIT: Final = 24 << 20
"""Bytes of one answer: a page of a hundred comments, each as long as hosts take."""
MOST_PAGES: Final = 30
"""Pages of one listing; what comes behind them is not looked at."""
MOST_SAID: Final = 200
_ANY: Final = frozenset(range(200, 600))
_TOO_MANY: Final = 429
_PASSES: Final = frozenset({408, 425, _TOO_MANY})
_NEXT: Final = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next"?')

T = TypeVar("T")
Headers = Callable[[], Awaitable[Mapping[str, str]]]


class HostError(Exception):
    """A host did not do what it was asked. `status` is its answer's, 0 without one; `wait` are the seconds
    for which it wants to be left alone."""

    def __init__(self, words: str, status: int = 0, *, wait: float = 0.0) -> None:
        super().__init__(words)
        self.status = status
        self.wait = wait


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A body that was JSON, and its headers."""

    value: Any
    headers: Mapping[str, str]


class Client:
    """`base` is the address that paths are below; `headers` says who we are, whose `account` at the host
    counts in `budgets`."""

    def __init__(
        self,
        outbound: Outbound,
        name: str,
        base: str,
        headers: Headers,
        *,
        insecure: bool,
        budgets: Budgets | None = None,
        account: str = "",
    ) -> None:
        self.name = name
        self._budgets = budgets or Budgets()
        self._account = account
        self.base = base.rstrip("/")
        self._outbound = outbound
        self._headers = headers
        self._way = Anybody(insecure=insecure)

    async def get(self, path: str, kind: type[T], **query: str) -> T:
        """What is at a path. Raises HostError."""
        return self._read((await self.ask("GET", self.url(path, query))).value, kind)

    async def pages(self, path: str, kind: type[T], **query: str) -> AsyncIterator[T]:
        """The items of a listing that headers lead through. Raises HostError."""
        url = self.url(path, query)
        for _ in range(MOST_PAGES):
            answer = await self.ask("GET", url)
            for item in self._read(answer.value, list[Any]):
                yield self._read(item, kind)
            following = _NEXT.search(answer.headers.get("Link", ""))
            if following is None:
                return
            url = self._here(following[1])

    async def send(self, method: str, path: str, value: Mapping[str, Any]) -> Answer:
        """Make or change something. Raises HostError."""
        return await self.ask(method, self.url(path, {}), msgspec.json.encode(value))

    async def ask(self, method: str, url: str, body: bytes = b"") -> Answer:
        """The answer, if it is a good one. Raises HostError."""
        if (wait := self._budgets.waits(self._account)) > 0:
            words = f"{self.name} wants to be left alone; it is asked again in {math.ceil(wait)} s"
            raise HostError(words, _TOO_MANY, wait=wait)
        kind = {"Content-Type": "application/json"} if body else {}
        headers = {"Accept": "application/json", **kind, **await self._headers()}
        try:
            async with self._outbound.request(
                method,
                url,
                body=body,
                credential=self._way,
                headers=headers,
                accepts=_ANY,
                limit=LIMIT,
                deadline=DEADLINE,
                follow=False,
            ) as answer:
                read = await answer.read()
                status, told = answer.status, answer.headers
        except OutboundError as error:
            raise HostError(f"{self.name}: {error}", error.status) from None
        try:
            value = msgspec.json.decode(read) if read.strip() else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            value = None
        wait = wait_of(status, told) or 0.0
        if wait:
            self._budgets.hold(self._account, wait)
        if not 200 <= status < 300:
            place = urlsplit(url)
            said = _said(value)
            words = f"{self.name}: {method} {place.hostname}{place.path} was answered with status {status}"
            raise HostError(f"{words}{': ' + said if said else ''}", status, wait=wait)
        return Answer(value=value, headers=told)

    def url(self, path: str, query: Mapping[str, str]) -> str:
        """An address below the base."""
        url = self._here(path) if "://" in path else f"{self.base}{path}"
        return f"{url}?{urlencode(query)}" if query else url

    def _here(self, url: str) -> str:
        """What a page names elsewhere is asked for at this very host."""
        base = urlsplit(self.base)
        return urlsplit(url)._replace(scheme=base.scheme, netloc=base.netloc, fragment="").geturl()

    def _read(self, value: Any, kind: type[T]) -> T:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            raise HostError(f"{self.name} does not answer as {self.name} does") from None


def is_passing(error: HostError) -> bool:
    """Whether the same may be answered later."""
    return bool(error.wait) or error.status == 0 or error.status >= 500 or error.status in _PASSES


def _said(value: object, depth: int = 3) -> str:
    """A host's own words, one line, not long."""
    if isinstance(value, str):
        return "".join(each for each in value if each.isprintable())[:MOST_SAID]
    if isinstance(value, list) and value and depth:
        return _said(value[0], depth - 1)
    if isinstance(value, dict) and depth:
        found = (value.get(name) for name in ("message", "error", "errors", "error_description"))
        return next((words for each in found if (words := _said(each, depth - 1))), "")
    return ""
