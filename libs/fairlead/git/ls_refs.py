"""Asking a remote for its branches and tags over a connection that is kept: no process, no `refs/pull/*`.

It is a short cut and nothing more: whatever is not a plain answer in Git's protocol version 2 is left to git,
which then says what is wrong. Invariant: a connection goes to an address that was checked, as git's do.
"""

from __future__ import annotations

import asyncio
import re
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from fairlead.git.advertised import FOLLOWED, Advertised
from fairlead.git.credentials import Credential
from fairlead.git.errors import GitError, GitTransientError
from fairlead.git.reach import resolved
from fairlead.git.trust import Trust
from fairlead.matching.networks import Networks

SECONDS = 15.0
MAX_ANSWER = 64 << 20
"""Bytes that are read of an answer."""
IDLE_SECONDS = 60.0
"""Seconds an idle connection is kept: most servers close theirs about then."""
PER_HOST = 8

_QUESTION = ("command=ls-refs\n", "agent=fairlead\n")
_ARGUMENTS = ("symrefs\n", "ref-prefix HEAD\n", *(f"ref-prefix {prefix}\n" for prefix in FOLLOWED))
_HEADERS = {
    "Git-Protocol": "version=2",
    "Content-Type": "application/x-git-upload-pack-request",
    "Accept": "application/x-git-upload-pack-result",
    "User-Agent": "git/fairlead",
}
_LINE = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?) ([^ \n]+)(?: symref-target:([^ \n]+))?\n?")


class NotPlainError(Exception):
    """The answer is git's to understand."""


class LsRefs:
    """One pool of connections for all remotes; `close` ends them. `trust` says who vouches for hosts."""

    def __init__(self, networks: Networks, trust: Trust | None = None) -> None:
        self._networks = networks
        self._trust = trust
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, url: str, credential: Credential) -> Advertised:
        """The followed refs of a remote.

        Raises:
            NotPlainError: git should be asked instead.
            GitTransientError: the remote does not answer, and would not answer git.
        """
        if not _may_be_asked(url, self._networks):
            raise NotPlainError("not over HTTP, or not to that address")
        try:
            async with asyncio.timeout(SECONDS):
                return parse(await self._post(url, credential))
        except TimeoutError as error:
            raise GitTransientError(f"{url}: no end after {SECONDS:g} s") from error
        except (aiohttp.ClientError, GitError, OSError, ValueError) as error:
            raise NotPlainError(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: str, credential: Credential) -> bytes:
        header = credential.header()
        headers = {**_HEADERS, **({"Authorization": header} if header else {})}
        trusted = self._trust.context(url) if self._trust is not None else True
        async with self._opened().post(
            f"{url}/git-upload-pack",
            data=_question(),
            headers=headers,
            allow_redirects=False,
            ssl=False if credential.insecure else trusted,
        ) as response:
            if response.status != 200 or "git-upload-pack-result" not in response.content_type:
                raise NotPlainError(f"status {response.status}")
            body = bytearray()
            async for chunk in response.content.iter_chunked(1 << 17):
                body += chunk
                if len(body) > MAX_ANSWER:
                    raise NotPlainError("too long")
            return bytes(body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=_Resolver(self._networks),
                use_dns_cache=False,
                limit_per_host=PER_HOST,
                keepalive_timeout=IDLE_SECONDS,
            )
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


class _Resolver(AbstractResolver):
    """Knows of a host only the addresses that may be connected to."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        del family
        allowed = [address for address in await resolved(host, port) if self._networks.allow(address)]
        if not allowed:
            raise OSError(f"no address of {host} may be connected to")
        return [_result(host, port, address) for address in allowed]

    async def close(self) -> None:
        return None


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = int(socket.AI_NUMERICHOST | socket.AI_NUMERICSERV)
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


def _may_be_asked(url: str, networks: Networks) -> bool:
    """An address that is written as numbers is connected to without asking for its name."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.query:
        return False
    try:
        ip_address(parts.hostname or "")
    except ValueError:
        return True
    return networks.allow(parts.hostname or "")


def _question() -> bytes:
    return _lines(_QUESTION) + b"0001" + _lines(_ARGUMENTS) + b"0000"


def _lines(texts: tuple[str, ...]) -> bytes:
    return b"".join(f"{len(text) + 4:04x}{text}".encode() for text in texts)


def parse(body: bytes) -> Advertised:
    """Read an answer to `ls-refs`. Raises ValueError when it is none, or not whole."""
    refs: dict[str, str] = {}
    head, at = "", 0
    while True:
        size = int(body[at : at + 4], 16)
        if size == 0:
            if len(body) != at + 4:
                raise ValueError("more follows than refs")
            return Advertised(refs=refs, head=head)
        found = _LINE.fullmatch(body[at + 4 : at + size])
        if size < 4 or found is None or len(body) < at + size:
            raise ValueError("not a list of refs")
        oid, name = found[1].decode(), found[2].decode(errors="surrogateescape")
        if name == "HEAD":
            head = (found[3] or found[1]).decode(errors="surrogateescape")
        elif name.startswith(FOLLOWED):
            refs[name] = oid
        at += size
