"""From a host's name to the addresses that may be connected to.

Invariant: what was checked is what is connected to: a connection is opened to one of these addresses, and no
name server is asked again in between.
"""

from __future__ import annotations

import asyncio
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from aiohttp.abc import AbstractResolver, ResolveResult

from fairlead.matching.networks import Networks
from fairlead.outbound.errors import AddressRefusedError, OutboundTransientError

LOOK_UP_SECONDS = 15.0
LOOK_UPS_AT_ONCE = 64
"""Threads for name servers alone: one that does not answer holds up nothing else."""

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:.]*[0-9a-f:]", re.I | re.A)

_threads = ThreadPoolExecutor(max_workers=LOOK_UPS_AT_ONCE, thread_name_prefix="outbound-name")


def host_of(url: str) -> str:
    """The host of an address in lower case, "" for a file."""
    return urlsplit(url).hostname or ""


def is_host(host: str) -> bool:
    """Whether a host is written as name servers know it, or as an address.

    Of anything else, such as digits of another script, libraries make addresses that nobody has checked.
    """
    return _HOST.fullmatch(host) is not None


def shown(url: str) -> str:
    """An address as messages may have it: no user information, and no query, which may hold a signature."""
    try:
        parts = urlsplit(url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:500]
    except ValueError:
        return "an address that is misspelt"


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises OutboundTransientError when there are none at this moment."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await loop.run_in_executor(_threads, _look_up, host, port)
    except TimeoutError as error:
        text = f"could not resolve host {host}: no answer in {LOOK_UP_SECONDS:g} s"
        raise OutboundTransientError(text) from error
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise OutboundTransientError(f"could not resolve host {host}: {why}") from error
    return list(dict.fromkeys(found))


async def reachable(host: str, port: int, networks: Networks) -> list[str]:
    """The addresses of a host that may be connected to.

    Raises:
        AddressRefusedError: it has addresses, and none of them may be.
        OutboundTransientError: the host's name leads to no address at this moment.
    """
    found = await resolved(host, port)
    allowed = [address for address in found if networks.allow(address)]
    if not allowed:
        raise _refusal(host, found[0])
    return allowed


def check_literal(host: str, networks: Networks) -> None:
    """Raises AddressRefusedError for a host that is written as numbers, or is this very machine, and closed.

    For what is asked of a proxy, which looks up names by itself: ours may not even know them.
    """
    address = _literal(host)
    if address and not networks.allow(address):
        raise _refusal(host, address)


def _literal(host: str) -> str:
    """The address that a host is by itself, in whatever way systems know to write one; "" for a name."""
    if host == "localhost" or host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        ip_address(host)
    except ValueError:
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return ""
    return host


def _refusal(host: str, address: str) -> AddressRefusedError:
    return AddressRefusedError(
        f"{host} is at {address}, from where nothing is fetched; an operator may open a network "
        "with --git-networks-opened (--networks-opened where it is not the repo-server)"
    )


def _look_up(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]


class CheckedResolver(AbstractResolver):
    """Knows of a host only the addresses that may be connected to."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses; raises as `reachable` does."""
        del family
        return [_result(host, port, address) for address in await reachable(host, port, self._networks)]

    async def close(self) -> None:
        """There is nothing to end."""


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = int(socket.AI_NUMERICHOST | socket.AI_NUMERICSERV)
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)
