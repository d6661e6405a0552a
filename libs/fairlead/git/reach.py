"""From a repository's address to the network addresses that git may connect to.

Invariant: what was checked is what is connected to: git is given the checked addresses and asks no name
server itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from fairlead.git.errors import AuthenticationError, GitInvalidError, GitTransientError, UrlRefusedError
from fairlead.git.urls import is_ssh, ssh_target
from fairlead.matching.networks import Networks
from fairlead.outbound import names
from fairlead.outbound.errors import (
    AddressRefusedError,
    AuthorizationError,
    OutboundError,
    OutboundTransientError,
)

__all__ = ["as_git_errors", "host_of", "pinned", "resolved"]
_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


def host_of(url: str) -> str:
    """The host of an address in lower case, "" for a file."""
    return ssh_target(url).host if is_ssh(url) else names.host_of(url)


@contextlib.contextmanager
def as_git_errors(url: str = "") -> Iterator[None]:
    """What goes wrong on the way, in the words of this library's errors, about `url`."""
    try:
        yield
    except OutboundError as error:
        text = f"{url}: {error}" if url else str(error)
        for kind, ours in _KINDS:
            if isinstance(error, kind):
                raise ours(text) from error
        raise


_KINDS: tuple[tuple[type[OutboundError], type[GitTransientError | GitInvalidError]], ...] = (
    (OutboundTransientError, GitTransientError),
    (AddressRefusedError, UrlRefusedError),
    (AuthorizationError, AuthenticationError),
    (OutboundError, GitInvalidError),
)


async def pinned(url: str, networks: Networks) -> list[tuple[str, str]]:
    """Git settings that hold the connections of one process to addresses that are allowed.

    Raises:
        UrlRefusedError: no address of the host may be used.
        GitTransientError: the host's name leads to no address at this moment.
    """
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme.lower(), 0)
    if not host or not port:
        return []
    with as_git_errors(url):
        allowed = await names.reachable(host, port, networks)
    pins = ",".join(f"[{address}]" if ":" in address else address for address in allowed)
    return [("http.curloptResolve", f"{host}:{port}:{pins}")]


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises GitTransientError when there are none at this moment."""
    with as_git_errors():
        return await names.resolved(host, port)
