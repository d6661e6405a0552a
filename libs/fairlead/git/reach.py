"""From a repository's address to the network addresses that git may connect to.

Invariant: what was checked is what is connected to: git is given the checked addresses and asks no name
server itself.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from fairlead.git.errors import GitTransientError, UrlRefusedError
from fairlead.matching.networks import Networks

LOOK_UP_SECONDS = 15.0
LOOK_UPS_AT_ONCE = 16
"""Threads for name servers alone: one that does not answer holds up nothing else."""

_threads = ThreadPoolExecutor(max_workers=LOOK_UPS_AT_ONCE, thread_name_prefix="git-name")
_PORTS = {"http": 80, "https": 443}


def host_of(url: str) -> str:
    """The host of an address, "" for a file."""
    return urlsplit(url).hostname or ""


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
    found = await resolved(host, port)
    allowed = [address for address in found if networks.allow(address)]
    if not allowed:
        raise UrlRefusedError(
            f"{url}: {host} is at {found[0]}, from where nothing is fetched; an operator may open a network "
            "with --git-networks-opened"
        )
    pins = ",".join(f"[{address}]" if ":" in address else address for address in allowed)
    return [("http.curloptResolve", f"{host}:{port}:{pins}")]


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises GitTransientError when there are none at this moment."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await loop.run_in_executor(_threads, _look_up, host, port)
    except TimeoutError as error:
        raise GitTransientError(
            f"could not resolve host {host}: no answer in {LOOK_UP_SECONDS:g} s"
        ) from error
    except OSError as error:
        raise GitTransientError(f"could not resolve host {host}: {error.strerror or error}") from error
    return list(dict.fromkeys(found))


def _look_up(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]
