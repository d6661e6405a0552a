"""The connections that are kept, by whom they were made for.

Invariants: one connection serves one server, user, key, trust and proxy; a connection whose server is not
trusted any more, or whose key nobody has any more, carries no further command. A server that does not answer
is left alone for a while, and that while grows.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import time
from collections.abc import AsyncIterator, Iterable
from hashlib import sha256

import asyncssh
import msgspec
import structlog

from fairlead.git.errors import GitError, GitTransientError, plain
from fairlead.git.ssh.channel import Channel, Taker
from fairlead.git.ssh.dial import dial
from fairlead.git.ssh.handshake import shake_hands
from fairlead.git.ssh.keys import read_key
from fairlead.git.ssh.known_hosts import HostKey, KnownHosts
from fairlead.git.urls import SshTarget, ssh_target
from fairlead.matching.networks import Networks

log = structlog.get_logger(__name__)

CHANNELS = 8
"""Commands that run at once over one connection: servers of OpenSSH take ten."""
IDLE_SECONDS = 180.0
"""Seconds a connection is kept without a command: longer than from one poll to the next."""
MAX_KEPT = 256
"""Connections that are kept; beyond that the one idle longest goes."""
OPEN_SECONDS = 15.0
STALE_SECONDS = 5.0
"""Seconds a kept connection has to begin a command, before another is made: it may be dead."""
ATTEMPTS = 3
LEAVE_SECONDS = 10.0
"""Seconds a server has to close a command that was ended, before its connection is not used any more."""
CLOSE_SECONDS = 2.0
SWEEP_SECONDS = 20.0
FORGET_SECONDS = 60.0
"""Seconds after which a failure to connect is not counted any more."""
HOLDS = (0.5, 1.0, 2.0, 5.0)
"""Seconds for which a failure to connect is the answer to all, by how many there were in a row."""
_WINDOW = 2 << 20
"""Bytes of an answer that may be on their way to us."""


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a connection is: `secret` is the private key, of which only `mark` tells apart."""

    user: str
    host: str
    port: int
    mark: str
    insecure: bool
    proxy: str

    def __repr__(self) -> str:
        return f"Who({self.user}@{self.host}:{self.port})"


class Line:
    """One connection. `open` commands have a place on it, of which `running` have begun."""

    def __init__(self, connection: asyncssh.SSHClientConnection, shown: HostKey | None) -> None:
        self.connection = connection
        self.shown = shown
        self.open = 0
        self.running = 0
        self.used = 0
        self.idle_since = time.monotonic()
        self.is_retired = False

    def has_room(self, room: int) -> bool:
        """Whether it takes one more command, of so many at once."""
        return not self.is_retired and self.open < room and not self.connection.is_closed()

    def retire(self, *, at_once: bool = False) -> None:
        """No further command; it ends with the last that runs, or with all of them."""
        self.is_retired = True
        if at_once or not self.open:
            self.connection.abort()


class _Failure(msgspec.Struct, frozen=True):
    error: GitError
    until: float
    count: int


class Pool:
    """All connections of this process. `known` is what is trusted."""

    def __init__(self, networks: Networks, known: KnownHosts) -> None:
        self.known = known
        self._networks = networks
        self._lines: dict[Who, list[Line]] = {}
        self._gates: dict[Who, asyncio.Lock] = {}
        self._failures: dict[Who, _Failure] = {}
        self._rooms: dict[Who, int] = {}
        self._marks: frozenset[str] | None = None
        self._sweeping: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(len(lines) for lines in self._lines.values())

    @contextlib.asynccontextmanager
    async def run(
        self, url: str, command: str, taker: Taker, *, key: str, insecure: bool, proxy: str
    ) -> AsyncIterator[Channel]:
        """Run a command at the server of an address; it is to end when the context is left.

        Raises:
            GitError: it cannot be begun.
        """
        target = ssh_target(url)
        who = Who(
            user=target.user,
            host=target.host,
            port=target.port,
            mark=_mark(key),
            insecure=insecure,
            proxy=proxy,
        )
        try:
            line, channel = await self._begun(who, target, key, command, taker)
        except GitError as error:
            raise type(error)(f"{url}: {error}") from error
        line.running += 1
        try:
            yield channel
            channel.write_end()
        except BaseException:
            channel.close()
            raise
        finally:
            line.running -= 1
            self._leave(who, line, channel)

    def keep(self, keys: Iterable[str]) -> None:
        """These private keys there are; connections under others end with what they carry."""
        self._marks = frozenset(map(_mark, keys))
        for who, lines in self._lines.items():
            if not self._has_a_key(who):
                for line in lines:
                    line.retire()

    def look_again(self) -> None:
        """What is trusted is something else: connections to servers that are not trusted any more end now."""
        self._failures.clear()
        for who, lines in self._lines.items():
            for line in lines:
                if not self._is_trusted(who, line.shown):
                    line.retire(at_once=True)

    async def close(self) -> None:
        """End all connections."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        lines = [line for lines in self._lines.values() for line in lines]
        for line in lines:
            line.retire(at_once=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(*(line.connection.wait_closed() for line in lines))

    async def _begun(
        self, who: Who, target: SshTarget, key: str, command: str, taker: Taker
    ) -> tuple[Line, Channel]:
        for _ in range(ATTEMPTS):
            line = await self._line(who, target, key)
            is_fresh, line.used = not line.used, line.used + 1
            try:
                async with asyncio.timeout(OPEN_SECONDS if is_fresh else STALE_SECONDS):
                    channel = Channel(taker)
                    await line.connection.create_session(
                        lambda channel=channel: channel,  # type: ignore[misc]  # bound in this round
                        command,
                        env={"GIT_PROTOCOL": "version=2"},
                        encoding=None,
                        request_pty=False,
                        window=_WINDOW,
                    )
            except (asyncssh.Error, OSError, TimeoutError) as error:
                why = _why(error)
                self._doubt(who, line, error)
                self._release(who, line)
                if is_fresh and line.is_retired:
                    break
                log.debug("git.ssh.connection.left", server=who.host, reason=why)
            except BaseException:
                line.retire()  # nobody knows whether the server has begun
                self._release(who, line)
                raise
            else:
                return line, channel
        raise GitTransientError(f"the SSH server {who.host} does not begin a command: {why}")

    def _doubt(self, who: Who, line: Line, error: Exception) -> None:
        """A command could not be begun: the server takes fewer at once, or the connection is dead."""
        if isinstance(error, asyncssh.ChannelOpenError) and line.open > 1:
            self._rooms[who] = max(1, line.running)
        else:
            line.retire(at_once=line.open <= 1)

    async def _line(self, who: Who, target: SshTarget, key: str) -> Line:
        """A connection with room for one more command, which has its place."""
        async with self._gates.setdefault(who, asyncio.Lock()):
            lines = self._lines.setdefault(who, [])
            room = self._rooms.get(who, CHANNELS)
            line = next((line for line in lines if line.has_room(room)), None)
            if line is None:
                line = await self._connected(who, target, key)
                self._lines.setdefault(who, []).append(line)
                self._sweep_later()
            line.open += 1
            return line

    async def _connected(self, who: Who, target: SshTarget, key: str) -> Line:
        before = self._failures.get(who)
        if before is not None and time.monotonic() < before.until:
            raise copy.copy(before.error)
        try:
            line = await self._made(who, target, key)
        except GitError as error:
            count = before.count + 1 if before is not None else 0
            until = time.monotonic() + HOLDS[min(count, len(HOLDS) - 1)]
            self._failures[who] = _Failure(copy.copy(error), until, count)
            self._sweep_later()
            raise
        self._failures.pop(who, None)
        return line

    async def _made(self, who: Who, target: SshTarget, key: str) -> Line:
        read = await asyncio.to_thread(read_key, key) if key else None
        vouched = None if who.insecure else self.known.of(who.host, who.port)
        sock = await dial(target, self._networks, who.proxy)
        connection, shown = await shake_hands(target, sock, key=read, vouched=vouched)
        line = Line(connection, shown)
        if not self._is_trusted(who, shown):
            line.retire(at_once=True)
            raise GitTransientError("what is trusted has changed while the connection was made")
        return line

    def _is_trusted(self, who: Who, shown: HostKey | None) -> bool:
        """Certificates are judged by handshakes alone."""
        if who.insecure:
            return True
        vouched = self.known.of(who.host, who.port)
        return bool(vouched.authorities) if shown is None else vouched.accepts(shown)

    def _has_a_key(self, who: Who) -> bool:
        return self._marks is None or not who.mark or who.mark in self._marks

    def _leave(self, who: Who, line: Line, channel: Channel) -> None:
        """Give a place back once the server has closed the channel: until then the server counts it."""

        def late() -> None:
            line.retire()
            channel.when_over(lambda: None)
            channel.close()
            self._release(who, line)

        def over() -> None:
            timer.cancel()
            self._release(who, line)

        timer = asyncio.get_running_loop().call_later(LEAVE_SECONDS, late)
        channel.when_over(over)

    def _release(self, who: Who, line: Line) -> None:
        line.open -= 1
        line.idle_since = time.monotonic()
        if line.is_retired or not self._has_a_key(who):
            line.retire()

    def _sweep_later(self) -> None:
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Forget what has ended, end what is idle."""
        self._sweeping, now = None, time.monotonic()
        idle = [line for lines in self._lines.values() for line in lines if not line.open]
        idle.sort(key=lambda line: line.idle_since)
        surplus = max(0, len(self) - MAX_KEPT)
        for place, line in enumerate(idle):
            if place < surplus or now - line.idle_since > IDLE_SECONDS:
                line.retire()
        self._lines = {
            who: left
            for who, lines in self._lines.items()
            if (left := [line for line in lines if not line.connection.is_closed()])
        }
        self._failures = {who: f for who, f in self._failures.items() if now < f.until + FORGET_SECONDS}
        self._rooms = {who: room for who, room in self._rooms.items() if who in self._lines}
        self._gates = {who: gate for who, gate in self._gates.items() if who in self._lines or gate.locked()}
        if self._lines or self._failures:
            self._sweep_later()


def _mark(key: str) -> str:
    return sha256(key.encode()).hexdigest() if key else ""


def _why(error: Exception) -> str:
    return plain(str(error)) or f"no answer ({type(error).__name__})"
