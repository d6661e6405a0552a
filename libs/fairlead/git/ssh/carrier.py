"""Git over SSH as the rest of the library sees it: refs that are listed, and a stream for a `git` process.

Invariant: who uses no repository over SSH pays nothing for it; what speaks SSH is a fifth of a repo-server's
start, and is imported with the first command.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from fairlead.git.advertised import Advertised
from fairlead.git.credentials import Credential
from fairlead.git.errors import GitError, GitInvalidError, GitTransientError
from fairlead.git.reach import as_git_errors
from fairlead.git.ssh.join import Join
from fairlead.git.ssh.known_hosts import KnownHosts
from fairlead.git.ssh.listing import Packets, list_refs
from fairlead.git.ssh.printed import Printed
from fairlead.git.ssh.refusals import refused
from fairlead.git.urls import ssh_target
from fairlead.matching.networks import Networks
from fairlead.outbound.proxies import Proxies, way_to

if TYPE_CHECKING:
    from fairlead.git.ssh.channel import Channel, Taker
    from fairlead.git.ssh.pool import Pool

COMMAND_SECONDS = 30.0
"""Seconds for a short command of a forge."""
LISTING_SECONDS = 90.0
"""Seconds that listing refs may take in all, however the server drips."""


class Ssh:
    """All that this process does over SSH. `close` ends it."""

    def __init__(self, networks: Networks, known: KnownHosts | None = None) -> None:
        self._networks = networks
        self._known = known or KnownHosts()
        self._keys: tuple[str, ...] | None = None
        self._pool: Pool | None = None

    def trust(self, text: str) -> bool:
        """These are the known hosts now, in the form of known_hosts; whether that is something else."""
        is_other = self._known.put(text)
        if is_other and self._pool is not None:
            self._pool.look_again()
        return is_other

    @property
    def unread(self) -> int:
        """Lines of the known hosts that mean nothing."""
        return self._known.unread

    def keep(self, keys: Iterable[str]) -> None:
        """Connections are kept for these private keys alone; before this is told, for all."""
        self._keys = tuple(keys)
        if self._pool is not None:
            self._pool.keep(self._keys)

    async def list_refs(self, url: str, credential: Credential, also: tuple[str, ...] = ()) -> Advertised:
        """The followed refs of a remote, and those named. Raises GitError."""
        packets = Packets()
        try:
            async with asyncio.timeout(LISTING_SECONDS), self._run(url, credential, packets) as channel:
                return await list_refs(url, channel, packets, also)
        except TimeoutError as error:
            raise GitTransientError(f"{url}: no end after {LISTING_SECONDS:g} s") from error

    async def printed(self, url: str, credential: Credential, program: str, *words: str) -> bytes:
        """What a program of the server says about a repository: `git-lfs-authenticate`, whose last word is
        what is to be done. `program` and `words` are ours, never anybody's. Raises GitError."""
        taken = Printed()
        try:
            async with (
                asyncio.timeout(COMMAND_SECONDS),
                self._run(url, credential, taken, program, *words) as channel,
            ):
                channel.write_end()
                await channel.ended.wait()
        except TimeoutError as error:
            raise GitTransientError(f"{url}: no end of {program} after {COMMAND_SECONDS:g} s") from error
        if channel.status is None:
            why = channel.complaint or "it broke off"
            raise GitTransientError(f"could not reach {url}: {program}: {why}")
        if channel.status or taken.is_cut:
            raise GitInvalidError(f"{url}: {program}: {channel.complaint or 'its answer is too long'}")
        return taken.data

    @contextlib.asynccontextmanager
    async def carried(self, url: str, credential: Credential, service: str) -> AsyncIterator[Carrier]:
        """A stream to a service of a remote, such as `git-upload-pack`, for one `git` process. Raises
        GitError."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            loop = asyncio.get_running_loop()
            transport, join = await loop.create_unix_connection(Join, sock=ours)
            try:
                async with self._run(url, credential, join, service) as channel:
                    with join.watched():
                        yield Carrier(url, theirs.fileno(), channel)
            finally:
                transport.abort()

    async def close(self) -> None:
        """End all connections."""
        if self._pool is not None:
            await self._pool.close()

    @contextlib.asynccontextmanager
    async def _run(
        self,
        url: str,
        credential: Credential,
        taker: Taker,
        program: str = "git-upload-pack",
        *words: str,
    ) -> AsyncIterator[Channel]:
        pool = await self._opened()
        async with pool.run(
            url,
            " ".join((program, _quoted(ssh_target(url).path), *words)),
            taker,
            key=credential.ssh_private_key,
            insecure=credential.insecure,
            proxy=_proxy(url, credential),
        ) as channel:
            yield channel

    async def _opened(self) -> Pool:
        """The connections, which the first command begins to keep."""
        if self._pool is None:
            kind = await asyncio.to_thread(_kind_of_pool)
            if self._pool is None:  # another command may have come first
                self._pool = kind(self._networks, self._known)
                if self._keys is not None:
                    self._pool.keep(self._keys)
        return self._pool


class Carrier:
    """How a git process comes to its stream: as a socket that it inherits, under the remote's address."""

    def __init__(self, url: str, descriptor: int, channel: Channel) -> None:
        self.descriptors = (descriptor,)
        self.settings = (
            ("protocol.fd.allow", "always"),
            (f"url.fd::{descriptor}.insteadOf", url),
        )
        self._url = url
        self._channel = channel

    def explained(self, error: GitError) -> GitError:
        """What is wrong, when git saw no more than a stream that ended."""
        said = self._channel.complaint
        is_blind = isinstance(error, GitTransientError) and str(error).startswith("could not reach")
        return refused(self._url, said) if is_blind and said else error


def _kind_of_pool() -> type[Pool]:
    """Imports what speaks SSH."""
    from fairlead.git.ssh.pool import Pool  # noqa: PLC0415 - not before somebody needs it

    return Pool


def _proxy(url: str, credential: Credential) -> str:
    """The repository's own proxy, unless its server is excepted; those of the process are for HTTP."""
    if not credential.proxy:
        return ""
    target = ssh_target(url)
    host = f"[{target.host}]" if ":" in target.host else target.host
    with as_git_errors(url):
        return way_to(f"ssh://{host}:{target.port}", credential.proxy, credential.no_proxy, Proxies()).proxy


def _quoted(path: str) -> str:
    """A path for the shell of a server, as git itself quotes it."""
    return "'" + path.replace("'", "'\\''").replace("!", "'\\!'") + "'"
