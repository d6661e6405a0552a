"""A server over SSH beside the one over HTTP, and what tests of it share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncssh
import msgspec
import pytest_asyncio

from fairlead.git import (
    Credential,
)
from fairlead.git.remote import Remote
from fairlead.git.ssh import KnownHosts, Ssh
from fairlead.local.ssh_server import Process, SshServer
from fairlead.matching.networks import Networks, parse_networks

if TYPE_CHECKING:
    from tests.integration.git.conftest import Bench

LOOPBACK = Networks(opened=parse_networks("127.0.0.0/8"))
"""Where the servers of tests are."""
KEY = asyncssh.generate_private_key("ssh-ed25519")
OTHER = asyncssh.generate_private_key("ssh-ed25519")
AWAITED = 60.0


def private(key: asyncssh.SSHKey, form: str = "openssh", **more: Any) -> str:
    return key.export_private_key(form, **more).decode()


OURS = Credential(ssh_private_key=private(KEY))


class Over(msgspec.Struct):
    """A server over SSH beside the one over HTTP, on the same repositories."""

    server: SshServer
    ssh: Ssh
    bench: Bench

    def to(self, credential: Credential = OURS, *, name: str = "repo", ssh: Ssh | None = None) -> Remote:
        program = msgspec.structs.replace(self.bench.program, ssh=ssh or self.ssh)
        return Remote(program=program, url=self.server.repo_url(name), credential=credential)


@pytest_asyncio.fixture(loop_scope="session")
async def over(bench: Bench) -> AsyncIterator[Over]:
    async with SshServer(bench.git.folder) as server:
        server.allow(KEY)
        ssh = Ssh(LOOPBACK, KnownHosts(server.known_hosts))
        yield Over(server, ssh, bench)
        await ssh.close()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(AWAITED):
        while not true():
            await asyncio.sleep(0.01)


def refusing(words: str) -> Callable[[Process], Awaitable[None]]:
    async def refuse(process: Process) -> None:
        process.stderr.write(words.encode())
        process.exit(1)

    return refuse
