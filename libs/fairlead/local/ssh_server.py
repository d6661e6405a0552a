"""An SSH server on loopback that serves Git repositories, as a forge does: no shell, only Git's commands.

Why: demos and tests need repositories that are reached over SSH, and that fail on demand. Invariant: what
serves is git itself, and a path never leads out of the server's folder.
"""

import asyncio
import contextlib
import os
import shlex
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncssh

from fairlead.local.git_command import git_environment
from fairlead.local.git_server import NAME
from fairlead.local.ports import LOOPBACK, choose_port

USER = "git"
COMMANDS = frozenset({"git-upload-pack", "git-receive-pack"})
READ_BYTES = 64 * 1024
STOP_SECONDS = 5.0
SFTP_VERSION = 3
"""Of what is not served."""

Process = asyncssh.SSHServerProcess[bytes]


class SshServer:
    """Serves `<folder>/<name>.git` at `ssh://git@<host>:<port>/<name>.git` to whoever has an allowed key.

    `passes_protocol` is whether clients may ask for a version of Git's protocol, `sessions` how many commands
    one connection may run at once. `answer` stands in for git in tests. `connections` and `commands` count;
    `open` are the connections of this moment, with the commands that each runs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        key: asyncssh.SSHKey | None = None,
        certificate: asyncssh.SSHCertificate | None = None,
    ) -> None:
        self.folder = folder
        self.port = choose_port(port)
        self.host_key = key or asyncssh.generate_private_key("ssh-ed25519")
        self._certificate = certificate
        self.passes_protocol = True
        self.sessions = 10
        self.answer: Callable[[Process], Awaitable[None]] | None = None
        self.connections = 0
        self.commands: list[str] = []
        self._allowed: set[bytes] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self.open: dict[asyncssh.SSHServerConnection, int] = {}
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def known_hosts(self) -> str:
        """The line of known_hosts by which this server is known."""
        return f"[{LOOPBACK}]:{self.port} {_public(self.host_key)}\n"

    def repo_url(self, name: str) -> str:
        """What to clone, or to name in an Application."""
        return f"ssh://{USER}@{LOOPBACK}:{self.port}/{name}.git"

    def allow(self, key: asyncssh.SSHKey) -> None:
        """Let whoever has this private key read and push."""
        self._allowed.add(key.public_data)

    def forbid(self, key: asyncssh.SSHKey) -> None:
        """No longer let in who has this key; connections that there are stay."""
        self._allowed.discard(key.public_data)

    async def start(self) -> None:
        """Listen; the same port again after a `stop`."""
        self._acceptor = await asyncssh.create_server(
            lambda: _Login(self),
            LOOPBACK,
            self.port,
            server_host_keys=[(self.host_key, self._certificate) if self._certificate else self.host_key],
            encoding=None,
            config=None,
            allow_scp=False,
            agent_forwarding=False,
            x11_forwarding=False,
            reuse_address=True,
        )

    async def stop(self) -> None:
        """Refuse connections from now on and end those that there are."""
        if self._acceptor is not None:
            self._acceptor.close()
        self.hang_up()
        serving = tuple(self._serving)
        for task in serving:
            task.cancel()
        if serving:
            await asyncio.wait(serving, timeout=STOP_SECONDS)

    def hang_up(self) -> None:
        """End all connections."""
        for connection in tuple(self.open):
            connection.abort()

    def fall_silent(self) -> None:
        """Read nothing more of the connections that there are, and leave them open."""
        for connection in self.open:
            if connection._transport is not None:
                connection._transport.pause_reading()

    def begin(self, connection: asyncssh.SSHServerConnection) -> Process | None:
        """A command's process, or None when the connection runs as many as it may."""
        if self.open.get(connection, 0) >= self.sessions:
            return None
        self.open[connection] = self.open.get(connection, 0) + 1
        return Process(self._serve, None, SFTP_VERSION, False)

    async def _serve(self, process: Process) -> None:
        connection, task = process.channel.get_connection(), asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        self.commands.append(process.command or "")
        try:
            await (self.answer or self.serve_git)(process)
        except (OSError, asyncssh.Error) as error:
            with contextlib.suppress(OSError, asyncssh.Error):
                process.stderr.write(f"{error}\n".encode())
                process.exit(1)
        finally:
            if connection in self.open:
                self.open[connection] -= 1

    async def serve_git(self, process: Process) -> None:
        """Run the command that a client asks for."""
        words = shlex.split(process.command or "")
        name = words[1].strip("/").removesuffix(".git") if len(words) == 2 else ""
        if len(words) != 2 or words[0] not in COMMANDS or not NAME.fullmatch(name):
            process.stderr.write(b"fatal: this server runs nothing but git\n")
            process.exit(128)
            return
        version = process.env.get("GIT_PROTOCOL", "") if self.passes_protocol else ""
        child = await asyncio.create_subprocess_exec(
            *words[0].split("-", 1),
            self.folder / f"{name}.git",
            env=git_environment() | {"GIT_PROTOCOL": str(version)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=READ_BYTES,
            start_new_session=True,
        )
        try:
            await _relay(process, child)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # what it started holds its pipes
            await asyncio.gather(*(pipe.read() for pipe in (child.stdout, child.stderr) if pipe))
            await child.wait()  # which comes only after the last byte was taken


class _Login(asyncssh.SSHServer):
    """Lets in who has an allowed key, as one user."""

    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.connections += 1
        self._server.open[conn] = 0

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._server.open.pop(self._connection, None)

    def session_requested(self) -> Process | bool:
        begun = self._server.begin(self._connection) if self._connection is not None else None
        return False if begun is None else begun

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key.public_data in self._server._allowed


async def _relay(process: Process, child: asyncio.subprocess.Process) -> None:
    feeding = asyncio.create_task(_copy(process.stdin, child.stdin))
    try:
        await asyncio.gather(_copy(child.stdout, process.stdout), _copy(child.stderr, process.stderr))
        process.exit(await child.wait())
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)


async def _copy(source: Any, target: Any) -> None:
    """Bytes from one stream to another, until either ends."""
    with contextlib.suppress(OSError, asyncssh.Error):
        while data := await source.read(READ_BYTES):
            target.write(data)
            await target.drain()
    if isinstance(target, asyncio.StreamWriter):
        target.close()


def _public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


def write_key(path: Path) -> asyncssh.SSHKey:
    """Make a private key of a person or a deployment, readable by its owner alone."""
    key = asyncssh.generate_private_key("ssh-ed25519", comment="fairlead")
    path.touch(mode=0o600)
    path.write_bytes(key.export_private_key())
    return key
