"""One host's API, as one who was shown there sees it.

Invariant: an answer is read whole and as its provider sends it, or it is a HostError; a host that wants to be
left alone is not asked, for those whom it told so and for nobody else.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, TypeVar, cast
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec

from fairlead.applicationset_controller.generating.hosts.errors import HostError, MissingError
from fairlead.applicationset_controller.generating.hosts.memory import Answered, Key, Memory
from fairlead.applicationset_controller.generating.hosts.silence import Silences
from fairlead.outbound import Anybody, Outbound, OutboundError
from fairlead.outbound.budgets import UNTOLD_WAIT, Budgets

DEADLINE: Final = 60.0
"""Seconds that one request may take."""
LIMIT: Final = 16 << 20
"""Bytes of one answer."""
MOST_SAID: Final = 200
"""Characters of a host's own words that are passed on."""
MOST_KEPT: Final = 4096
"""Bytes of a refusal that are looked at."""
_ALL: Final = frozenset({*range(200, 300), 304, *range(400, 600)})
_GONE: Final = frozenset({404, 410})
_LIMITED: Final = frozenset({403, 429})

T = TypeVar("T")
Pairs = Sequence[tuple[str, str]]
Onward = Callable[[Mapping[str, str]], str]
"""Where the next page is, out of an answer's headers; "" for nowhere."""


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """One request, for whoever counts."""

    method: str
    url: str
    status: int
    seconds: float
    headers: Mapping[str, str]


Observer = Callable[[Observed], None]


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What all doors of a process have in common."""

    outbound: Outbound
    budgets: Budgets
    memory: Memory
    silences: Silences = msgspec.field(default_factory=Silences)


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: `identity` tells visitors apart, `headers` hold what is shown beside `credential`."""

    identity: str
    credential: Anybody
    headers: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return "Visitor()"


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One answer, and the address of what follows it, "" for none."""

    value: T
    onward: str = ""


class Door:
    """`name` is the provider's, for words; `base` the address that paths are below."""

    def __init__(
        self, shared: Shared, name: str, base: str, visitor: Visitor, observer: Observer | None = None
    ) -> None:
        self.base = base
        self.host = urlsplit(base).hostname or ""
        self.name = name
        self._shared = shared
        self._visitor = visitor
        self._observer = observer

    async def get(
        self, path: str, kind: type[T], query: Pairs = (), *, onward: Onward | None = None
    ) -> Page[T]:
        """What is at a path, or at an address that an earlier page named.

        Raises:
            MissingError: nothing is there; 204 too, which is an answer without anything in it.
            HostError: whatever else kept it from being read whole.
        """
        url = self._url(path, query)
        key: Key = (self._visitor.identity, url, repr(kind))
        kept = self._shared.memory.get(key)
        told = {"If-None-Match": kept.etag} if kept is not None else {}
        status, body, headers = await self._asked("GET", url, told)
        if status == 304 and kept is not None:
            return Page(self._read(kept.content, kind, url), kept.onward)
        if status == 200:
            value = self._read(body, kind, url)
            page = Page(value, onward(headers) if onward is not None else "")
            self._keep(key, headers.get("ETag", ""), page)
            return page
        self._shared.memory.drop(key)
        raise self._refusal(url, status, body)

    async def require(self, path: str, query: Pairs = ()) -> None:
        """Ask for something of which nothing is needed but that it is there. Raises as `get` does."""
        await self.get(path, _ANYTHING, query)

    async def is_there(self, path: str, query: Pairs = ()) -> bool:
        """Whether a HEAD is answered. Raises HostError for anything but yes and 404."""
        url = self._url(path, query)
        status, body, _ = await self._asked("HEAD", url, {})
        if status == 200:
            return True
        if status in _GONE:
            return False
        raise self._refusal(url, status, body)

    async def _asked(
        self, method: str, url: str, told: Mapping[str, str]
    ) -> tuple[int, bytes, Mapping[str, str]]:
        wait = self._shared.budgets.waits(self._budget)
        if wait > 0:
            raise self._asked_too_often(wait)
        wait = self._shared.silences.admit(self.host)
        if wait > 0:
            raise HostError(
                f"{self.name}: {self.host} did not answer; it is asked again in {math.ceil(wait)} s"
            )
        started, status, headers, is_over = time.perf_counter(), 0, _NONE, False
        try:
            async with self._shared.outbound.request(
                method,
                url,
                credential=self._visitor.credential,
                headers={"Accept": "application/json", **self._visitor.headers, **told},
                accepts=_ALL,
                limit=LIMIT,
                deadline=DEADLINE,
                heed=False,
            ) as answer:
                status, headers = answer.status, answer.headers
                body = await answer.read() if method != "HEAD" else b""
        except OutboundError as error:
            is_over = True
            raise HostError(f"{self.name}: {error}", error.status) from error
        finally:
            seconds = time.perf_counter() - started
            waited = seconds if is_over else 0.0
            self._shared.silences.ended(self.host, waited, is_answered=status != 0)
            if self._observer is not None:
                self._observer(
                    Observed(method=method, url=url, status=status, seconds=seconds, headers=headers)
                )
        self._shared.budgets.heed(self._budget, status, headers)
        if status in _LIMITED and b"rate limit" in body[:MOST_KEPT].lower():
            self._hold()
        wait = self._shared.budgets.waits(self._budget)
        if status in _LIMITED and wait > 0:
            raise self._asked_too_often(wait)
        return status, body, headers

    @property
    def _budget(self) -> str:
        """Budgets are those of who asks: another token has its own."""
        return f"{self.host}\n{self._visitor.identity}"

    def _hold(self) -> None:
        """A limit whose end is not told, such as GitHub's second one."""
        if not self._shared.budgets.waits(self._budget):
            self._shared.budgets.hold(self._budget, UNTOLD_WAIT)

    def _asked_too_often(self, wait: float) -> HostError:
        return HostError(
            f"{self.name}: {self.host} has been asked too often and wants to be left alone; "
            f"it is asked again in {math.ceil(wait)} s",
            429,
        )

    def _url(self, path: str, query: Pairs) -> str:
        """An address of this very host: what a page names elsewhere is asked for here."""
        found = urljoin(self.base, path) if "://" in path else f"{self.base}{path}"
        before, after = urlsplit(self.base), urlsplit(found)
        url = after._replace(scheme=before.scheme, netloc=before.netloc, fragment="").geturl()
        return f"{url}?{urlencode(query)}" if query else url

    def _keep(self, key: Key, etag: str, page: Page[T]) -> None:
        if etag:
            self._shared.memory.put(key, Answered(etag, msgspec.json.encode(page.value), page.onward))
        else:
            self._shared.memory.drop(key)

    def _read(self, body: bytes, kind: type[T], url: str) -> T:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise HostError(f"{self.name}: {_place(url)} does not answer as {self.name} does", 200) from None

    def _refusal(self, url: str, status: int, body: bytes) -> HostError:
        said = _said(body)
        more = f": {said}" if said else ""
        if status in _GONE or status == 204:
            words = f"{self.name}: nothing is at {_place(url)}, or the token may not see it"
            return MissingError(f"{words} (status {status}){more}", status, body[:MOST_KEPT])
        if status in (401, 403):
            words = f"{self.name}: {_place(url)} refuses the token, or wants one"
        else:
            words = f"{self.name}: {_place(url)} failed"
        return HostError(f"{words} (status {status}){more}", status)


class _There(msgspec.Struct):
    """An object of which nothing is read."""


_ANYTHING: Final = cast(type[object], _There | list[_There])
_NONE: Final[Mapping[str, str]] = {}


def by_link(headers: Mapping[str, str]) -> str:
    """The address that a `Link` header names as the next one (RFC 8288)."""
    for part in headers.get("Link", "").split(","):
        target, _, parameters = part.strip().partition(">")
        names = [word.strip().replace('"', "") for word in parameters.split(";")]
        if target.startswith("<") and "rel=next" in names:
            return target[1:]
    return ""


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:500]


class _Refusal(msgspec.Struct):
    message: str | list[str] | dict[str, list[str]] | None = None
    error: str | dict[str, str] | None = None
    errors: list[dict[str, str | None]] | None = None


def _said(body: bytes) -> str:
    """A host's own words, as far as they are some: one line, not long."""
    try:
        found = msgspec.json.decode(body[:MOST_KEPT], type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    error = found.error.get("message") if isinstance(found.error, dict) else found.error
    first = (found.errors or [{}])[0].get("message") if found.errors else None
    text = found.message if isinstance(found.message, str) else None
    return "".join(each for each in (text or error or first or "") if each.isprintable())[:MOST_SAID]
