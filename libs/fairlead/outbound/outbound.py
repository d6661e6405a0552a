"""Requests to hosts that somebody else named: checked, bounded, and with credentials for one host alone.

Invariant: every connection goes to an address that was checked, or to a proxy the operator chose; a redirect
is a new address, checked as the first was, and who we are is told to the host it was meant for only.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from typing import Protocol
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import aiohttp
import msgspec
from yarl import URL

from fairlead.matching.networks import Networks
from fairlead.outbound.answer import Answer
from fairlead.outbound.budgets import Budgets
from fairlead.outbound.contexts import Contexts, Shown
from fairlead.outbound.errors import (
    AddressRefusedError,
    OutboundError,
    OutboundTransientError,
    StatusError,
    TooSlowError,
    of_status,
)
from fairlead.outbound.names import check_literal, is_host, reachable, shown
from fairlead.outbound.proxies import Proxies, Way, way_to
from fairlead.outbound.sessions import Sessions
from fairlead.outbound.slots import Slots
from fairlead.outbound.trust import Trust

DEADLINE = 60.0
"""Seconds a request may take in all, redirects included, waiting for a place not."""
LIMIT = 16 << 20
"""Bytes that are read of an answer when nothing else is said."""
MOST_REDIRECTS = 10
"""As Go's programs follow."""
MAX_URL = 8192
"""Characters; redirects to object stores are signed and long."""
OK = frozenset({200})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}


class Met(Shown, Protocol):
    """What a request needs of a credential; `fairlead.git.credentials.Credential` is one."""

    @property
    def proxy(self) -> str:
        """The proxy's address, "" to leave it to the process."""

    @property
    def no_proxy(self) -> str:
        """What is reached without it."""

    def header(self) -> str:
        """The value of the Authorization header, "" for none."""


class Observer(Protocol):
    """Told of every request: the host, the answer's status (0 for none) and the seconds until then."""

    def __call__(self, host: str, status: int, seconds: float) -> None: ...


class Anybody(msgspec.Struct, frozen=True, kw_only=True):
    """No credential. With `header_value`, one that is nothing else. `authorities`, PEM, are believed beside
    the system's."""

    client_certificate: str = ""
    client_key: str = ""
    authorities: str = ""
    insecure: bool = False
    proxy: str = ""
    no_proxy: str = ""
    header_value: str = ""

    def __repr__(self) -> str:
        return "Anybody()"

    def header(self) -> str:
        """What was given."""
        return self.header_value


class _Hop(msgspec.Struct, frozen=True, kw_only=True):
    """One address on the way, and what is told there."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    credential: Met
    heed: bool

    def __repr__(self) -> str:
        return f"_Hop({self.method} {shown(self.url)})"


class Outbound:
    """The client of a process; `close` ends its connections.

    `slots` and `budgets` may be shared with others that ask the same hosts.
    """

    def __init__(
        self,
        networks: Networks,
        *,
        trust: Trust | None = None,
        proxies: Proxies | None = None,
        slots: Slots | None = None,
        budgets: Budgets | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.slots = slots or Slots()
        self.budgets = budgets or Budgets()
        self._networks = networks
        self._proxies = proxies or Proxies()
        self._contexts = Contexts(trust)
        self._sessions = Sessions(networks, self._contexts)
        self._observer = observer

    async def close(self) -> None:
        """End all connections."""
        await self._sessions.close()

    def get(
        self,
        url: str,
        *,
        credential: Met | None = None,
        limit: int = LIMIT,
        deadline: float = DEADLINE,
        headers: Mapping[str, str] | None = None,
        accepts: frozenset[int] = OK,
        pass_credentials: bool = False,
        decode: bool = True,
    ) -> contextlib.AbstractAsyncContextManager[Answer]:
        """`request` with GET."""
        return self.request(
            "GET",
            url,
            credential=credential,
            limit=limit,
            deadline=deadline,
            headers=headers,
            accepts=accepts,
            pass_credentials=pass_credentials,
            decode=decode,
        )

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to, for protocols that are not HTTP.

        Raises:
            AddressRefusedError: there is none.
            OutboundTransientError: the name leads nowhere at this moment.
        """
        if not is_host(host):
            raise AddressRefusedError("write the host as name servers know it, such as mail.example.com")
        check_literal(host, self._networks)
        return await reachable(host, port, self._networks)

    def tls(self, host: str, *, insecure: bool = False) -> ssl.SSLContext:
        """With which such a host is met. Raises OutboundInvalidError: its authorities cannot be read."""
        found = self._contexts.of(f"https://{host}/", Anybody(insecure=insecure))
        context = found if isinstance(found, ssl.SSLContext) else ssl.create_default_context()
        if found is False:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    @contextlib.asynccontextmanager
    async def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        credential: Met | None = None,
        limit: int = LIMIT,
        deadline: float = DEADLINE,
        headers: Mapping[str, str] | None = None,
        accepts: frozenset[int] = OK,
        pass_credentials: bool = False,
        decode: bool = True,
        follow: bool = True,
        heed: bool = True,
    ) -> AsyncIterator[Answer]:
        """Ask, and hold the answer while the block runs, `deadline` seconds at most.

        `headers` go to the first host alone, as `credential` does, unless `pass_credentials`. With `decode`
        the answer may come compressed and is read decompressed; without it is read as it is stored. A status
        that is not in `accepts` is an error, redirects are followed with `follow`. Without `heed` the host's
        budget is neither asked nor told: who asks keeps the host's wishes, which are for one account there.

        Raises:
            AddressRefusedError: it, or what it redirects to, may not be connected to.
            AuthorizationError, NotThereError, StatusError: the answer's status.
            OutboundTransientError: unreachable, late, or asked too often.
        """
        hop = _Hop(
            method=method,
            url=url,
            body=body,
            headers=headers or {},
            credential=credential or Anybody(),
            heed=heed,
        )
        left = deadline
        for _ in range(MOST_REDIRECTS + 1):
            started = time.monotonic()
            async with self._asked(hop, left, decode=decode, deadline=deadline) as response:
                place = response.headers.get("Location", "")
                if not (follow and response.status in _REDIRECTS and place):
                    if response.status not in accepts:
                        raise of_status(shown(hop.url), response.status)
                    yield Answer(response, shown(hop.url), limit=limit, decode=decode)
                    return
            left = max(0.0, left - (time.monotonic() - started))
            hop = _onward(hop, response.status, place, keep=pass_credentials)
        raise StatusError(f"{shown(url)} redirects more than {MOST_REDIRECTS} times")

    @contextlib.asynccontextmanager
    async def _asked(
        self, hop: _Hop, seconds: float, *, decode: bool, deadline: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        parts = _checked(hop.url)
        host = parts.hostname or ""
        if hop.heed:
            self.budgets.admit(host)
        async with self.slots.of(host):
            if hop.heed:
                self.budgets.admit(host)
            limit = asyncio.timeout(seconds)
            try:
                async with limit, contextlib.AsyncExitStack() as stack:
                    yield await self._answered(hop, parts, stack, decode=decode)
            except TimeoutError as error:
                if not limit.expired():
                    raise
                raise TooSlowError(f"{shown(hop.url)}: no end after {deadline:g} s") from error

    async def _answered(
        self, hop: _Hop, parts: SplitResult, stack: contextlib.AsyncExitStack, *, decode: bool
    ) -> aiohttp.ClientResponse:
        host, started, status = parts.hostname or "", time.perf_counter(), 0
        try:
            way = self._way(hop)
            session = await self._sessions.of(way)
            response = await stack.enter_async_context(
                session.request(
                    hop.method,
                    _exact(hop.url),
                    data=hop.body or None,
                    headers=_headers(hop, parts, decode=decode),
                    skip_auto_headers=("Content-Type",),
                    allow_redirects=False,
                    ssl=self._contexts.of(hop.url, hop.credential),
                    proxy=self._sessions.proxy_of(way),
                )
            )
            status = response.status
            if hop.heed:
                self.budgets.heed(host, status, response.headers)
        except OutboundError:
            raise
        except aiohttp.InvalidURL as error:
            raise AddressRefusedError(f"{shown(hop.url)} is no address that can be connected to") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unreachable(hop.url, error) from error
        finally:
            if self._observer is not None:
                self._observer(host, status, time.perf_counter() - started)
        return response

    def _way(self, hop: _Hop) -> Way:
        """The way to an address; one that is written as numbers is connected to without asking for its name,
        and so checked here."""
        way = way_to(hop.url, hop.credential.proxy, hop.credential.no_proxy, self._proxies)
        check_literal(urlsplit(hop.url).hostname or "", self._networks)
        if way.proxy and not way.is_ours:
            check_literal(urlsplit(way.proxy).hostname or "", self._networks)
        return way


def _checked(url: str) -> SplitResult:
    """Raises AddressRefusedError for what is no address of a page."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise AddressRefusedError("the address is misspelt") from None
    if parts.scheme.lower() not in _PORTS or not parts.hostname:
        raise AddressRefusedError(f"{shown(url)} is no address that begins with https:// or http://")
    if len(url) > MAX_URL or any(ord(character) < 32 or ord(character) == 127 for character in url):
        raise AddressRefusedError("the address is too long or has characters that no address has")
    if not is_host(parts.hostname):
        raise AddressRefusedError(
            f"{shown(url)}: write the host as name servers know it, such as git.example.com"
        )
    return parts


def _onward(hop: _Hop, status: int, place: str, *, keep: bool) -> _Hop:
    """Where a redirect leads, and what is told there.

    Raises:
        AddressRefusedError: from an encrypted address to one that is not.
    """
    url = urljoin(hop.url, place)
    before, after = _checked(hop.url), _checked(url)
    if before.scheme.lower() == "https" and after.scheme.lower() == "http":
        raise AddressRefusedError(f"{shown(hop.url)} redirects to {shown(url)}, which is not encrypted")
    url = after._replace(netloc=after.netloc.rpartition("@")[2], fragment="").geturl()
    is_asked_anew = status == 303 or (status in (301, 302) and hop.method == "POST")
    moved = msgspec.structs.replace(hop, url=url)
    if is_asked_anew:
        moved = msgspec.structs.replace(moved, method="GET", body=b"")
    if keep or _is_same(before, after):
        return moved
    credential = hop.credential
    stranger = Anybody(proxy=credential.proxy, no_proxy=credential.no_proxy)
    kept = {name: value for name, value in hop.headers.items() if name.lower() in _HARMLESS}
    return msgspec.structs.replace(moved, credential=stranger, headers=kept)


_HARMLESS = frozenset({"accept", "user-agent", "content-type", "range"})
"""Headers that another host may be told."""


def _is_same(before: SplitResult, after: SplitResult) -> bool:
    """Whether two addresses are of one server, or the second is the encrypted form of the first."""
    ports = [parts.port or _PORTS[parts.scheme.lower()] for parts in (before, after)]
    is_upgrade = (before.scheme.lower(), after.scheme.lower(), ports) == ("http", "https", [80, 443])
    is_alike = before.scheme.lower() == after.scheme.lower() and ports[0] == ports[1]
    return before.hostname == after.hostname and (is_alike or is_upgrade)


def _headers(hop: _Hop, parts: SplitResult, *, decode: bool) -> dict[str, str]:
    headers = {"User-Agent": "fairlead", "Accept-Encoding": "gzip" if decode else "identity", **hop.headers}
    told = hop.credential.header() or _of_address(parts)
    if told and not any(name.lower() == "authorization" for name in headers):
        headers["Authorization"] = told
    return headers


def _of_address(parts: SplitResult) -> str:
    """The header for a user and password that stand in an address."""
    if parts.username is None:
        return ""
    return aiohttp.encode_basic_auth(unquote(parts.username), unquote(parts.password or ""), "utf-8")


def _exact(url: str) -> URL:
    """Without user information; as it is written where that is an address, as signatures are over it."""
    parts = urlsplit(url)
    text = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    return URL(text, encoded=text.isascii() and " " not in text)


def _unreachable(url: str, error: Exception) -> OutboundTransientError:
    """A failure in words; of a library's own only those of the system and of TLS, which hold no address."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    is_certificate = isinstance(cause, ssl.SSLCertVerificationError)
    reason = getattr(cause, "verify_message", None) if is_certificate else getattr(cause, "reason", None)
    text = reason or getattr(cause, "strerror", None) or type(error).__name__
    kind = "its certificate is not accepted: " if is_certificate else ""
    return OutboundTransientError(f"could not reach {shown(url)}: {kind}{text}")
